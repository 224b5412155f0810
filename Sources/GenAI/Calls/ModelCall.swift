import SpanKit
import SpanKitPlatform

/// A model call in progress, with its span and what is known about the response so far.
///
/// A call ends when ``end()`` or ``fail(_:includingMessage:)`` is called, when its stream ends, or when its last
/// reference is released. In the last case, `error.type` is `abandoned`. A call that has ended cannot end again. All
/// methods can be called from any thread or task.
public final class ModelCall: Sendable {
    /// The call's span, to set more attributes or to run code in it: `SpanHandle.$current.withValue(call.span) { … }`.
    public let span: SpanHandle
    /// The request.
    public let request: ModelRequest
    private let telemetry: ModelTelemetry
    private let names: AttributeNames
    private let start = ContinuousClock.now
    private let warnThreshold: Duration?
    private let state = Locked(State())

    private struct State {
        var response = ModelResponse()
        var chunks = ChunkTiming()
        var content = CallContent()
        var hasEnded = false
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
        names = telemetry.configuration.conventions.names
        span = telemetry.profiler.startSpan(
            name,
            kind: request.spanKind,
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
        if let id = after.id, id != before.id { span.set(names.responseID, id) }
        if let model = after.model, model != before.model { span.set(names.responseModel, model) }
        if after.finishReasons != before.finishReasons {
            span.set(names.finishReasons, after.finishReasons)
        }
        guard after.usage != before.usage else { return }
        if let count = after.usage.input { span.set(names.inputTokens, count) }
        if let count = after.usage.output { span.set(names.outputTokens, count) }
        if let count = after.usage.cacheRead { span.set(names.cacheReadTokens, count) }
        if let count = after.usage.cacheWrite { span.set(names.cacheWriteTokens, count) }
        if let count = after.usage.reasoning { span.set(names.reasoningTokens, count) }
    }

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

    private var keepsContent: Bool { telemetry.configuration.content != nil && span.isRecording }

    private func recordContent(_ content: CallContent) {
        guard let limits = telemetry.configuration.content, !content.isEmpty else { return }
        var json = ContentJSON(content, maximumBytes: limits.maximumBytes, names)
        for (name, text) in json.attributes() { span.set(name, text) }
        if json.trimmedCount > 0 { span.set(names.trimmedContent, json.trimmedCount) }
    }

    /// Counts a chunk of the response. The first call sets the time to the first chunk.
    public func chunkArrived() {
        chunkArrived(after: start.duration(to: .now))
    }

    /// - Parameter time: the time since the call started.
    func chunkArrived(after time: Duration) {
        let isFirst = state.withLock { state -> Bool in
            guard !state.hasEnded else { return false }
            return state.chunks.record(at: time)
        }
        if isFirst { span.set(names.timeToFirstChunk, time.seconds) }
    }

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
            span.set(names.errorType, type)
            if error == nil || error is CancellationError { span.setStatus(.error("")) }
        }
        if last.chunks.count > 0 {
            span.set(names.chunkCount, last.chunks.count)
            if last.chunks.count > 1 { span.set(names.longestChunkGap, last.chunks.longestGap.seconds) }
        }
        recordContent(last.content)
        telemetry.profiler.end(span, warnThreshold: warnThreshold)
        telemetry.metrics?.record(call(last, errorType), nanoseconds: duration.wholeNanoseconds)
    }

    private func call(_ last: State, _ errorType: String?) -> GenAICall {
        var call = GenAICall(operationName: request.operation.rawValue, providerName: request.provider.rawValue)
        call.requestModel = request.model
        call.responseModel = last.response.model
        call.errorType = errorType
        call.inputTokens = last.response.usage.input
        call.outputTokens = last.response.usage.output
        call.timeToFirstChunkNanoseconds = last.chunks.first?.wholeNanoseconds
        call.chunkGaps = last.chunks.gaps
        return call
    }
}

extension Duration {
    var wholeNanoseconds: UInt64 { UInt64(clamping: nanoseconds) }
}
