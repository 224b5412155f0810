/// The token counts of a call, as OpenTelemetry defines them.
///
/// - ``input`` includes cached tokens, and ``output`` includes reasoning.
/// - A part, such as ``cacheRead`` or ``reasoning``, is never larger than its total. If a provider reports a larger part, it is
///   reduced to the total.
/// - Unknown and negative counts are nil, not 0.
///
/// Use ``AnthropicUsage`` and ``OpenAIUsage`` to convert the counts of these providers.
public struct TokenUsage: Sendable, Hashable {
    /// The number of all input tokens.
    public let input: Int?
    /// The number of all output tokens.
    public let output: Int?
    /// The number of input tokens that were read from the provider's cache.
    public let cacheRead: Int?
    /// The number of input tokens that were written to the provider's cache.
    public let cacheWrite: Int?
    /// The number of output tokens of the model's reasoning.
    public let reasoning: Int?

    /// Creates a usage. Pass nil for unknown counts.
    public init(
        input: Int? = nil,
        output: Int? = nil,
        cacheRead: Int? = nil,
        cacheWrite: Int? = nil,
        reasoning: Int? = nil
    ) {
        func known(_ count: Int?, atMost total: Int?) -> Int? {
            guard let count, count >= 0 else { return nil }
            return total.map { min(count, $0) } ?? count
        }
        self.input = known(input, atMost: nil)
        self.output = known(output, atMost: nil)
        self.cacheRead = known(cacheRead, atMost: self.input)
        let read = self.cacheRead ?? 0
        self.cacheWrite = known(cacheWrite, atMost: self.input.map { $0 - read })
        self.reasoning = known(reasoning, atMost: self.output)
    }

    /// The fraction of input tokens that were read from the cache, from 0 to 1; nil if it is unknown or there was no
    /// input.
    public var cacheShare: Double? {
        guard let input, let cacheRead, input > 0 else { return nil }
        return Double(cacheRead) / Double(input)
    }

    /// Whether all counts are unknown.
    public var isUnknown: Bool { self == TokenUsage() }
}
