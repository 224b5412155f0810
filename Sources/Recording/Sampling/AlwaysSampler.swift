/// Records every span.
public struct AlwaysOnSampler: Sampler {
    /// Creates the sampler.
    public init() {}

    /// `AlwaysOnSampler`.
    public var description: String { "AlwaysOnSampler" }

    /// Always sampled.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: true)
    }
}

/// Records no span; percentiles still count them all.
public struct AlwaysOffSampler: Sampler {
    /// Creates the sampler.
    public init() {}

    /// `AlwaysOffSampler`.
    public var description: String { "AlwaysOffSampler" }

    /// Never sampled.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: false)
    }
}
