import SpanKitRecording

/// Why a span is kept.
struct TailDecision: Hashable {
    var reason: TailSamplingReason
    /// Whether a trace state without a threshold means that head sampling kept the trace with certainty.
    var wasCertainBefore: Bool
}

/// Adds decisions to records: the threshold to the trace state, and the reason to local roots. Used by the shipper's
/// thread.
///
/// The entries that it adds are encoded once, because most spans of a trace get the same ones.
final class DecisionWriter {
    /// The threshold of ``TailSamplingReason/probability``. Of other reasons it is 0, because they keep with certainty.
    private let threshold: UInt64
    private let samplesEveryRoot: Bool
    private let rewriter = RecordRewriter()
    /// The trace states of traces that had none, by threshold: 0, and that of the probability.
    private let newStates: (certain: EntryBytes, sampled: EntryBytes)
    private let reasons: [TailSamplingReason: EntryBytes]
    private var latest: Change?

    /// The change of a trace state.
    private struct Change {
        var before: [UInt8]
        var threshold: UInt64
        var wasCertainBefore: Bool
        /// The entry; nil if the trace state stays as it is.
        var entry: EntryBytes?
    }

    init(threshold: UInt64, samplesEveryRoot: Bool) {
        self.threshold = threshold
        self.samplesEveryRoot = samplesEveryRoot
        newStates = (Self.state("", threshold: 0) ?? EntryBytes(), Self.state("", threshold: threshold) ?? EntryBytes())
        reasons = Dictionary(
            uniqueKeysWithValues: TailSamplingReason.allCases.map { reason in
                var entry = EntryBytes()
                entry.write([Attribute(SamplingKeys.reason, .string(reason.rawValue))])
                return (reason, entry)
            }
        )
    }

    /// Calls `body` with a record to which its decision was added.
    func hand(_ record: SpanRecord, _ decision: TailDecision, to body: (SpanRecord) -> Bool) -> Bool {
        let isLocalRoot = record.isLocalRoot
        let state = state(of: record, decision)
        guard isLocalRoot || state != nil else { return body(record) }
        let reason = isLocalRoot ? reasons[decision.reason] : nil
        return rewriter.withCopy(of: record, traceState: state, adding: reason, body)
    }

    /// The entry of the new trace state; nil if it stays as it is.
    private func state(of record: SpanRecord, _ decision: TailDecision) -> EntryBytes? {
        let isCertain = decision.reason != .probability
        let wasCertainBefore = decision.wasCertainBefore || record.header.parentSpanID == 0 && samplesEveryRoot
        guard let before = record.traceStateBytes else {
            return wasCertainBefore ? (isCertain ? newStates.certain : newStates.sampled) : nil
        }
        let threshold = isCertain ? 0 : threshold
        if let latest, latest.threshold == threshold, latest.wasCertainBefore == wasCertainBefore,
            latest.before.elementsEqual(before)
        {
            return latest.entry
        }
        let text = String(decoding: before, as: UTF8.self)
        let entry = Self.state(text, threshold: threshold, wasCertainBefore: wasCertainBefore)
        latest = Change(
            before: Array(before),
            threshold: threshold,
            wasCertainBefore: wasCertainBefore,
            entry: entry
        )
        return entry
    }

    /// The entry of a trace state with a threshold; nil if the trace state need not change.
    ///
    /// A threshold is never lowered. If the probability of head sampling is unknown, no threshold is added, because
    /// backends would extrapolate wrong counts from it.
    private static func state(_ text: String, threshold: UInt64, wasCertainBefore: Bool = true) -> EntryBytes? {
        var state = SamplingState(text)
        if let before = state.threshold {
            guard before < threshold else { return nil }
        } else if !wasCertainBefore {
            return nil
        }
        state.raiseThreshold(to: threshold)
        var entry = EntryBytes()
        if !state.text.isEmpty { entry.write(text: state.text, type: EntryType.traceState) }
        return entry
    }
}

extension SpanRecord {
    /// Whether the span has no parent in this process.
    var isLocalRoot: Bool { header.parentSpanID == 0 || header.bits.contains(.parentIsRemote) }

    /// The trace state, if the span has one.
    var traceStateBytes: UnsafeRawBufferPointer? {
        header.traceState == 0 ? nil : Entries(payload).text(EntryType.traceState)
    }
}
