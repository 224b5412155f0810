import Platform

/// Records a fixed share of traces, chosen by trace id. Legacy: prefer ``ProbabilitySampler``.
///
/// The specification never fixed the algorithm. This is Go's, the most common one: the last eight bytes, shifted right by
/// one, below ratio · 2^63 are sampled. A higher ratio samples a superset.
public struct TraceIDRatioSampler: Sampler {
    let ratio: Double
    private let bound: UInt64

    /// Creates the sampler; a ratio outside 0…1 (or NaN) gives nil.
    public init?(ratio: Double) {
        guard (0...1).contains(ratio) else { return nil }
        self.ratio = ratio
        bound = UInt64(ratio * 0x1p63)
    }

    /// `TraceIdRatioBased{0.100000}`.
    public var description: String {
        "TraceIdRatioBased{\(Int((ratio * 1_000_000).rounded()).fixedPoint(6))}"
    }

    /// Depends on the trace id alone.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: request.traceID.low >> 1 < bound, reliesOnTraceID: true)
    }
}
