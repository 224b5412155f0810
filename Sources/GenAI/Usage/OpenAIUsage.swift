import Foundation

/// The `usage` object of OpenAI's Chat Completions API (`prompt_tokens`), its Responses API (`input_tokens`), and
/// compatible APIs.
///
/// OpenAI includes cached tokens in the input and reasoning tokens in the output, as OpenTelemetry does. Some
/// compatible APIs do not include reasoning in the output. ``total`` adds it if there are more reasoning tokens than
/// output tokens, or if the counts only add up to `total_tokens` with it.
///
/// Decoding never fails. A value that is not a valid count becomes nil.
public struct OpenAIUsage: Decodable, Sendable, Hashable {
    /// The number of input tokens; nil if unknown.
    public private(set) var inputTokens: Int?
    /// The number of output tokens, as the provider reports it; nil if unknown.
    public private(set) var outputTokens: Int?
    /// The number of input and output tokens together, as the provider reports it; nil if unknown.
    public private(set) var totalTokens: Int?
    /// The number of input tokens that were read from the cache; nil if unknown.
    public private(set) var cachedTokens: Int?
    /// The number of output tokens of the model's reasoning; nil if unknown.
    public private(set) var reasoningTokens: Int?

    /// Creates a usage with unknown counts.
    public init() {}

    /// Decodes the object. Does not throw.
    public init(from decoder: any Decoder) throws {
        guard let counts = try? decoder.container(keyedBy: Keys.self) else { return }
        inputTokens = counts.count(.prompt_tokens) ?? counts.count(.input_tokens)
        outputTokens = counts.count(.completion_tokens) ?? counts.count(.output_tokens)
        totalTokens = counts.count(.total_tokens)
        let input =
            counts.part(.prompt_tokens_details, Details.self) ?? counts.part(.input_tokens_details, Details.self)
        cachedTokens = input?.count(.cached_tokens)
        let output =
            counts.part(.completion_tokens_details, Details.self) ?? counts.part(.output_tokens_details, Details.self)
        reasoningTokens = output?.count(.reasoning_tokens)
    }

    /// Replaces each count that a later chunk of the stream contains. Usually only the last chunk has counts.
    public mutating func update(with later: OpenAIUsage) {
        inputTokens = later.inputTokens ?? inputTokens
        outputTokens = later.outputTokens ?? outputTokens
        totalTokens = later.totalTokens ?? totalTokens
        cachedTokens = later.cachedTokens ?? cachedTokens
        reasoningTokens = later.reasoningTokens ?? reasoningTokens
    }

    /// The counts as OpenTelemetry defines them.
    public var total: TokenUsage {
        TokenUsage(input: inputTokens, output: allOutput, cacheRead: cachedTokens, reasoning: reasoningTokens)
    }

    private var allOutput: Int? {
        guard let outputTokens, let reasoningTokens, reasoningTokens > 0 else { return outputTokens }
        let withReasoning = outputTokens.adding(reasoningTokens)
        if reasoningTokens > outputTokens { return withReasoning }
        guard let totalTokens, let inputTokens, let withReasoning else { return outputTokens }
        return inputTokens.adding(withReasoning) == totalTokens ? withReasoning : outputTokens
    }

    private enum Keys: String, CodingKey {
        case prompt_tokens, completion_tokens, input_tokens, output_tokens, total_tokens
        case prompt_tokens_details, completion_tokens_details, input_tokens_details, output_tokens_details
    }

    private enum Details: String, CodingKey {
        case cached_tokens, reasoning_tokens
    }
}
