/// What is known about a model's response. A streamed response is updated as chunks arrive.
public struct ModelResponse: Sendable, Hashable {
    /// The provider's ID of the response.
    public var id: String?
    /// The name of the model that responded, as the provider returned it.
    public var model: String?
    /// The reason why the model stopped, for each choice, as the provider names it, such as `end_turn` or `length`.
    public var finishReasons: [String]
    /// The numbers of input and output tokens.
    public var usage: TokenUsage

    /// Whether the provider replaced a part of the conversation by a summary. Recorded only by ``Conventions/v0_1_0``, like the three
    /// following properties.
    public var isConversationCompacted = false
    /// The state of a response that the provider computes in the background: `queued`, `in_progress`, `completed`, `incomplete`, `failed`
    /// or `cancelled`.
    public var status: String?
    /// The number of memories that an operation found or changed.
    public var recordCount: Int?
    /// The exit code of the command that a tool ran.
    public var exitCode: Int?

    /// Creates a response. Leave out unknown values.
    public init(
        id: String? = nil,
        model: String? = nil,
        finishReasons: [String] = [],
        usage: TokenUsage = TokenUsage()
    ) {
        self.id = id
        self.model = model
        self.finishReasons = finishReasons
        self.usage = usage
    }
}
