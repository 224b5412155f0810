import SpanKit
import SpanKitTestSupport
import Synchronization
import Testing

@testable import OKRCoach

@Suite("Processing a message")
struct ConversationManagerTests {
    private static let steps = [
        "step_1_load_session", "step_2_load_messages", "step_3_anti_pattern_detection", "step_4_quality_assessment",
        "step_5_altitude_drift", "step_6_checkpoint_detection", "step_7_prompt_engineering", "step_7_claude_api_call",
        "step_7_5_knowledge_suggestions", "step_8_okr_extraction", "step_9_response_building",
        "step_10_phase_evaluation", "step_11_state_persistence",
    ]

    private struct Broken: LanguageModel {
        struct Failure: Error {}
        let name = "broken"
        func complete(_ prompt: Prompt) async throws -> ModelReply { throw Failure() }
    }

    /// A model that waits until its task is cancelled.
    private final class Silent: LanguageModel {
        let name = "silent"
        let isAsked = Mutex(false)

        func complete(_ prompt: Prompt) async throws -> ModelReply {
            isAsked.withLock { $0 = true }
            while true { try await Task.sleep(for: .generous) }
        }
    }

    private func manager(
        _ store: MemoryStore,
        model: (any LanguageModel)? = nil,
        profiler: PerformanceProfiler = PerformanceProfiler(.off),
        configuration: ConversationManager.Configuration = .init(),
        onSlowMessage: (@Sendable (Duration) -> Void)? = nil
    ) throws -> ConversationManager {
        ConversationManager(
            store: store,
            knowledge: FixedKnowledge(),
            model: try model ?? OfflineModel(latencyScale: 0),
            profiler: profiler,
            configuration: configuration,
            onSlowMessage: onSlowMessage
        )
    }

    private func store(_ ids: String...) async throws -> MemoryStore {
        let store = MemoryStore()
        for id in ids { try await store.create(Session(id: id, user: UserContext(), createdAtUnixNanoseconds: 1)) }
        return store
    }

    @Test("Thirteen steps in order are children of one span, and no span contains text of the user")
    func spans() async throws {
        let profiler = PerformanceProfiler(.on, log: .silent)
        let manager = try manager(try await store("s"), profiler: profiler)
        _ = try await manager.processMessage(sessionId: "s", userMessage: "My secret word is Rumpelstiltskin")
        let spans = profiler.recordedSpans()
        let total = try #require(spans.first { $0.name == "conversation_processing_total" })
        #expect(spans.filter { $0.parentSpanID == total.context.spanID }.map(\.name) == Self.steps)
        #expect(spans.count == 14)
        #expect(!"\(spans)".contains("Rumpelstiltskin"))
        #expect(total["okr.phase"] == "discovery")
        #expect(spans.allSatisfy { $0["gen_ai.conversation.id"] == "s" }, "every span has the id of the conversation")
        #expect(Set(spans.map(\.context.traceID)).count == 1)
    }

    @Test("Both messages are stored, and the next prompt contains them")
    func history() async throws {
        let store = try await store("s")
        let manager = try manager(store)
        let first = try await manager.processMessage(sessionId: "s", userMessage: "Customers leave because it is slow.")
        #expect(first.phase == .exploration)
        let second = try await manager.processMessage(sessionId: "s", userMessage: "Yes, exactly.")
        #expect(second.phase == .refinement)
        #expect(second.draft.objective != nil)
        let messages = try await store.messages(sessionId: "s", limit: 10)
        #expect(messages.map(\.role) == [.user, .assistant, .user, .assistant])
        #expect(messages.map(\.createdAtUnixNanoseconds) == messages.map(\.createdAtUnixNanoseconds).sorted())
        #expect(messages[1].text == first.reply)
    }

