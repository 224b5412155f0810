/// Records a fixed share of traces so that every service that uses the same rule keeps the same ones.
///
/// OpenTelemetry "ProbabilitySampler" (consistent probability sampling, in development): with R the 56-bit randomness of
/// the trace and T = (1−p)·2^56 the rejection threshold, a span is kept when R ≥ T. What was kept says so in its trace
/// state (`ot=th:…`), so that a backend can weigh it: one kept span stands for 2^56/(2^56−T).
public struct ProbabilitySampler: Sampler {
    let threshold: UInt64
    private let encodedThreshold: String
    private let probability: Double

    /// Creates the sampler; a probability outside 2^-56…1 (or NaN) gives nil: for none at all use ``AlwaysOffSampler``.
    public init?(probability: Double) {
        guard probability >= 0x1p-56, probability <= 1 else { return nil }
        self.probability = probability
        threshold = Self.threshold(probability: probability)
        encodedThreshold = Self.encode(threshold: threshold)
    }

    /// `ProbabilitySampler{0.1}`.
    public var description: String { "ProbabilitySampler{\(probability)}" }

    /// Keeps the trace when its randomness reaches the threshold.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        let entry = TraceStateEntry(traceState: request.parent?.traceState ?? "")
        let randomness = entry.randomness ?? request.traceID.low & 0xFF_FFFF_FFFF_FFFF
        let isSampled = randomness >= threshold
        let kept = entry.replacingThreshold(isSampled ? encodedThreshold : nil)
        return SamplingDecision(isSampled: isSampled, traceState: kept)
    }

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
        var digits = Substring((threshold << 8).hexadecimalDigits.prefix(14))
        while digits.last == "0" { digits.removeLast() }
        return String(digits)
    }
}

/// The `ot` entry of a trace state: `ot=th:c;rv:6e6d1a75832a2f`.
struct TraceStateEntry {
    /// The members of other vendors, in order.
    private var others: [Substring]
    /// The sub-keys of `ot`, in order.
    private var fields: [(key: Substring, value: Substring)]

    init(traceState: String) {
        others = []
        fields = []
        for member in traceState.split(separator: ",") {
            let trimmed = member.trimmingWhitespace
            guard trimmed.hasPrefix("ot=") else {
                if !trimmed.isEmpty { others.append(trimmed) }
                continue
            }
            for field in trimmed.dropFirst(3).split(separator: ";") {
                let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2 { fields.append((parts[0], parts[1])) }
            }
        }
    }

    /// The explicit randomness `rv`: exactly fourteen lower-case digits.
    var randomness: UInt64? {
        guard let text = fields.first(where: { $0.key == "rv" })?.value, text.utf8.count == 14 else { return nil }
        return UInt64(hexadecimalDigits: Array("00".utf8) + Array(text.utf8))
    }

    /// The whole trace state with `th` set or removed; a changed entry goes to the front (W3C).
    func replacingThreshold(_ threshold: String?) -> String {
        var kept = fields.filter { $0.key != "th" }
        if let threshold { kept.insert(("th", Substring(threshold)), at: 0) }
        let entry = kept.isEmpty ? [] : ["ot=" + kept.map { "\($0.key):\($0.value)" }.joined(separator: ";")]
        return (entry + others.map(String.init)).joined(separator: ",")
    }
}

extension Substring {
    fileprivate var trimmingWhitespace: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
