import OKRCoach
import SpanKitPercentiles
import SpanKitRecording

/// The cost of profiling a conversation with a model that answers immediately.
enum ConversationBenchmarks {
    static func rows() async throws -> [BenchmarkRow] {
        var tracking = RecordingConfiguration()
        tracking.tracksMemory = true
        let profilers = [
            PerformanceProfiler(.off),
            PerformanceProfiler(.on, log: .silent),
            PerformanceProfiler(.on, recording: tracking, log: .silent),
        ]
        // The profilers take turns message by message, and each is first equally often. The fastest time of each message counts,
        // because single times vary: a message runs on several threads.
        var fastest = profilers.map { _ in [Double]() }
        for repetition in 0..<150 {
            var conversations: [Conversation] = []
            for profiler in profilers { conversations.append(try await Conversation(profiler)) }
            for step in conversations[0].scenario.messages.indices {
                for turn in profilers.indices {
                    let place = (repetition + turn) % profilers.count
                    let seconds = try await conversations[place].seconds(ofStep: step)
                    if repetition == 0 { fastest[place].append(seconds) }
                    fastest[place][step] = min(fastest[place][step], seconds)
                }
            }
            for conversation in conversations { try conversation.database.close() }
        }
        let times = fastest.map { $0.reduce(0, +) / Double($0.count) }
        return [
            row("conversation with profiling / without", 1.01, times[1], times[0]),
            row("conversation with memory tracking / without profiling", nil, times[2], times[0]),
        ]
    }

    private static func row(_ name: String, _ bar: Double?, _ measured: Double, _ reference: Double) -> BenchmarkRow {
        BenchmarkRow(
            name: name,
            measuredSeconds: measured,
            referenceSeconds: reference,
            bar: bar,
            reason: "the model answers at once; with a model that takes 2 s, profiling adds 0.002 %"
        )
    }

    /// The refinement scenario with its own database.
    private struct Conversation {
        let database: CoachDatabase
        let manager: ConversationManager
        let scenario: Scenario

        init(_ profiler: PerformanceProfiler) async throws {
            database = try CoachDatabase.inMemory()
            let store = SQLiteSessionStore(database)
            manager = ConversationManager(
                store: store,
                knowledge: SQLiteKnowledgeBase(database),
                model: try OfflineModel(latencyScale: 0),
                profiler: profiler
            )
            scenario = try Scenario.named("refinement")
            try await store.create(scenario.session(id: "s", atUnixNanoseconds: 1))
        }

        func seconds(ofStep step: Int) async throws -> Double {
            let clock = ContinuousClock()
            let start = clock.now
            _ = try await manager.processMessage(sessionId: "s", userMessage: scenario.messages[step])
            return (clock.now - start) / .seconds(1)
        }
    }
}