    @Test("A failing model leaves the session unchanged, and its error is thrown")
    func modelFailure() async throws {
        let store = try await store("s")
        let manager = try manager(store, model: Broken())
        let before = try await store.session(id: "s")
        await #expect(throws: Broken.Failure.self) {
            try await manager.processMessage(sessionId: "s", userMessage: "Objective: Something new")
        }
        #expect(try await store.session(id: "s") == before)
        #expect(try await store.messages(sessionId: "s", limit: 10).isEmpty)
        await #expect(throws: Broken.Failure.self) {
            try await manager.processMessage(sessionId: "s", userMessage: "still usable")
        }
    }

    @Test("Unusable messages are rejected with a reason")
    func badInput() async throws {
        let store = try await store("s")
        let manager = try manager(store)
        for empty in ["", "   ", "\n\t"] {
            await #expect(throws: ConversationError.emptyMessage) {
                try await manager.processMessage(sessionId: "s", userMessage: empty)
            }
        }
        await #expect(throws: ConversationError.unknownSession(id: "x")) {
            try await manager.processMessage(sessionId: "x", userMessage: "hello")
        }
        await #expect(throws: ConversationError.messageTooLong(bytes: 1_048_577, limit: 1_048_576)) {
            try await manager.processMessage(sessionId: "s", userMessage: String(repeating: "a", count: 1_048_577))
        }
    }

    @Test("A message of 1 MiB is processed", .generousTimeLimit)
    func megabyte() async throws {
        let manager = try manager(try await store("s"))
        let text = String(repeating: "We want to launch better things. ", count: 1_048_576 / 33)
        let result = try await manager.processMessage(sessionId: "s", userMessage: text)
        #expect(!result.findings.isEmpty)
    }

    @Test(
        "Messages of a session are processed in order, and sessions do not mix",
        .generousTimeLimit
    )
    func concurrency() async throws {
        let store = try await store("a", "b")
        let manager = try manager(store, model: try OfflineModel(latencyScale: 0.001))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                for id in ["a", "b"] {
                    group.addTask {
                        _ = try await manager.processMessage(sessionId: id, userMessage: "\(id) \(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        for id in ["a", "b"] {
            let messages = try await store.messages(sessionId: id, limit: 100)
            #expect(messages.count == 40)
            #expect(messages.enumerated().allSatisfy { $0.element.role == ($0.offset % 2 == 0 ? .user : .assistant) })
            #expect(messages.filter { $0.role == .user }.allSatisfy { $0.text.hasPrefix(id) })
        }
    }

    @Test("A slow message is reported once, and a fast one is not reported")
    func slowMessages() async throws {
        let reports = Mutex(0)
        var configuration = ConversationManager.Configuration()
        configuration.slowMessageThreshold = .zero
        let store = try await store("s")
        let slow = try manager(store, configuration: configuration) { _ in reports.withLock { $0 += 1 } }
        _ = try await slow.processMessage(sessionId: "s", userMessage: "hello")
        #expect(reports.withLock { $0 } == 1)
        // An hour, which no message takes even on a busy machine.
        configuration.slowMessageThreshold = .seconds(3_600)
        let fast = try manager(store, configuration: configuration) { _ in reports.withLock { $0 += 1 } }
        _ = try await fast.processMessage(sessionId: "s", userMessage: "hello")
        #expect(reports.withLock { $0 } == 1)
    }

    @Test("A cancelled message is not stored")
    func cancellation() async throws {
        let store = try await store("s")
        let model = Silent()
        let manager = try manager(store, model: model)
        let task = Task { try await manager.processMessage(sessionId: "s", userMessage: "hello") }
        try await eventually("the model is asked", model.isAsked.withLock { $0 }) { $0 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.messages(sessionId: "s", limit: 1).isEmpty)
    }

    @Test("A prompt keeps to its budget, alternates roles and ends with the user")
    func prompt() {
        var builder = PromptBuilder()
        builder.historyTokenBudget = 10
        let history = (0..<9).map { number in
            Message(
                role: number % 3 == 0 ? .user : .assistant,
                text: "message \(number)",
                phase: .discovery,
                createdAtUnixNanoseconds: Int64(number)
            )
        }
        let turns = builder.turns(history, "now")
        #expect(turns.last == Prompt.Turn(role: .user, text: "now"))
        #expect(turns.first?.role == .user)
        #expect(zip(turns, turns.dropFirst()).allSatisfy { $0.role != $1.role })
        #expect(turns.reduce(0) { $0 + $1.text.utf8.count } < 60)
        builder.historyTokenBudget = 0
        #expect(builder.turns(history, "now") == [Prompt.Turn(role: .user, text: "now")])
    }
}
