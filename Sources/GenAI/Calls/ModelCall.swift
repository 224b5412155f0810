import SpanKit
import SpanKitPlatform

/// A model call in progress, with its span and what is known about the response so far.
///
/// A call ends when ``end()`` or ``fail(_:includingMessage:)`` is called, when its stream ends, or when its last
/// reference is released. In the last case, `error.type` is `abandoned`. A call that has ended cannot end again. All
/// methods can be called from any thread or task.
public final class ModelCall: Sendable {
    /// The call's span, to set more attributes. To run code in it, use ``withSpan(isolation:_:)``.
    public let span: SpanHandle
    /// The request.
    public let request: ModelRequest
    private let telemetry: ModelTelemetry
    /// The kind of the span, on which its attributes and metrics depend.
    let type: SpanType
    /// Counts the calls of an agent or a workflow in this process; nil for all other calls.
    let agent: AgentScope?
    /// The name of the agent that runs the tool.
    private let callingAgent: String?
    private let start = ContinuousClock.now
    private let warnThreshold: Duration?
    private let state = Locked(State())

    private struct State {
        var response = ModelResponse()
        var chunks = ChunkTiming()
        var content = CallContent()
        /// Times between chunks that are not in the metrics yet.
        var gaps: [Duration] = []
        var hasEnded = false

        /// The reasons why the choices of a call ended that failed: `error` for each choice whose reason did not arrive. There are none if
        /// the call failed before its response began, because then there are no choices.
        func reasonsOfFailedCall(_ choiceCount: Int?) -> [String] {
            guard chunks.count > 0 || response != ModelResponse() else { return [] }
            let missing = max(0, min(choiceCount ?? 1, 128) - response.finishReasons.count)
            return response.finishReasons + Array(repeating: ErrorType.finishReason, count: missing)
        }
    }

    /// How a call ended.
    enum Outcome {
        case complete
        /// The value of `error.type`, and the error if there is one.
        case failed(String, (any Error)?, includingMessage: Bool)
    }

    init(
        _ request: ModelRequest,
        telemetry: ModelTelemetry,
        name: String,
        parent: SpanParent,
        warnThreshold: Duration?
    ) {
        self.request = request
        self.telemetry = telemetry
        self.warnThreshold = warnThreshold
        type = request.spanType
        agent = type == .localAgent ? AgentScope(name: request.target) : nil
        let caller = AgentScope.current
        callingAgent = type == .tool ? caller?.name : nil
        caller?.count(type)
        span = telemetry.profiler.startSpan(
            name,
            kind: request.spanKind(telemetry.configuration.conventions),
            parent: parent,
            attributes: request.attributes(telemetry.configuration.conventions)
        )
    }

    deinit { finish(.failed(ErrorType.abandoned, nil, includingMessage: false)) }

    /// What is known about the response so far.
    public var response: ModelResponse { state.withLock { $0.response } }

    /// The timing of the chunks so far.
    public var chunks: ChunkTiming { state.withLock { $0.chunks } }

    /// Updates what is known about the response.
    ///
    /// The span's attributes are set immediately, so that a spool keeps them if the process is killed during the call.
    /// - Parameter change: changes the response in place.
    public func update(_ change: (inout ModelResponse) -> Void) {
        let (before, after) = state.withLock { state -> (ModelResponse, ModelResponse) in
            let before = state.response
            if !state.hasEnded { change(&state.response) }
            return (before, state.response)
        }
        guard before != after else { return }
        func set<Value: AttributeValueConvertible & Equatable>(
            _ attribute: GenAIAttribute,
            _ value: KeyPath<ModelResponse, Value?>
        ) {
            if after[keyPath: value] != before[keyPath: value] { self.set(attribute, after[keyPath: value]) }
        }
        set(.responseID, \.id)
        set(.responseModel, \.model)
        set(.responseStatus, \.status)
        set(.memoryRecordCount, \.recordCount)
        set(.processExitCode, \.exitCode)
        if after.finishReasons != before.finishReasons { self.set(.finishReasons, after.finishReasons) }
        if after.isConversationCompacted, !before.isConversationCompacted { self.set(.isCompacted, true) }
        guard after.usage != before.usage else { return }
        set(.inputTokens, \.usage.input)
        set(.outputTokens, \.usage.output)
        set(.cacheReadTokens, \.usage.cacheRead)
        set(.cacheWriteTokens, \.usage.cacheWrite)
        set(.reasoningTokens, \.usage.reasoning)
        for modality in TokenModality.allCases {
            set(modality.inputTokens, \.usage[modality].input)
            set(modality.outputTokens, \.usage[modality].output)
            set(modality.cacheReadTokens, \.usage[modality].cacheRead)
        }
    }

    /// Sets an attribute, if the conventions have it for this kind of span.
    private func set(_ attribute: GenAIAttribute, _ value: (some AttributeValueConvertible)?) {
        if let value, let name = type.name(of: attribute, in: conventions) { span.set(name, value) }
    }

    var conventions: Conventions { telemetry.configuration.conventions }

    /// Sets the messages sent to the model, which are added to the span when the call ends.
    ///
    /// The arguments are only evaluated if content is recorded (``ModelTelemetry/Configuration/content``).
    /// - Parameters:
    ///   - system: the system instructions.
    ///   - messages: the messages of the conversation so far.
    public func setInput(
        system: @autoclosure () -> [ModelMessage.Part] = [],
        messages: @autoclosure () -> [ModelMessage]
    ) {
        guard keepsContent else { return }
        let (system, messages) = (system(), messages())
        state.withLock { ($0.content.system, $0.content.input) = (system, messages) }
    }

