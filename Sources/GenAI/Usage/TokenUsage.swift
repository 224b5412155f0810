/// How many tokens a call read and wrote, as OpenTelemetry counts them, whatever the provider's own way is.
///
/// Rules that hold for every value:
/// - ``input`` holds all that was read, cached tokens included; ``output`` all that was written, reasoning included.
/// - No part is larger than its whole: a provider that contradicts itself gets its parts cut, never the totals.
/// - What the provider did not say, or what cannot be (negative counts), is nil: unknown is not 0.
///
/// Make it with ``AnthropicUsage`` or ``OpenAIUsage`` where the provider counts in another way.
public struct TokenUsage: Sendable, Hashable {
    /// Everything that was read.
    public let input: Int?
    /// Everything that was written.
    public let output: Int?
    /// The part of ``input`` that came out of the provider's cache.
    public let cacheRead: Int?
    /// The part of ``input`` that was put into the provider's cache.
    public let cacheWrite: Int?
    /// The part of ``output`` that the model thought and did not say.
    public let reasoning: Int?

    /// Creates counts; nil for what is not known. Negative counts are not known either.
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

    /// The share of the input that came out of the cache, 0…1; nil where the provider did not say, or nothing was read.
    public var cacheShare: Double? {
        guard let input, let cacheRead, input > 0 else { return nil }
        return Double(cacheRead) / Double(input)
    }

    /// Whether the provider said nothing at all.
    public var isUnknown: Bool { self == TokenUsage() }
}
