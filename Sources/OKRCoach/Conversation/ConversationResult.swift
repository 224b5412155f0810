import SpanKitGenAI

/// The result of processing one message.
public struct ConversationResult: Sendable {
    /// The reply for the user.
    public var reply: String
    /// The phase before the message.
    public var phaseBefore: Phase
    /// The phase after the message.
    public var phase: Phase
    /// The reason for the phase, in one sentence for the user.
    public var phaseReason: String
    /// The mistakes found in the user's message and in the model's answer.
    public var findings: [AntiPatternFinding]
    /// The scores of ``draft``.
    public var quality: QualityAssessment
    /// The level of the message.
    public var altitude: AltitudeAssessment
    /// The checkpoints that this message settled.
    public var newlySettled: Set<Checkpoint>
    /// Entries of the knowledge base that fit the message.
    public var suggestions: [KnowledgeSuggestion]
    /// The objective and the key results after the message.
    public var draft: OKRDraft
    /// The model that answered.
    public var model: String
    /// The tokens that the model read and wrote, as far as the provider reports them.
    public var usage: TokenUsage
    /// The number of malformed pieces that were left out of the model's streamed answer.
    public var malformedChunkCount: Int
    /// The time from the call of the model to the first piece of the answer.
    public var timeToFirstChunk: Duration?
    /// The measured time of the call of the model.
    public var modelLatency: Duration
    /// The time of the call at latency scale 1, or nil for a real model.
    public var unscaledModelLatency: Duration?
    /// The measured time of processing the message.
    public var duration: Duration
}

/// The error for a message that cannot be processed. Nothing is stored in that case.
public enum ConversationError: Error, Equatable, CustomStringConvertible {
    /// The message contains only white space.
    case emptyMessage
    /// The message exceeds the limit.
    case messageTooLong(bytes: Int, limit: Int)
    /// There is no session with this id.
    case unknownSession(id: String)

    /// What is wrong, and what to do, in one line.
    public var description: String {
        switch self {
        case .emptyMessage: "the message is empty; write at least one word"
        case .messageTooLong(let bytes, let limit):
            "the message has \(bytes) bytes, more than the \(limit) allowed; shorten it or raise maximumMessageBytes"
        case .unknownSession(let id): "there is no session '\(id)'; create it first"
        }
    }
}
