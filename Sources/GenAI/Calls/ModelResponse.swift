/// What came back, as far as it is known: in a stream it grows.
public struct ModelResponse: Sendable, Hashable {
    /// The provider's id of the answer.
    public var id: String?
    /// The model that answered, as it names itself.
    public var model: String?
    /// Why it stopped, one for each choice, in the provider's words: `end_turn`, `length`…
    public var finishReasons: [String]
    /// What was read and written.
    public var usage: TokenUsage

    /// Creates a response; what is not known stays out.
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
