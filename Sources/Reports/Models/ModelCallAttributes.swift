import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// The attributes of a span that belong to a ``ModelCallKey``.
struct ModelCallAttributes {
    private var found: [ModelCallKey: (value: AttributeValue, rank: Int)] = [:]
    let role: ModelCallRole

    private static let places: [String: (key: ModelCallKey, rank: Int)] = {
        var places: [String: (key: ModelCallKey, rank: Int)] = [:]
        for key in ModelCallKey.allCases {
            for (rank, name) in key.names.enumerated() { places[name] = (key, rank) }
        }
        return places
    }()

    /// Reads a span; `nil` if it has nothing to do with models.
    init?(_ span: RecordedSpan) {
        guard span.attributes.contains(where: { ModelCallKey.tells($0.key) }) else { return nil }
        var found: [ModelCallKey: (value: AttributeValue, rank: Int)] = [:]
        for attribute in span.attributes {
            guard let (key, rank) = Self.places[attribute.key], key.accepts(attribute.value) else { continue }
            if let known = found[key], known.rank < rank { continue }
            found[key] = (attribute.value, rank)
        }
        func text(_ key: ModelCallKey) -> String? { found[key]?.value.nonEmptyText }
        role = ModelCallRole(operation: text(.operation), kind: text(.spanKind))
        self.found = found
    }

    func text(_ key: ModelCallKey) -> String? { found[key]?.value.nonEmptyText }

    func count(_ key: ModelCallKey) -> Int? { found[key]?.value.naturalNumber }

    func nanoseconds(_ key: ModelCallKey) -> UInt64? { found[key]?.value.seconds.map { wholeNanoseconds($0 * 1e9) } }

    func flag(_ key: ModelCallKey) -> Bool {
        switch found[key]?.value {
        case .bool(let flag): flag
        case .string(let text): text.lowercased() == "true"
        default: false
        }
    }

    /// The name of the attribute that was read.
    func name(_ key: ModelCallKey) -> String? { found[key].map { key.names[$0.rank] } }

    var cacheReadTokens: Int? { count(.cacheReadTokens) ?? detail(.inputDetails, "cache_read") }

    var cacheWriteTokens: Int? { count(.cacheWriteTokens) ?? detail(.inputDetails, "cache_creation") }

    var reasoningTokens: Int? { count(.reasoningTokens) ?? detail(.outputDetails, "reasoning") }

    /// A count in a JSON text, as LangSmith writes them.
    private func detail(_ key: ModelCallKey, _ member: String) -> Int? {
        guard let count = text(key).flatMap({ JSONValue(Array($0.utf8)) })?[member]?.integer, count >= 0 else {
            return nil
        }
        return count
    }
}

/// Whether the input tokens of a span contain the cached ones.
///
/// These count cached tokens as input, as OpenAI and Gemini do: OpenTelemetry's conventions since 1.40
/// (semantic-conventions#3163), OpenInference (#1429), OpenLLMetry (#2175), and LangChain, which supplies LangSmith's
/// numbers. Anthropic's API and Amazon Bedrock's do not ("Tracking cache performance" in Anthropic's documentation),
/// and some libraries pass on the numbers of these APIs. All sources were read on 2026-11-29.
enum CacheCounting {
    /// The input contains the cached tokens, if any.
    case within
    /// The numbers show that the input does not contain the cached tokens: they exceed the input, or the reported total
    /// is the sum of input, output and cached tokens.
    case onTop
    /// The numbers do not show whether the input contains the cached tokens. It is assumed that it does not, because
    /// the provider counts them separately, and the span follows no convention that says otherwise.
    case assumedOnTop

    init(_ attributes: ModelCallAttributes) {
        self = .within
        let cached = (attributes.cacheReadTokens ?? 0).addingSaturating(attributes.cacheWriteTokens ?? 0)
        guard cached > 0, let input = attributes.count(.inputTokens) else { return }
        let whole = input.addingSaturating(attributes.count(.outputTokens) ?? 0)
        let total = attributes.count(.totalTokens)
        if cached > input || total == whole.addingSaturating(cached) {
            self = .onTop
        } else if Self.countsApart(attributes), !Self.saysThatInputIsWhole(attributes, whole, total) {
            self = .assumedOnTop
        }
    }

    /// Whether the API that answered counts cached tokens separately from the input.
    private static func countsApart(_ attributes: ModelCallAttributes) -> Bool {
        let provider = attributes.text(.provider)?.lowercased() ?? ""
        let model = (attributes.text(.responseModel) ?? attributes.text(.requestModel) ?? "").lowercased()
        return provider.contains("anthropic") || provider.contains("bedrock")
            || provider.contains("vertex") && model.contains("claude")
    }

    /// Whether the span follows a convention by which the input contains the cached tokens.
    private static func saysThatInputIsWhole(_ attributes: ModelCallAttributes, _ whole: Int, _ total: Int?) -> Bool {
        let names = [ModelCallKey.provider, .cacheReadTokens, .cacheWriteTokens, .inputDetails, .totalTokens]
            .compactMap(attributes.name)
        return names.contains("gen_ai.provider.name") || names.contains("gen_ai.usage.input_token_details")
            || names.contains { $0.hasPrefix("llm.token_count.") }
            || names.contains("llm.usage.total_tokens") && total == whole
    }

    /// All input tokens.
    func input(_ attributes: ModelCallAttributes) -> Int? {
        guard let input = attributes.count(.inputTokens), self != .within else { return attributes.count(.inputTokens) }
        return input.addingSaturating(attributes.cacheReadTokens ?? 0).addingSaturating(
            attributes.cacheWriteTokens ?? 0
        )
    }
}

extension ModelCallKey {
    /// Whether a value has the type of the attribute. A value of another type is skipped, and the next name is tried.
    fileprivate func accepts(_ value: AttributeValue) -> Bool {
        switch self {
        case .inputTokens, .outputTokens, .totalTokens, .cacheReadTokens, .cacheWriteTokens, .reasoningTokens:
            value.naturalNumber != nil
        case .firstTokenSeconds: value.seconds != nil
        case .streaming: true
        default: value.nonEmptyText != nil
        }
    }
}

extension AttributeValue {
    fileprivate var nonEmptyText: String? {
        if case .string(let text) = self, !text.isEmpty { text } else { nil }
    }

    /// The value as a whole number, not negative. Some exporters write every number as a double or as a text.
    fileprivate var naturalNumber: Int? {
        switch self {
        case .int(let count) where count >= 0: Int(count)
        case .double(let count) where count >= 0 && count < 1e15: Int(count)
        case .string(let text) where text.utf8.allSatisfy { (0x30...0x39).contains($0) }: Int(text)
        default: nil
        }
    }

    fileprivate var seconds: Double? {
        let seconds: Double? =
            switch self {
            case .double(let seconds): seconds
            case .int(let seconds): Double(seconds)
            case .string(let text): Double(text)
            default: nil
            }
        return seconds.flatMap { $0 >= 0 && $0 < 1e9 ? $0 : nil }
    }
}
