import SpanKitPlatform

/// Records a fixed share of traces so that every service that uses the same rule keeps the same ones.
///
/// OpenTelemetry "ProbabilitySampler" (consistent probability sampling, in development): with R the 56-bit randomness of
/// the trace and T = (1−p)·2^56 the rejection threshold, a span is kept when R ≥ T. What was kept says so in its trace
/// state (`ot=th:…`), so that a backend can weigh it: one kept span stands for 2^56/(2^56−T).
public struct ProbabilitySampler: Sampler, ComposableSampler {
    let threshold: UInt64
    private let probability: Double

    /// Creates the sampler; a probability outside 2^-56…1 (or NaN) gives nil: for none at all use ``AlwaysOffSampler``.
    public init?(probability: Double) {
        guard probability >= 0x1p-56, probability <= 1 else { return nil }
        self.probability = probability
        threshold = Self.threshold(probability: probability)
    }

    /// `ProbabilitySampler{0.1}`.
    public var description: String { "ProbabilitySampler{\(probability)}" }

    /// Keeps the trace when its randomness reaches the threshold.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        intent(for: request).decision(for: request)
    }

    /// The threshold.
    public func intent(for request: SamplingRequest) -> SamplingIntent { SamplingIntent(threshold: threshold) }

    /// T rounded half up to four significant hexadecimal digits after the leading `f` run, as the specification's default
    /// precision has it: digits = clamp(4 + ⌊exponent / −4⌋, 1, 12).
    static func threshold(probability: Double) -> UInt64 {
        guard probability < 1 else { return 0 }
        // frexp's exponent: probability = fraction · 2^exponent with the fraction in [0.5, 1).
        let exponent = Int(probability.exponent) + 1
        let leading = exponent >= 0 ? 0 : -exponent / 4
        let digits = min(max(4 + leading, 1), 12)
        let dropped = UInt64(4 * (14 - digits))
        let exact = (UInt64(1) << 56) - UInt64((probability * 0x1p56).rounded())
        let rounded = ((exact + (UInt64(1) << (dropped - 1))) >> dropped) << dropped
        return min(rounded, (UInt64(1) << 56) - 1)
    }

    /// One to fourteen digits, trailing zeros removed; `0` for "keep all".
    static func encode(threshold: UInt64) -> String {
        guard threshold > 0 else { return "0" }
        return (threshold << 8).hexadecimalDigits(first: 14 - threshold.trailingZeroBitCount / 4)
    }
}

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
