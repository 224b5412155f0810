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
