import SpanKitPlatform

/// Samples traces with a fixed probability. Services with the same probability sample the same traces.
///
/// This is OpenTelemetry's "ProbabilitySampler" (consistent probability sampling, in development). A span is kept if R
/// ≥ T, where R is the 56-bit randomness of its trace and T = (1−p)·2^56 is the rejection threshold for the probability
/// p. The trace state of a kept span contains the threshold (`ot=th:…`), so that a backend can extrapolate counts: the
/// span represents 2^56/(2^56−T) spans.
public struct ProbabilitySampler: Sampler, ComposableSampler {
    let threshold: UInt64
    private let probability: Double

    /// Creates the sampler; returns nil if the probability is not between 2^-56 and 1. To sample nothing, use ``AlwaysOffSampler``.
    public init?(probability: Double) {
        guard probability >= 0x1p-56, probability <= 1 else { return nil }
        self.probability = probability
        threshold = Self.threshold(probability: probability)
    }

    /// The name of the sampler and its probability, such as `ProbabilitySampler{0.1}`.
    public var description: String { "ProbabilitySampler{\(probability)}" }

    /// Samples the span if the randomness of its trace is at least the threshold.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        intent(for: request).decision(for: request)
    }

    /// Returns the threshold for the sampler's probability.
    public func intent(for request: SamplingRequest) -> SamplingIntent { SamplingIntent(threshold: threshold) }

    /// The threshold T, rounded half up to four hexadecimal digits after the leading `f` digits. This is the specification's default
    /// precision: digits = clamp(4 + ⌊exponent / −4⌋, 1, 12).
    static func threshold(probability: Double) -> UInt64 {
        guard probability < 1 else { return 0 }
        // The exponent as in frexp: probability = fraction · 2^exponent with the fraction in [0.5, 1).
        let exponent = Int(probability.exponent) + 1
        let leading = exponent >= 0 ? 0 : -exponent / 4
        let digits = min(max(4 + leading, 1), 12)
        let dropped = UInt64(4 * (14 - digits))
        let exact = (UInt64(1) << 56) - UInt64((probability * 0x1p56).rounded())
        let rounded = ((exact + (UInt64(1) << (dropped - 1))) >> dropped) << dropped
        return min(rounded, (UInt64(1) << 56) - 1)
    }

    /// The threshold as one to 14 hexadecimal digits without trailing zeros; `0` for 0.
    static func encode(threshold: UInt64) -> String {
        guard threshold > 0 else { return "0" }
        return (threshold << 8).hexadecimalDigits(first: 14 - threshold.trailingZeroBitCount / 4)
    }
}

/// Samples a fixed ratio of traces by trace id. Prefer ``ProbabilitySampler``; this one exists for compatibility.
///
/// The specification does not define the algorithm. This sampler uses the algorithm of the Go SDK: a trace is sampled
/// if the last eight bytes of its id, shifted right by one, are below ratio · 2^63. A higher ratio samples a superset
/// of the traces.
public struct TraceIDRatioSampler: Sampler {
    let ratio: Double
    private let bound: UInt64

    /// Creates the sampler; returns nil if the ratio is not between 0 and 1.
    public init?(ratio: Double) {
        guard (0...1).contains(ratio) else { return nil }
        self.ratio = ratio
        bound = UInt64(ratio * 0x1p63)
    }

    /// The name of the sampler and its ratio, such as `TraceIdRatioBased{0.100000}`.
    public var description: String {
        "TraceIdRatioBased{\(Int((ratio * 1_000_000).rounded()).fixedPoint(6))}"
    }

    /// Samples the span by its trace id alone.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: request.traceID.low >> 1 < bound, reliesOnTraceID: true)
    }
}
