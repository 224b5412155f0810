/// Takes the sampler of the first rule that applies; a span to which none applies is not sampled (OpenTelemetry
/// "ComposableRuleBased").
///
/// ```swift
/// CompositeSampler(
///     RuleBasedSampler([
///         SamplingRule([.kind([.client]), .attribute("db.operation.name", isOneOf: ["PING"])], use: AlwaysOffSampler()),
///         SamplingRule(use: ParentThresholdSampler(root: AlwaysOnSampler())),
///     ])
/// )
/// ```
/// Outside a ``ParentThresholdSampler`` the rules are asked for every span, so a trace may have gaps: that is how the spans of a
/// chatty client can be left out of traces that are kept.
public struct RuleBasedSampler: ComposableSampler {
    private let rules: [SamplingRule]

    /// Creates the sampler.
    /// - Parameter rules: in the order in which they are tried.
    public init(_ rules: [SamplingRule]) {
        self.rules = rules
    }

    /// `RuleBased{condition & condition → sampler; …}`.
    public var description: String {
        "RuleBased{\(rules.map(\.description).joined(separator: "; "))}"
    }

    /// What the sampler of the first rule says that applies.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        rules.first { $0.applies(to: request) }?.sampler.intent(for: request) ?? SamplingIntent(threshold: nil)
    }
}

/// Which spans are sampled how: a part of ``RuleBasedSampler``.
public struct SamplingRule: Sendable {
    private let conditions: [SamplingCondition]
    let sampler: any ComposableSampler

    /// Creates a rule.
    /// - Parameters:
    ///   - conditions: all of them have to hold; none means every span.
    ///   - sampler: what these spans are sampled by.
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
    public static func kind(_ kinds: [RecordedSpan.Kind]) -> SamplingCondition {
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

/// Where a span's parent comes from.
public enum ParentOrigin: String, Sendable, CaseIterable {
    /// There is no parent: the span begins a trace.
    case none
    /// Another process.
    case remote
    /// This process.
    case local

    init(of parent: SpanContext?) {
        guard let parent, parent.isValid else {
            self = .none
            return
        }
        self = parent.isRemote ? .remote : .local
    }
}
