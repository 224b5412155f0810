import SpanKitPlatform

/// What a trace state says about sampling: the sub-keys `th` and `rv` of its entry `ot`, as in `ot=th:c;rv:6e6d1a75832a2f`
/// (OpenTelemetry, "TraceState: Probability Sampling").
package struct SamplingState {
    private static let key = "ot"

    private var members: TraceState
    /// The sub-keys, in order; those we do not know are kept.
    private var fields: [(key: Substring, value: Substring)]

    /// A trace state that is not valid is none.
    package init(_ traceState: String) {
        members = TraceState([traceState]) ?? TraceState()
        fields = (members[Self.key] ?? "").split(separator: ";").compactMap { field in
            let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
    }

    /// The randomness R of a trace, 56 bits: what `rv` says, or the end of the trace id.
    package func randomness(of traceID: TraceID) -> UInt64 {
        explicitRandomness ?? Self.randomness(of: traceID)
    }

    /// `rv`, exactly fourteen lower-case digits.
    var explicitRandomness: UInt64? {
        guard let text = self["rv"], text.utf8.count == 14 else { return nil }
        return UInt64(hexadecimalDigits: Array("00\(text)".utf8))
    }

    /// The end of a trace id.
    static func randomness(of traceID: TraceID) -> UInt64 { traceID.low & 0xFF_FFFF_FFFF_FFFF }

    /// Whether `th` is there, readable or not.
    var hasThreshold: Bool { self["th"] != nil }

    /// The threshold T: one to fourteen lower-case digits, of which zeros at the end were left out.
    package var threshold: UInt64? {
        guard let text = self["th"], (1...14).contains(text.utf8.count) else { return nil }
        let digits = "00\(text)" + String(repeating: "0", count: 14 - text.utf8.count)
        return UInt64(hexadecimalDigits: Array(digits.utf8))
    }

    /// A threshold that nothing reaches: 2^56.
    package static let nothing: UInt64 = 1 << 56

    /// The threshold for a share of traces, from 0 to 1; what is too small for one is nothing.
    package static func threshold(keeping probability: Double) -> UInt64 {
        probability >= 0x1p-56 ? ProbabilitySampler.threshold(probability: min(probability, 1)) : nothing
    }

    /// Raises `th` to at least this. A later stage never lowers it: what an earlier one has dropped stays dropped.
    package mutating func raiseThreshold(to threshold: UInt64) {
        let threshold = max(threshold, self.threshold ?? 0)
        setThreshold(ProbabilitySampler.encode(threshold: threshold))
    }

    /// Sets `th`, or takes it away. A changed entry goes to the front (W3C), and fields that it has no room for go.
    mutating func setThreshold(_ threshold: String?) {
        guard threshold.map({ Substring($0) }) != self["th"] else { return }
        fields.removeAll { $0.key == "th" }
        if let threshold { fields.insert(("th", Substring(threshold)), at: 0) }
        while value.utf8.count > TraceState.maximumValueBytes { fields.removeLast() }
        members.set(Self.key, fields.isEmpty ? nil : value)
    }

    /// The whole trace state.
    package var text: String { members.text }

    private var value: String { fields.map { "\($0.key):\($0.value)" }.joined(separator: ";") }

    private subscript(key: String) -> Substring? { fields.first { $0.key == key }?.value }
}

/// Attributes that tail sampling (`TailSampling` in `Shipping`) looks for and leaves behind.
package enum SamplingKeys {
    /// Set to true on any span of a trace: the trace is kept.
    package static let keep = "spankit.sampling.keep"
    /// Why a trace was kept; on its local roots.
    package static let reason = "spankit.sampling.reason"
}

extension SpanHandle {
    /// Keeps the whole trace, whatever tail sampling makes of traces like it: for what somebody is going to ask about.
    ///
    /// Sets the attribute `spankit.sampling.keep`, which other APIs can set as well. Without tail sampling, and in a trace that the
    /// sampler has not chosen, it decides nothing.
    public func keepTrace() {
        set("spankit.sampling.keep", true)
    }
}
