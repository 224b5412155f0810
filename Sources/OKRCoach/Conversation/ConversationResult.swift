import SpanKitGenAI

/// What processing one message gave.
public struct ConversationResult: Sendable {
    /// What the user gets to read.
    public var reply: String
    /// The phase before the message.
    public var phaseBefore: Phase
    /// The phase now.
    public var phase: Phase
    /// The reason for it.
    public var phaseReason: String
    /// What was found in the user's message and in the model's answer.
    public var findings: [AntiPatternFinding]
    /// The scores of the draft as it is now. They change only when the draft does, or what is settled about it.
    public var quality: QualityAssessment
    /// How far above the ground the message spoke.
    public var altitude: AltitudeAssessment
    /// What this message settled.
    public var newlySettled: Set<Checkpoint>
    /// Advice that fits.
    public var suggestions: [KnowledgeSuggestion]
    /// Objective and key results as they are now.
    public var draft: OKRDraft
    /// The model that answered.
    public var model: String
    /// Tokens the model read and wrote, as far as it said.
    public var usage: TokenUsage
    /// How many pieces of the model's streamed answer were malformed and left out.
    public var malformedChunkCount: Int
    /// From the call to the first piece of the answer.
    public var timeToFirstChunk: Duration?
    /// How long the model took, as measured here.
    public var modelLatency: Duration
    /// How long it would have taken at latency scale 1; nil for a real model.
    public var unscaledModelLatency: Duration?
    /// How long the whole message took, as measured here.
    public var duration: Duration

    /// Tokens the model read, nil where it did not say.
    public var inputTokens: Int? { usage.input }
    /// Tokens the model wrote, nil where it did not say.
    public var outputTokens: Int? { usage.output }
}

/// Why a message was not processed. Nothing has been stored then.
public enum ConversationError: Error, Equatable, CustomStringConvertible {
    /// The message holds only white space.
    case emptyMessage
    /// The message exceeds the limit.
    case messageTooLong(bytes: Int, limit: Int)
    /// There is no session with this id.
    case unknownSession(id: String)

    /// One line: what, and what to do.
    public var description: String {
        switch self {
        case .emptyMessage: "the message is empty; write at least one word"
        case .messageTooLong(let bytes, let limit):
            "the message has \(bytes) bytes, more than the \(limit) allowed; shorten it or raise maximumMessageBytes"
        case .unknownSession(let id): "there is no session '\(id)'; create it first"
        }
    }
}
