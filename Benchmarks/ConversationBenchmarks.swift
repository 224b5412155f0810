import OKRCoach
import Percentiles
import Recording

/// What profiling costs a whole conversation, with a model that answers at once.
enum ConversationBenchmarks {
    static func rows() async throws -> [BenchmarkRow] {
        let database = try CoachDatabase.inMemory()
        defer { try? database.close() }
        var quiet = RecordingConfiguration()
        quiet.tracksMemory = true
        let on = try manager(database, PerformanceProfiler(.on, log: .silent))
        let withMemory = try manager(database, PerformanceProfiler(.on, recording: quiet, log: .silent))
        let off = try manager(database, PerformanceProfiler(.off))
        var fastest = [[Duration]](repeating: [], count: 3)
        // In turn, message by message the fastest of many: what is left is the work itself.
        for repetition in 0..<150 {
            for (place, manager) in [off, on, withMemory].enumerated() {
                let times = try await conversation(manager, database, "\(repetition)-\(place)")
                fastest[place] = fastest[place].isEmpty ? times : zip(fastest[place], times).map { min($0, $1) }
            }
        }
        let perMessage = fastest.map { $0.reduce(.zero, +) / .seconds($0.count) }
        return [
            row("a conversation, profiling on / off", 1.01, perMessage[1], perMessage[0]),
            row("the same with memory tracking on / off", nil, perMessage[2], perMessage[0]),
        ]
    }

    private static func row(_ name: String, _ bar: Double?, _ measured: Double, _ reference: Double) -> BenchmarkRow {
        BenchmarkRow(name: name, measuredSeconds: measured, referenceSeconds: reference, bar: bar)
    }

    private static func manager(
        _ database: CoachDatabase,
        _ profiler: PerformanceProfiler
    ) throws -> ConversationManager {
        ConversationManager(
            store: SQLiteSessionStore(database),
            knowledge: SQLiteKnowledgeBase(database),
            model: try OfflineModel(latencyScale: 0),
            profiler: profiler
        )
    }

    private static func conversation(
        _ manager: ConversationManager,
        _ database: CoachDatabase,
        _ id: String
    ) async throws -> [Duration] {
        let scenario = Scenario.all[3]
        try await SQLiteSessionStore(database).create(scenario.session(id: id, atUnixNanoseconds: 1))
        let clock = ContinuousClock()
        var times: [Duration] = []
        for step in scenario.steps {
            let start = clock.now
            _ = try await manager.processMessage(sessionId: id, userMessage: step.message)
            times.append(clock.now - start)
        }
        return times
    }
}
