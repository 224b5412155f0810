/// Decides by what a ``ComposableSampler`` says, which may be built of several, so that the whole stays consistent probability
/// sampling (OpenTelemetry "CompositeSampler", in development).
///
/// ```swift
/// // No health checks, every checkout, a tenth of everything else; children as their parents.
/// let sampler = CompositeSampler(
///     ParentThresholdSampler(
///         root: RuleBasedSampler([
///             SamplingRule([.attribute("http.route", isOneOf: ["/healthz", "/livez"])], use: AlwaysOffSampler()),
///             SamplingRule([.name(like: ["POST /checkout*"])], use: AlwaysOnSampler()),
///             SamplingRule(use: tenth),
///         ])
///     )
/// )
/// ```
/// A span is kept when the 56 random bits of its trace reach the threshold T; what is kept says `ot=th:…` in its trace state, so
/// that a backend can weigh it. Of two spans of a trace, the one with the lower threshold is never missing while the other is there.
public struct CompositeSampler: Sampler {
    private let sampler: any ComposableSampler

    /// Creates the sampler.
    /// - Parameter sampler: asked for every span, unless it is a ``ParentThresholdSampler`` and the parent is of this process.
    public init(_ sampler: any ComposableSampler) {
        self.sampler = sampler
    }

    /// `CompositeSampler{…}`.
    public var description: String { "CompositeSampler{\(sampler.description)}" }

    /// Whether every child of a span of this process is sampled as its parent is.
    var followsParent: Bool { sampler is ParentThresholdSampler }

    /// The threshold against the randomness of the trace.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        sampler.intent(for: request).decision(for: request)
    }
}
