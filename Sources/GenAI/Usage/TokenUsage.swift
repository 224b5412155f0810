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
    /// The tokens of each modality, as far as the provider reports them. They are parts of ``input``, ``output`` and ``cacheRead``, and
    /// recorded only by ``Conventions/v0_1_0``.
    public let modalities: [TokenModality: ModalityTokens]

    /// Creates a usage. Pass nil for unknown counts.
    public init(
        input: Int? = nil,
        output: Int? = nil,
        cacheRead: Int? = nil,
        cacheWrite: Int? = nil,
        reasoning: Int? = nil,
        modalities: [TokenModality: ModalityTokens] = [:]
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
        var (leftInput, leftOutput, leftRead) = (self.input, self.output, self.cacheRead)
        var parts: [TokenModality: ModalityTokens] = [:]
        /// Takes a part from what is left of its total.
        func part(_ count: Int?, of left: inout Int?) -> Int? {
            let part = known(count, atMost: left)
            if let part, let rest = left { left = rest - part }
            return part
        }
        for modality in TokenModality.allCases {
            guard let tokens = modalities[modality] else { continue }
            let input = part(tokens.input, of: &leftInput)
            parts[modality] = ModalityTokens(
                input: input,
                output: part(tokens.output, of: &leftOutput),
                cacheRead: part(known(tokens.cacheRead, atMost: input), of: &leftRead)
            )
        }
        self.modalities = parts.filter { $0.value != ModalityTokens() }
    }

    /// The fraction of input tokens that were read from the cache, from 0 to 1; nil if it is unknown or there was no
    /// input.
    public var cacheShare: Double? {
        guard let input, let cacheRead, input > 0 else { return nil }
        return Double(cacheRead) / Double(input)
    }

    /// Whether all counts are unknown.
    public var isUnknown: Bool { self == TokenUsage() }

    /// The tokens of one modality. Unknown counts are nil.
    public subscript(modality: TokenModality) -> ModalityTokens { modalities[modality] ?? ModalityTokens() }
}

/// The modality of tokens (`gen_ai.token.modality`).
public enum TokenModality: String, Sendable, CaseIterable {
    /// Text.
    case text
    /// Images.
    case image
    /// Sound.
    case audio

    var inputTokens: GenAIAttribute {
        switch self {
        case .text: .textInputTokens
        case .image: .imageInputTokens
        case .audio: .audioInputTokens
        }
    }

    var outputTokens: GenAIAttribute {
        switch self {
        case .text: .textOutputTokens
        case .image: .imageOutputTokens
        case .audio: .audioOutputTokens
        }
    }

    var cacheReadTokens: GenAIAttribute {
        switch self {
        case .text: .textCacheReadTokens
        case .image: .imageCacheReadTokens
        case .audio: .audioCacheReadTokens
        }
    }
}

/// The token counts of one modality. Unknown counts are nil.
public struct ModalityTokens: Sendable, Hashable {
    /// The input tokens, including cached ones.
    public var input: Int?
    /// The output tokens.
    public var output: Int?
    /// The input tokens that were read from the provider's cache.
    public var cacheRead: Int?

    /// Creates counts. Leave out unknown ones.
    public init(input: Int? = nil, output: Int? = nil, cacheRead: Int? = nil) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
    }
}
