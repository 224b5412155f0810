import SpanKit
import SpanKitGenAI
import SpanKitPlatform

/// Processes the messages of coaching sessions in thirteen steps, from loading the session to storing the result.
///
/// Each step is a child span of `conversation_processing_total`. Different sessions are processed concurrently; the messages of
/// one session are processed in order. Spans contain counts, lengths and phases, and no text of messages unless
/// ``Configuration/models`` asks for content.
public final class ConversationManager: Sendable {
    /// The settings of a manager.
    public struct Configuration: Sendable {
        /// The maximum length of a message in bytes of UTF-8. Longer messages are rejected.
        public var maximumMessageBytes = 1_048_576
        /// The number of messages of the history that are loaded.
        public var historyLimit = 20
        /// The maximum number of entries of the knowledge base that are suggested.
        public var suggestionLimit = 3
        /// The duration above which a call of the model is logged.
        public var modelWarnThreshold = Duration.seconds(2)
        /// The duration above which a message is reported to `onSlowMessage`.
        public var slowMessageThreshold = Duration.seconds(2)
        /// What spans record about calls of the model. By default they record no content.
        public var models = ModelTelemetry.Configuration()

        /// Creates the default settings.
        public init() {}
    }

    private let store: any SessionStore
    private let knowledge: any KnowledgeBase
    private let model: any LanguageModel
    private let profiler: PerformanceProfiler
    private let models: ModelTelemetry
    private let configuration: Configuration
    private let onSlowMessage: @Sendable (Duration) -> Void
    private let queue = SessionQueue()

    /// Creates a manager.
    /// - Parameters:
    ///   - metrics: Metrics that count the calls of the model, or nil for none.
    ///   - onSlowMessage: A function that is called after each slow message. By default, the profiler logs the five
    ///     operations with the longest total time.
    public init(
        store: any SessionStore,
        knowledge: any KnowledgeBase,
        model: any LanguageModel,
        profiler: PerformanceProfiler,
        metrics: GenAIMetrics? = nil,
        configuration: Configuration = Configuration(),
        onSlowMessage: (@Sendable (Duration) -> Void)? = nil
    ) {
        self.store = store
        self.knowledge = knowledge
        self.model = model
        self.profiler = profiler
        models = ModelTelemetry(profiler, metrics: metrics, configuration: configuration.models)
        self.configuration = configuration
        self.onSlowMessage = onSlowMessage ?? { _ in profiler.logTopOperations(5) }
    }

    /// Processes one message of a session.
    /// - Throws: ``ConversationError`` for a message that cannot be processed, or the error of the model or the store. The
    ///   stored session is then unchanged.
    public func processMessage(sessionId: String, userMessage: String) async throws -> ConversationResult {
        guard userMessage.contains(where: { !$0.isWhitespace }) else { throw ConversationError.emptyMessage }
        let bytes = userMessage.utf8.count
        guard bytes <= configuration.maximumMessageBytes else {
            throw ConversationError.messageTooLong(bytes: bytes, limit: configuration.maximumMessageBytes)
        }
        await queue.enter(sessionId)
        do {
            let result = try await Conversation.with(sessionId) { try await processInTurn(sessionId, userMessage) }
            await queue.leave(sessionId)
            return result
        } catch {
            await queue.leave(sessionId)
            throw error
        }
    }

    private func processInTurn(_ sessionId: String, _ userMessage: String) async throws -> ConversationResult {
        let clock = ContinuousClock()
        let start = clock.now
        // `onSlowMessage` reports slow messages, so the profiler does not have to.
        var result = try await profiler.profile("conversation_processing_total", warnThreshold: .seconds(3_600)) {
            span in
            let result = try await process(sessionId, userMessage)
            span.set("okr.phase", result.phase.rawValue)
            span.set("okr.findings", result.findings.count)
            span.set("okr.message.bytes", userMessage.utf8.count)
            return result
        }
        result.duration = clock.now - start
        if result.duration > configuration.slowMessageThreshold { onSlowMessage(result.duration) }
        return result
    }

