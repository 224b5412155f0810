import OKRCoach
import Percentiles
import Recording

/// What profiling costs a whole conversation, with a model that answers at once.
enum ConversationBenchmarks {
    static func rows() async throws -> [BenchmarkRow] {
        var tracking = RecordingConfiguration()
        tracking.tracksMemory = true
        let profilers = [
            PerformanceProfiler(.off),
            PerformanceProfiler(.on, log: .silent),
            PerformanceProfiler(.on, recording: tracking, log: .silent),
        ]
        // In turn, each first as often as the others. A conversation crosses threads, so single times scatter; the median of
        // what was measured side by side does not.
        var times: [[Double]] = []
        for repetition in 0..<150 {
            var round = [Double](repeating: 0, count: profilers.count)
            for turn in profilers.indices {
                let place = (repetition + turn) % profilers.count
                round[place] = try await conversation(profilers[place])
            }
            times.append(round)
        }
        let reference = median(times.map { $0[0] })
        return [
            row("a conversation, profiling on / off", 1.01, reference * median(times.map { $0[1] / $0[0] }), reference),
            row(
                "the same with memory tracking on / off",
                nil,
                reference * median(times.map { $0[2] / $0[0] }),
                reference
            ),
        ]
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func row(_ name: String, _ bar: Double?, _ measured: Double, _ reference: Double) -> BenchmarkRow {
        BenchmarkRow(name: name, measuredSeconds: measured, referenceSeconds: reference, bar: bar)
    }

    /// Seconds a message of the refinement scenario takes, on a database of its own, so that all meet the same one.
    private static func conversation(_ profiler: PerformanceProfiler) async throws -> Double {
        let database = try CoachDatabase.inMemory()
        defer { try? database.close() }
        let store = SQLiteSessionStore(database)
        let manager = ConversationManager(
            store: store,
            knowledge: SQLiteKnowledgeBase(database),
            model: try OfflineModel(latencyScale: 0),
            profiler: profiler
        )
        let scenario = try Scenario.named("refinement")
        try await store.create(scenario.session(id: "s", atUnixNanoseconds: 1))
        let clock = ContinuousClock()
        let start = clock.now
        for step in scenario.steps {
            _ = try await manager.processMessage(sessionId: "s", userMessage: step.message)
        }
        return (clock.now - start) / .seconds(scenario.steps.count)
    }
}
