import Foundation

/// The `usage` object of Anthropic's Messages API, in an answer and in the events of a stream.
///
/// Anthropic counts cached tokens beside `input_tokens`, not in it; ``total`` adds them up. In a stream, counts come with
/// `message_start` and again with `message_delta`, where they are cumulative: ``update(with:)`` takes the last of each, it
/// never adds.
///
/// Any JSON decodes: what cannot be read as a count is not known.
public struct AnthropicUsage: Decodable, Sendable, Hashable {
    /// Tokens that were read and had nothing to do with the cache.
    public private(set) var inputTokens: Int?
    /// Tokens that were read and put into the cache.
    public private(set) var cacheCreationInputTokens: Int?
    /// Tokens that came out of the cache.
    public private(set) var cacheReadInputTokens: Int?
    /// Tokens that were written, thinking included.
    public private(set) var outputTokens: Int?

    /// Nothing known.
    public init() {}

    /// Reads the object; never throws.
    public init(from decoder: any Decoder) throws {
        guard let counts = try? decoder.container(keyedBy: Keys.self) else { return }
        inputTokens = counts.count(.input_tokens)
        cacheCreationInputTokens = counts.count(.cache_creation_input_tokens)
        cacheReadInputTokens = counts.count(.cache_read_input_tokens)
        outputTokens = counts.count(.output_tokens)
    }

    /// Takes over what a later event of the stream says.
    public mutating func update(with later: AnthropicUsage) {
        inputTokens = later.inputTokens ?? inputTokens
        cacheCreationInputTokens = later.cacheCreationInputTokens ?? cacheCreationInputTokens
        cacheReadInputTokens = later.cacheReadInputTokens ?? cacheReadInputTokens
        outputTokens = later.outputTokens ?? outputTokens
    }

    /// The counts as OpenTelemetry has them: input = input + cache read + cache creation (semantic conventions, "Anthropic").
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
