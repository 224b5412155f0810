import SpanKitGenAI

/// A piece of a model's answer as it comes in.
public enum ModelEvent: Sendable, Equatable {
    /// The answer begins.
    case start(id: String?, model: String?, usage: TokenUsage)
    /// More text.
    case text(String)
    /// Something was written that is not text: thinking, a call of a tool.
    case otherOutput
    /// A piece was not what the provider documents, and was left out. The answer may lack text.
    case malformed(MalformedChunk)
    /// What is known of the tokens by now, in all; and why the model stopped, once it has.
    case progress(usage: TokenUsage, stopReason: String?)
    /// The answer is complete.
    /// - unscaledLatency: as in ``ModelReply/unscaledLatency``.
    case end(unscaledLatency: Duration?)
}

extension ModelReply {
    /// Takes in the next piece.
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
    /// Takes over what a piece of the answer says about the call.
    mutating func observe(_ event: ModelEvent) {
        switch event {
        case .start(let id, let model, let usage):
            response = ModelResponse(id: id, model: model, usage: usage)
            isOutput = false
        case .text, .otherOutput: break
        case .malformed: isOutput = false
        case .progress(let usage, let stopReason):
            response.usage = usage
            if let stopReason, !stopReason.isEmpty { response.finishReasons = [stopReason] }
            isOutput = false
        case .end:
            isComplete = true
            isOutput = false
        }
    }
}
