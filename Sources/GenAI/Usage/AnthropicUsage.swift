import Foundation

/// The `usage` object of Anthropic's Messages API, in a response or in the events of a stream.
///
/// Anthropic does not include cached tokens in `input_tokens`; ``total`` adds them. A stream sends counts in `message_start` and
/// running totals in `message_delta`, so ``update(with:)`` replaces counts instead of adding them.
///
/// Decoding never fails. A value that is not a valid count becomes nil.
public struct AnthropicUsage: Decodable, Sendable, Hashable {
    /// The number of input tokens that were neither read from the cache nor written to it; nil if unknown.
    public private(set) var inputTokens: Int?
    /// The number of input tokens that were written to the cache; nil if unknown.
    public private(set) var cacheCreationInputTokens: Int?
    /// The number of input tokens that were read from the cache; nil if unknown.
    public private(set) var cacheReadInputTokens: Int?
    /// The number of output tokens, including thinking; nil if unknown.
    public private(set) var outputTokens: Int?

    /// Creates a usage with unknown counts.
    public init() {}

    /// Decodes the object. Does not throw.
    public init(from decoder: any Decoder) throws {
        guard let counts = try? decoder.container(keyedBy: Keys.self) else { return }
        inputTokens = counts.count(.input_tokens)
        cacheCreationInputTokens = counts.count(.cache_creation_input_tokens)
        cacheReadInputTokens = counts.count(.cache_read_input_tokens)
        outputTokens = counts.count(.output_tokens)
    }

    /// Replaces each count that a later event of the stream contains.
    public mutating func update(with later: AnthropicUsage) {
        inputTokens = later.inputTokens ?? inputTokens
        cacheCreationInputTokens = later.cacheCreationInputTokens ?? cacheCreationInputTokens
        cacheReadInputTokens = later.cacheReadInputTokens ?? cacheReadInputTokens
        outputTokens = later.outputTokens ?? outputTokens
    }

    /// The counts as OpenTelemetry defines them. The input includes cache reads and cache writes (semantic conventions, "Anthropic").
    public var total: TokenUsage {
        TokenUsage(
            input: inputTokens?.adding(cacheReadInputTokens ?? 0)?.adding(cacheCreationInputTokens ?? 0),
            output: outputTokens,
            cacheRead: cacheReadInputTokens,
            cacheWrite: cacheCreationInputTokens
        )
    }

    private enum Keys: String, CodingKey {
        case input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens
    }
}
