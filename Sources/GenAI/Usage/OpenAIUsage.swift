import Foundation

/// The `usage` object of OpenAI's APIs, and of the many that copy them: Chat Completions (`prompt_tokens`) and Responses
/// (`input_tokens`).
///
/// OpenAI counts cached tokens in the input and reasoning in the output, as OpenTelemetry does. Some who copy it count reasoning
/// beside the output; that shows where the parts add up to `total_tokens` only with it, or where reasoning is larger than the
/// output, and is put right.
///
/// Any JSON decodes: what cannot be read as a count is not known.
public struct OpenAIUsage: Decodable, Sendable, Hashable {
    /// All that was read.
    public private(set) var inputTokens: Int?
    /// All that was written, as the provider says.
    public private(set) var outputTokens: Int?
    /// Both together, as the provider says.
    public private(set) var totalTokens: Int?
    /// The part of the input that came out of the cache.
    public private(set) var cachedTokens: Int?
    /// What the model thought and did not say.
    public private(set) var reasoningTokens: Int?

    /// Nothing known.
    public init() {}

    /// Reads the object; never throws.
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

    /// Takes over what a later chunk of the stream says; usually only the last one has counts, and some repeat growing ones.
    public mutating func update(with later: OpenAIUsage) {
        inputTokens = later.inputTokens ?? inputTokens
        outputTokens = later.outputTokens ?? outputTokens
        totalTokens = later.totalTokens ?? totalTokens
        cachedTokens = later.cachedTokens ?? cachedTokens
        reasoningTokens = later.reasoningTokens ?? reasoningTokens
    }

    /// The counts as OpenTelemetry has them.
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
