/// Uses the sampler of the first rule that applies to a span. Spans to which no rule applies are not sampled
/// (OpenTelemetry "ComposableRuleBased").
///
/// ```swift
/// CompositeSampler(
///     RuleBasedSampler([
///         SamplingRule([.kind([.client]), .attribute("db.operation.name", isOneOf: ["PING"])], use: AlwaysOffSampler()),
///         SamplingRule(use: ParentThresholdSampler(root: AlwaysOnSampler())),
///     ])
/// )
/// ```
/// The rules apply to every span, so they can drop single spans from sampled traces. Inside a
/// ``ParentThresholdSampler``, they apply only to root spans.
public struct RuleBasedSampler: ComposableSampler {
    private let rules: [SamplingRule]

    /// Creates the sampler.
    /// - Parameter rules: The rules; the first that applies is used.
    public init(_ rules: [SamplingRule]) {
        self.rules = rules
    }

    /// The name of the sampler and its rules: `RuleBased{condition & condition → sampler; …}`.
    public var description: String {
        "RuleBased{\(rules.map(\.description).joined(separator: "; "))}"
    }

    /// Returns the intent of the first rule that applies; no threshold if none applies.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        rules.first { $0.applies(to: request) }?.sampler.intent(for: request) ?? SamplingIntent(threshold: nil)
    }
}

/// A rule of a ``RuleBasedSampler``: conditions, and the sampler for spans that fulfil them.
public struct SamplingRule: Sendable {
    private let conditions: [SamplingCondition]
    let sampler: any ComposableSampler

    /// Creates a rule.
    /// - Parameters:
    ///   - conditions: The conditions, all of which a span has to fulfil. Without conditions, the rule applies to every span.
    ///   - sampler: The sampler for these spans.
    public init(_ conditions: [SamplingCondition] = [], use sampler: any ComposableSampler) {
        self.conditions = conditions
        self.sampler = sampler
    }

    var description: String {
        let conditions = conditions.isEmpty ? "any" : conditions.map(\.description).joined(separator: " & ")
        return "\(conditions) → \(sampler.description)"
    }

    func applies(to request: SamplingRequest) -> Bool {
        conditions.allSatisfy { $0.holds(request) }
    }
}

/// A condition of a ``SamplingRule`` on a span's name, kind or parent, or on the attributes that are set when it
/// starts.
///
/// In a pattern, `?` matches one character and `*` matches any number of characters.
public struct SamplingCondition: Sendable {
    /// The text for the list of settings.
    let description: String
    let holds: @Sendable (SamplingRequest) -> Bool

    /// Creates a condition.
    /// - Parameters:
    ///   - description: The text that describes the condition in the list of settings.
    ///   - holds: Returns whether a span fulfils the condition. It is called on the thread that starts the span and must not block.
    public init(_ description: String, _ holds: @escaping @Sendable (SamplingRequest) -> Bool) {
        self.description = description
        self.holds = holds
    }

    /// Creates a condition that holds if the span's name matches one of these patterns.
    public static func name(like patterns: [String]) -> SamplingCondition {
        let names = TextPatterns(included: patterns, excluded: [])
        return SamplingCondition("name like \(list(patterns))") { names.match($0.name) }
    }

    /// Creates a condition that holds if the span's kind is one of these.
    public static func kind(_ kinds: [RecordedSpan.Kind]) -> SamplingCondition {
        SamplingCondition("kind \(list(kinds.map { "\($0)" }))") { kinds.contains($0.kind) }
    }

    /// Creates a condition that holds if the origin of the parent is one of these.
    public static func parent(_ origins: [ParentOrigin]) -> SamplingCondition {
        SamplingCondition("parent \(list(origins.map(\.rawValue)))") { origins.contains(ParentOrigin(of: $0.parent)) }
    }

    /// Creates a condition that holds if the span has this attribute, and its value is one of these.
    ///
    /// Numbers and booleans are compared as text: `"404"` matches 404. An array matches if one of its elements does. Bytes and maps
    /// never match.
    public static func attribute(_ key: String, isOneOf values: [String]) -> SamplingCondition {
        SamplingCondition("\(key) is \(list(values))") { $0.anyValue(of: key) { values.contains($0) } }
    }

    /// Creates a condition that holds if the span has this attribute, and its value matches a pattern in `included` and
    /// none in `excluded`. If `included` is empty, every value matches.
    ///
    /// Numbers and booleans are compared as text: `"4*"` matches 404. An array matches if one of its elements does. Bytes and maps
    /// never match.
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
    /// Whether the text of the attribute, or of one of its elements, matches.
    func anyValue(of key: String, _ matches: (String) -> Bool) -> Bool {
        // If a key occurs twice, the last value is compared, because the last value is recorded.
        guard let value = attributes.elements.last(where: { $0.key == key })?.value else { return false }
        let elements = if case .array(let elements) = value { elements } else { [value] }
        return elements.contains { $0.comparedText.map(matches) ?? false }
    }
}

extension AttributeValue {
    /// A scalar as text; nil for other values.
    fileprivate var comparedText: String? {
        switch self {
        case .string, .bool, .int, .double: description
        case .bytes, .array, .map, .null: nil
        }
    }
}

/// The origin of a span's parent.
public enum ParentOrigin: String, Sendable, CaseIterable {
    /// There is no parent: the span is a root.
    case none
    /// The parent is a span of another process.
    case remote
    /// The parent is a span of this process.
    case local

    init(of parent: SpanContext?) {
        guard let parent, parent.isValid else {
            self = .none
            return
        }
        self = parent.isRemote ? .remote : .local
    }
}
