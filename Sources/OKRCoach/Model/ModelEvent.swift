import SpanKitGenAI

/// A piece of a model's streamed answer.
public enum ModelEvent: Sendable, Equatable {
    /// The answer begins.
    case start(id: String?, model: String?, usage: TokenUsage)
    /// More text.
    case text(String)
    /// Output that is not text, such as thinking or a tool call.
    case otherOutput
    /// A piece that does not follow the provider's documentation was left out. The answer may lack text.
    case malformed(MalformedChunk)
    /// The total number of tokens so far, and the reason why the model stopped; nil before it has stopped.
    case progress(usage: TokenUsage, stopReason: String?)
    /// The answer is complete. The latency is ``ModelReply/unscaledLatency``.
    case end(unscaledLatency: Duration?)
}

extension ModelReply {
    /// Adds the next piece.
    mutating func add(_ event: ModelEvent) {
        switch event {
        case .start(_, let model, let usage):
            self.model = model ?? self.model
            self.usage = usage
        case .text(let more): text += more
        case .otherOutput: break
        case .malformed(let chunk):
            malformedChunkCount += 1
            firstMalformedChunk = firstMalformedChunk ?? chunk
        case .progress(let usage, let stopReason):
            self.usage = usage
            self.stopReason = stopReason ?? self.stopReason
        case .end(let unscaledLatency): self.unscaledLatency = unscaledLatency
        }
    }
}

extension StreamProgress {
    /// Updates the progress of a call with a piece of its answer.
    mutating func observe(_ event: ModelEvent) {
        switch event {
        case .text, .otherOutput: return
        case .start(let id, let model, let usage): response = ModelResponse(id: id, model: model, usage: usage)
        case .malformed: break
        case .progress(let usage, let stopReason):
            response.usage = usage
            if let stopReason, !stopReason.isEmpty { response.finishReasons = [stopReason] }
        case .end: isComplete = true
        }
        isOutput = false
    }
}
