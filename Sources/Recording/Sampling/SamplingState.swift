import SpanKitPlatform

/// The sampling information in a trace state: the sub-keys `th` and `rv` of its entry `ot`, such as `ot=th:c;rv:6e6d1a75832a2f`
/// (OpenTelemetry, "TraceState: Probability Sampling").
package struct SamplingState {
    private static let key = "ot"

    private var members: TraceState
    /// The sub-keys in order, including unknown ones.
    private var fields: [(key: Substring, value: Substring)]

    /// Reads a trace state. An invalid one counts as empty.
    package init(_ traceState: String) {
        members = TraceState([traceState]) ?? TraceState()
        fields = (members[Self.key] ?? "").split(separator: ";").compactMap { field in
            let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
    }

    /// The 56-bit randomness R of a trace: the value of `rv`, or the end of the trace id.
    package func randomness(of traceID: TraceID) -> UInt64 {
        explicitRandomness ?? Self.randomness(of: traceID)
    }

    /// The value of `rv`: exactly 14 lower-case hexadecimal digits.
    var explicitRandomness: UInt64? {
        guard let text = self["rv"], text.utf8.count == 14 else { return nil }
        return UInt64(hexadecimalDigits: Array("00\(text)".utf8))
    }

    /// The last 56 bits of a trace id.
    package static func randomness(of traceID: TraceID) -> UInt64 { traceID.low & 0xFF_FFFF_FFFF_FFFF }

    /// Whether there is a `th`, valid or not.
    var hasThreshold: Bool { self["th"] != nil }

    /// The threshold T in `th`: one to 14 lower-case hexadecimal digits, without trailing zeros.
    package var threshold: UInt64? {
        guard let text = self["th"], (1...14).contains(text.utf8.count) else { return nil }
        let digits = "00\(text)" + String(repeating: "0", count: 14 - text.utf8.count)
        return UInt64(hexadecimalDigits: Array(digits.utf8))
    }

    /// The threshold 2^56, which keeps no trace.
    package static let nothing: UInt64 = 1 << 56

    /// The threshold for a probability from 0 to 1; ``nothing`` for a probability below 2^-56.
    package static func threshold(keeping probability: Double) -> UInt64 {
        probability >= 0x1p-56 ? ProbabilitySampler.threshold(probability: min(probability, 1)) : nothing
    }

    /// Raises `th` to at least `threshold`. A later stage must not lower it, because the earlier stage has dropped traces.
    package mutating func raiseThreshold(to threshold: UInt64) {
        let threshold = max(threshold, self.threshold ?? 0)
        setThreshold(ProbabilitySampler.encode(threshold: threshold))
    }

    /// Sets or removes `th`. A changed entry moves to the front (W3C Trace Context). Fields that do not fit are removed.
    mutating func setThreshold(_ threshold: String?) {
        guard threshold.map({ Substring($0) }) != self["th"] else { return }
        fields.removeAll { $0.key == "th" }
        if let threshold { fields.insert(("th", Substring(threshold)), at: 0) }
        while value.utf8.count > TraceState.maximumValueBytes { fields.removeLast() }
        members.set(Self.key, fields.isEmpty ? nil : value)
    }

    /// The text of the complete trace state.
    package var text: String { members.text }

    private var value: String { fields.map { "\($0.key):\($0.value)" }.joined(separator: ";") }

    private subscript(key: String) -> Substring? { fields.first { $0.key == key }?.value }
}

/// The attributes of tail sampling (`TailSampling` in `SpanKitShipping`).
package enum SamplingKeys {
    /// The key of a boolean attribute. If it is true on any span of a trace, the trace is kept.
    package static let keep = "spankit.sampling.keep"
    /// The key of an attribute with the reason why a trace was kept, on the local roots of the trace.
    package static let reason = "spankit.sampling.reason"
}

extension SpanHandle {
    /// Makes tail sampling keep the whole trace, for example a trace that belongs to a support request.
    ///
    /// It sets the attribute `spankit.sampling.keep`, which other APIs can set as well. It has no effect without tail
    /// sampling, or on traces that the head sampler did not select.
    public func keepTrace() {
        set(SamplingKeys.keep, true)
    }
}