    /// Sets the model's answers, which are added to the span when the call ends.
    ///
    /// The argument is only evaluated if content is recorded (``ModelTelemetry/Configuration/content``).
    /// - Parameter messages: the answers, one for each choice.
    public func setOutput(_ messages: @autoclosure () -> [ModelMessage]) {
        guard keepsContent else { return }
        let messages = messages()
        state.withLock { $0.content.output = messages }
    }

    /// Sets content that is not a message, such as the result of a tool. It is added to the span when the call ends.
    ///
    /// The text is only evaluated if content is recorded (``ModelTelemetry/Configuration/content``).
    /// - Parameters:
    ///   - part: what the text is.
    ///   - text: the text, which is JSON where ``ContentPart`` says so.
    public func setContent(_ part: ContentPart, _ text: @autoclosure () -> String) {
        guard keepsContent, let name = part.name(of: type, in: conventions) else { return }
        let text = text()
        state.withLock { $0.content.parts[name] = (text, part.isJSON) }
    }

    private var keepsContent: Bool { telemetry.configuration.content != nil && span.isRecording }

    /// Counts a chunk of the response. The first call sets the time to the first chunk.
    public func chunkArrived() {
        chunkArrived(after: start.duration(to: .now))
    }

    /// - Parameter time: the time since the call started.
    func chunkArrived(after time: Duration) {
        let (isFirst, full) = state.withLock { state -> (Bool, State?) in
            guard !state.hasEnded else { return (false, nil) }
            guard let gap = state.chunks.record(at: time) else { return (true, nil) }
            if telemetry.metrics != nil { state.gaps.append(gap) }
            guard state.gaps.count >= Self.maximumGaps else { return (false, nil) }
            defer { state.gaps = [] }
            return (false, state)
        }
        if let full { telemetry.metrics?.instruments.record(gaps: full.gaps, of: call(full, nil)) }
        if isFirst { set(.timeToFirstChunk, time.seconds) }
    }

    /// The largest number of gaps that wait for the end of the call, so that its memory is bounded.
    private static let maximumGaps = 1_024

    /// Ends the call with a complete response.
    public func end() { finish(.complete) }

    /// Ends the call with an error.
    ///
    /// The span gets the status error and `error.type`. Unless the error is a cancellation, it also gets an `exception`
    /// event.
    /// - Parameters:
    ///   - error: the error.
    ///   - includingMessage: whether to record the error's text. The default is false, because error texts often quote their
    ///     input.
    public func fail(_ error: any Error, includingMessage: Bool = false) {
        finish(.failed(ErrorType.of(error), error, includingMessage: includingMessage))
    }

    /// Ends the call with an error.
    /// - Parameter errorType: the value of `error.type`, one of a small set as in ``ErrorType``.
    public func fail(errorType: String) { finish(.failed(errorType, nil, includingMessage: false)) }

    /// Whether the call has ended.
    public var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func finish(_ outcome: Outcome) {
        let last = state.withLock { state -> State? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return state
        }
        guard let last else { return }
        let duration = start.duration(to: .now)
        var errorType: String?
        if case .failed(let type, let error, let includingMessage) = outcome {
            errorType = type
            if let error, !(error is CancellationError) { span.recordError(error, includingMessage: includingMessage) }
            set(.errorType, type)
            let reasons = last.reasonsOfFailedCall(request.choiceCount)
            if conventions == .v0_1_0, self.type == .inference, reasons != last.response.finishReasons {
                set(.finishReasons, reasons)
            }
            if error == nil || error is CancellationError { span.setStatus(.error("")) }
        }
        if last.chunks.count > 0 {
            set(.chunkCount, last.chunks.count)
            if last.chunks.count > 1 { set(.longestChunkGap, last.chunks.longestGap.seconds) }
        }
        if let limits = telemetry.configuration.content { last.content.record(on: span, limits, type, conventions) }
        telemetry.profiler.end(span, warnThreshold: warnThreshold)
        guard let metrics = telemetry.metrics else { return }
        metrics.record(call(last, errorType), nanoseconds: duration.wholeNanoseconds)
    }

    private func call(_ last: State, _ errorType: String?) -> GenAICall {
        var call = GenAICall(
            operationName: request.operation.rawValue,
            providerName: request.provider?.rawValue ?? "",
            conventions: conventions
        )
        call.type = type
        call.toolName = request.text(.toolName)
        call.toolType = request.text(.toolType)
        call.agentName = request.text(.agentName) ?? request.text(.workflowName) ?? callingAgent
        call.agentCounts = agent?.counts
        call.serverAddress = request.serverAddress
        call.serverPort = request.serverPort
        call.usage = last.response.usage
        call.requestModel = request.model
        call.responseModel = last.response.model
        call.errorType = errorType
        call.inputTokens = last.response.usage.input
        call.outputTokens = last.response.usage.output
        call.timeToFirstChunkNanoseconds = last.chunks.first?.wholeNanoseconds
        call.chunkGaps = last.gaps
        return call
    }
}

extension Duration {
    var wholeNanoseconds: UInt64 { UInt64(clamping: nanoseconds) }
}
