/// What a ``SamplingRule`` asks of a span at its start: its name, kind, parent and the attributes given at the start.
///
/// In a pattern `?` stands for any one character and `*` for any number of them.
public struct SamplingCondition: Sendable {
    /// How it is shown.
    let description: String
    let holds: @Sendable (SamplingRequest) -> Bool

    /// Creates a condition.
    /// - Parameters:
    ///   - description: how it is shown where the settings are.
    ///   - holds: called on the thread that starts the span; must not block.
    public init(_ description: String, _ holds: @escaping @Sendable (SamplingRequest) -> Bool) {
        self.description = description
        self.holds = holds
    }

    /// The span's name is like one of these patterns.
    public static func name(like patterns: [String]) -> SamplingCondition {
        let names = TextPatterns(included: patterns, excluded: [])
        return SamplingCondition("name like \(list(patterns))") { names.match($0.name) }
    }

    /// The span is of one of these kinds.
    public static func kind(_ kinds: [SpanKind]) -> SamplingCondition {
        SamplingCondition("kind \(list(kinds.map { "\($0)" }))") { kinds.contains($0.kind) }
    }

    /// The span's parent is of one of these origins.
    public static func parent(_ origins: [ParentOrigin]) -> SamplingCondition {
        SamplingCondition("parent \(list(origins.map(\.rawValue)))") { origins.contains(ParentOrigin(of: $0.parent)) }
    }

    /// The span has this attribute, and it is one of these values.
    ///
    /// Numbers and booleans are compared by their text, so `"404"` is 404; of an array one element is enough. Bytes and maps are like
    /// nothing.
    public static func attribute(_ key: String, isOneOf values: [String]) -> SamplingCondition {
        SamplingCondition("\(key) is \(list(values))") { $0.anyValue(of: key) { values.contains($0) } }
    }

    /// The span has this attribute, and it is like one of `included` (anything, where that is empty) and like none of `excluded`.
    ///
    /// Numbers and booleans are compared by their text, so `"4*"` is like 404; of an array one element is enough. Bytes and maps are
    /// like nothing.
    public static func attribute(
        _ key: String,
        like included: [String] = [],
        notLike excluded: [String] = []
    ) -> SamplingCondition {
        let patterns = TextPatterns(included: included, excluded: excluded)
        return SamplingCondition("\(key) \(patterns.description)") { $0.anyValue(of: key, patterns.match) }
    }

    private static func list(_ texts: [String]) -> String { texts.joined(separator: "|") }
}

extension SamplingRequest {
    /// Whether the attribute, or one of its elements, has a text of this kind.
    func anyValue(of key: String, _ isMeant: (String) -> Bool) -> Bool {
        // A later one of the same name is the one that will be recorded.
        guard let value = attributes.elements.last(where: { $0.key == key })?.value else { return false }
        guard case .array(let elements) = value else { return value.comparedText.map(isMeant) ?? false }
        return elements.contains { $0.comparedText.map(isMeant) ?? false }
    }
}

extension AttributeValue {
    /// A scalar as text (OpenTelemetry, "Mapping attributes to non-OTLP": numbers as in JSON); nil for all others.
    fileprivate var comparedText: String? {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value):
            value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
        case .bytes, .array, .map, .null: nil
        }
    }
}