    private func process(_ sessionId: String, _ userMessage: String) async throws -> ConversationResult {
        var session = try await profiler.profile("step_1_load_session") {
            guard let session = try await store.session(id: sessionId) else {
                throw ConversationError.unknownSession(id: sessionId)
            }
            return session
        }
        let history = try await profiler.profile("step_2_load_messages") { span in
            let messages = try await store.messages(sessionId: sessionId, limit: configuration.historyLimit)
            span.set("okr.messages", messages.count)
            return messages
        }
        let before = session
        var findings = profiler.profile("step_3_anti_pattern_detection") {
            AntiPatternDetector().findings(in: userMessage, source: .input, session: session)
        }
        let inputQuality = profiler.profile("step_4_quality_assessment") {
            QualityAssessor().assess(
                draft: OKRExtractor().extract(from: userMessage, into: session.draft),
                user: session.user,
                settled: session.checkpoints
            )
        }
        let altitude = profiler.profile("step_5_altitude_drift") {
            AltitudeDriftDetector().assess(
                userMessage,
                phase: session.phase,
                previous: history.filter { $0.role == .user }.map(\.text)
            )
        }
        var settled = profiler.profile("step_6_checkpoint_detection") {
            CheckpointDetector().newlySettled(
                text: userMessage,
                draft: OKRExtractor().extract(from: userMessage, into: session.draft),
                user: session.user,
                before: session.checkpoints
            )
        }
        let prompt = profiler.profile("step_7_prompt_engineering") {
            PromptBuilder().prompt(
                session: session,
                history: history,
                userMessage: userMessage,
                findings: findings,
                quality: inputQuality,
                altitude: altitude
            )
        }
        let (answer, timing) = try await callModel(prompt)
        let suggestions = try await profiler.profile("step_7_5_knowledge_suggestions") { span in
            let suggestions = try await knowledge.suggestions(
                for: userMessage,
                user: session.user,
                phase: session.phase,
                limit: configuration.suggestionLimit
            )
            span.set("okr.suggestions", suggestions.count)
            return suggestions
        }
        session.draft = profiler.profile("step_8_okr_extraction") {
            let extractor = OKRExtractor()
            let draft = extractor.extract(from: userMessage, into: session.draft)
            return extractor.extract(from: answer.text, source: .output, into: draft)
        }
        let reply = profiler.profile("step_9_response_building") {
            findings += AntiPatternDetector().findings(in: answer.text, source: .output, session: session)
            return ResponseBuilder().reply(modelText: answer.text, findings: findings, suggestions: suggestions)
        }
        let (decision, quality) = profiler.profile("step_10_phase_evaluation") {
            settled.formUnion(
                CheckpointDetector().newlySettled(
                    text: userMessage,
                    draft: session.draft,
                    user: session.user,
                    before: before.checkpoints
                )
            )
            if let old = before.draft.objective, old != session.draft.objective {
                session.checkpoints.remove(.agreement)
                settled.remove(.agreement)
            }
            session.checkpoints.formUnion(settled)
            let quality = QualityAssessor().assess(
                draft: session.draft,
                user: session.user,
                settled: session.checkpoints
            )
            let decision = PhaseEvaluator().evaluate(
                phase: before.phase,
                previousDraft: before.draft,
                draft: session.draft,
                checkpoints: session.checkpoints,
                quality: quality
            )
            return (decision, quality)
        }
        session.phase = decision.phase
        try await profiler.profile("step_11_state_persistence") {
            func message(_ role: Message.Role, _ text: String, _ phase: Phase, _ time: Int64) -> Message {
                Message(role: role, text: text, phase: phase, createdAtUnixNanoseconds: time)
            }
            let now = max(UnixTime.nanoseconds(), before.updatedAtUnixNanoseconds + 1)
            session.updatedAtUnixNanoseconds = now + 1
            try await store.persist(
                MessageOutcome(
                    session: session,
                    userMessage: message(.user, userMessage, before.phase, now),
                    assistantMessage: message(.assistant, reply, session.phase, now + 1),
                    findings: findings,
                    quality: quality
                )
            )
        }
        return ConversationResult(
            reply: reply,
            phaseBefore: before.phase,
            phase: decision.phase,
            phaseReason: decision.reason,
            findings: findings,
            quality: quality,
            altitude: altitude,
            newlySettled: settled,
            suggestions: suggestions,
            draft: session.draft,
            model: answer.model,
            usage: answer.usage,
            malformedChunkCount: answer.malformedChunkCount,
            timeToFirstChunk: timing.first,
            modelLatency: timing.whole,
            unscaledModelLatency: answer.unscaledLatency,
            duration: .zero
        )
    }

    /// Calls the model. The stream ends the call's span and sets its tokens, the time to the first chunk, and errors.
    private func callModel(_ prompt: Prompt) async throws -> (ModelReply, timing: (first: Duration?, whole: Duration)) {
        let clock = ContinuousClock()
        let start = clock.now
        let call = models.start(
            model.request(for: prompt),
            named: "step_7_claude_api_call",
            warnThreshold: configuration.modelWarnThreshold
        )
        call.setInput(
            system: [.text(prompt.system)],
            messages: prompt.messages.map { ModelMessage($0.role == .user ? .user : .assistant, $0.text) }
        )
        var answer = ModelReply(text: "", model: "", stopReason: "", usage: TokenUsage())
        let events = call.stream(model.stream(prompt), endIsMarked: true) { $1.observe($0) }
        for try await event in events {
            answer.add(event)
            // The next step of the loop ends the call.
            if case .end = event {
                call.setOutput([ModelMessage(.assistant, answer.text, finishReason: answer.stopReason)])
            }
        }
        // A cancelled stream ends without an error.
        try Task.checkCancellation()
        if let first = answer.firstMalformedChunk {
            let count = answer.malformedChunkCount
            profiler.logger(
                .warning,
                count == 1
                    ? "1 event of the model's answer was malformed and left out: \(first)"
                    : "\(count) events of the model's answer were malformed and left out, the first one: \(first)"
            )
        }
        return (answer, (call.chunks.first, clock.now - start))
    }
}

/// Processes the messages of each session one at a time, in order of arrival. Sessions do not wait for each other.
private actor SessionQueue {
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// Waits until no other message of the session is processed. The caller has to call ``leave(_:)`` once.
    func enter(_ sessionId: String) async {
        guard waiting[sessionId] != nil else {
            waiting[sessionId] = []
            return
        }
        await withCheckedContinuation { waiting[sessionId]?.append($0) }
    }

    /// Starts the next message of the session.
    func leave(_ sessionId: String) {
        guard var queue = waiting[sessionId], !queue.isEmpty else {
            waiting[sessionId] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[sessionId] = queue
        next.resume()
    }
}
