import SpanKit
import SpanKitGenAI
import SpanKitPlatform

/// The heart of the coaching server: takes a message through thirteen steps, from loading the session to storing the result.
///
/// Every step is a span below `conversation_processing_total`. Sessions are processed side by side, the messages of one session
/// one after another. What people write does not go into a span, only counts, lengths and phases do; unless
/// ``Configuration/models`` asks for content.
public final class ConversationManager: Sendable {
    /// How a manager behaves.
    public struct Configuration: Sendable {
        /// Longer messages are refused. 1 MiB of UTF-8 by default.
        public var maximumMessageBytes = 1_048_576
        /// How many messages of the history are loaded.
        public var historyLimit = 20
        /// How many pieces of advice are looked up.
        public var suggestionLimit = 3
        /// A model call that takes longer is logged.
        public var modelWarnThreshold = Duration.seconds(2)
        /// A message that takes longer is reported to `onSlowMessage`: the goal of the whole system.
        public var slowMessageThreshold = Duration.seconds(2)
        /// What spans record about calls of the model; by default no content.
        public var models = ModelTelemetry.Configuration()

        /// The defaults.
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
    ///   - metrics: where the calls of the model are counted; nowhere by default.
    ///   - onSlowMessage: called after a message that took more than two seconds; by default the profiler logs its
    ///     top five operations.
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
    /// - Throws: ``ConversationError`` for a message that cannot be processed, the model's or the store's error otherwise. In
    ///   each case the stored session is as it was before.
    public func processMessage(sessionId: String, userMessage: String) async throws -> ConversationResult {
        guard userMessage.contains(where: { !$0.isWhitespace }) else { throw ConversationError.emptyMessage }
        let bytes = userMessage.utf8.count
        guard bytes <= configuration.maximumMessageBytes else {
            throw ConversationError.messageTooLong(bytes: bytes, limit: configuration.maximumMessageBytes)
        }
        await queue.enter(sessionId)
        let result: Result<ConversationResult, any Error>
        do {
            result = .success(
                try await Conversation.with(sessionId) { try await processInTurn(sessionId, userMessage) }
            )
        } catch {
            result = .failure(error)
        }
        await queue.leave(sessionId)
        return try result.get()
    }

    private func processInTurn(_ sessionId: String, _ userMessage: String) async throws -> ConversationResult {
        let clock = ContinuousClock()
        let start = clock.now
        // The whole is slow exactly when `onSlowMessage` says so; one report is enough.
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
            evaluate(&session, &settled, before: before, userMessage: userMessage)
        }
        session.phase = decision.phase
        try await profiler.profile("step_11_state_persistence") {
            try await persist(&session, before, userMessage, reply, findings, quality)
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

    /// The span ends with the stream, which also gives it tokens, the time to the first chunk, and what went wrong.
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
            // Before the last step, which ends the call.
            if case .end = event {
                call.setOutput([ModelMessage(.assistant, answer.text, finishReason: answer.stopReason)])
            }
        }
        // A stream that was cancelled just ends.
        try Task.checkCancellation()
        warn(of: answer)
        return (answer, (call.chunks.first, clock.now - start))
    }

    /// One line for an answer with malformed pieces: it may lack text.
    private func warn(of answer: ModelReply) {
        guard let first = answer.firstMalformedChunk else { return }
        let count = answer.malformedChunkCount
        profiler.logger(
            .warning,
            count == 1
                ? "1 event of the model's answer was malformed and left out: \(first)"
                : "\(count) events of the model's answer were malformed and left out, the first one: \(first)"
        )
    }

    /// What the draft settles after the answer, its quality, and where that leads.
    private func evaluate(
        _ session: inout Session,
        _ settled: inout Set<Checkpoint>,
        before: Session,
        userMessage: String
    ) -> (PhaseEvaluator.Decision, QualityAssessment) {
        settled.formUnion(
            CheckpointDetector().newlySettled(
                text: userMessage,
                draft: session.draft,
                user: session.user,
                before: before.checkpoints
            )
        )
        session.checkpoints.formUnion(settled)
        if let old = before.draft.objective, old != session.draft.objective {
            session.checkpoints.remove(.agreement)
            settled.remove(.agreement)
        }
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

    private func persist(
        _ session: inout Session,
        _ before: Session,
        _ userMessage: String,
        _ reply: String,
        _ findings: [AntiPatternFinding],
        _ quality: QualityAssessment
    ) async throws {
        let now = max(UnixTime.nanoseconds(), before.updatedAtUnixNanoseconds + 1)
        session.updatedAtUnixNanoseconds = now + 1
        try await store.persist(
            MessageOutcome(
                session: session,
                userMessage: Message(
                    role: .user,
                    text: userMessage,
                    phase: before.phase,
                    createdAtUnixNanoseconds: now
                ),
                assistantMessage: Message(
                    role: .assistant,
                    text: reply,
                    phase: session.phase,
                    createdAtUnixNanoseconds: now + 1
                ),
                findings: findings,
                quality: quality
            )
        )
    }
}
