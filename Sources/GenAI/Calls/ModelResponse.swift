/// What is known about a model's response. While it is streamed, more becomes known.
public struct ModelResponse: Sendable, Hashable {
    /// The provider's ID of the response.
    public var id: String?
    /// The name of the model that responded, as the provider returned it.
    public var model: String?
    /// Why the model stopped, for each choice, in the provider's terms such as `end_turn` and `length`.
    public var finishReasons: [String]
    /// The numbers of input and output tokens.
    public var usage: TokenUsage

    /// Creates a response. Leave out what is not known.
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
