import SpanKit
import SpanKitPlatform

/// A call of a model in progress: its span, and what is known of the answer so far.
///
/// The first of these ends it: ``end()``, ``fail(_:includingMessage:)``, the end of its stream, or the release of the last reference
/// (`error.type` is `abandoned` then). Later calls do nothing. Every method may be called from any thread or task.
public final class ModelCall: Sendable {
    /// The call's span, to set more attributes or to run code in it (`SpanHandle.$current.withValue(call.span) { … }`).
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
        /// With what `error.type` says, and an error where there is one.
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

    /// What is known of the answer so far.
    public var response: ModelResponse { state.withLock { $0.response } }

    /// The timing of the chunks so far.
    public var chunks: ChunkTiming { state.withLock { $0.chunks } }

    /// Updates what is known of the answer. The span gets it at once, so that it survives when the process is killed during the call.
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
            span.set(names.finishReasons.description, .strings(after.finishReasons))
        }
        guard after.usage != before.usage else { return }
        if let count = after.usage.input { span.set(names.inputTokens, count) }
        if let count = after.usage.output { span.set(names.outputTokens, count) }
        if let count = after.usage.cacheRead { span.set(names.cacheReadTokens, count) }
        if let count = after.usage.cacheWrite { span.set(names.cacheWriteTokens, count) }
        if let count = after.usage.reasoning { span.set(names.reasoningTokens, count) }
    }

    /// Keeps what the model is asked, where content is recorded: only then are the arguments evaluated. It goes into the span
    /// when the call ends.
    public func setInput(
        system: @autoclosure () -> [ModelMessage.Part] = [],
        messages: @autoclosure () -> [ModelMessage]
    ) {
        guard keepsContent else { return }
        let (system, messages) = (system(), messages())
        state.withLock { ($0.content.system, $0.content.input) = (system, messages) }
    }

    /// Keeps what the model answered, where content is recorded: only then is the argument evaluated.
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

    /// Counts a piece of the answer; the first one gives the time to the first chunk.
    public func chunkArrived() {
        chunkArrived(after: start.duration(to: .now))
    }

    /// - Parameter time: since the call started.
    func chunkArrived(after time: Duration) {
        let isFirst = state.withLock { state -> Bool in
            guard !state.hasEnded else { return false }
            return state.chunks.record(at: time)
        }
        if isFirst { span.set(names.timeToFirstChunk, time.seconds) }
    }

    /// The answer is complete.
    public func end() { finish(.complete) }

    /// There is no answer, or not all of it: status error, `error.type`, an `exception` event. A cancellation is no exception
    /// and gets no event.
    /// - Parameter includingMessage: whether the error's text goes into the span. Off by default: error texts tend to
    ///   quote their input.
    public func fail(_ error: any Error, includingMessage: Bool = false) {
        finish(.failed(ErrorType.of(error), error, includingMessage: includingMessage))
    }

    /// There is no answer, or not all of it.
    /// - Parameter errorType: one of few values, as in ``ErrorType``.
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
