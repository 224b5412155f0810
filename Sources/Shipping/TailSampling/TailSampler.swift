import SpanKitPercentiles
import SpanKitRecording

/// Stands between the span log and the encoder and lets through what ``TailSampling`` keeps.
///
/// The way of a span: it ends, and its record stands in the log → ``decide(_:decidesAll:)`` notes where, by trace → its local root
/// ends, and the trace's records are either marked as taken or wait to be read → the encoder reads and consumes them like those
/// of any source. Nothing is copied: what is not decided is in the log when the process dies, and is recovered from there, kept.
///
/// The log is held back no further than ``TailSampling/maximumBytes``; an open chunk of each thread comes on top.
/// Belongs to the shipper's thread, but for ``text(of:)``.
final class TailSampler: SpanSource, @unchecked Sendable {
    private let recorder: Recorder
    private let threshold: UInt64
    private let maximumBytes: Int
    private let maximumSpans: Int
    private let decisionWait: Duration
    private let samplesEveryRoot: Bool
    private var rules: TailRules

    /// How far the log has been looked at.
    private var places = LogPlaces()
    private var seenBytes = 0
    private var held: [TraceID: HeldTrace] = [:]
    private var heldSpans = 0
    /// Traces that are held, in the order in which they came, and some that no longer are.
    private var order = Queue<(traceID: TraceID, number: UInt64)>()
    private var lastNumber: UInt64 = 0
    /// Of traces that were kept for certain: what comes of them later is kept, too.
    private var kept = RecentTraces()
    private var dropped: [RecordPlace] = []
    private var ready: [Ready] = []
    /// Of ``ready``: those that are consumed.
    private var consumed = 0
    private let rewriter = RecordRewriter()
    private(set) var account = TailSamplingAccount()

    private struct Ready {
        var place: RecordPlace
        var decision: TailDecision
    }

    init(_ configuration: TailSampling, _ recorder: Recorder, now: ContinuousClock.Instant = .now) {
        self.recorder = recorder
        threshold = SamplingState.threshold(keeping: configuration.probability)
        maximumSpans = max(1, configuration.maximumSpans)
        maximumBytes = max(1, min(configuration.maximumBytes, recorder.configuration.logBytes / 2))
        decisionWait = configuration.decisionWait
        samplesEveryRoot = recorder.configuration.sampler.samplesEveryRoot
        rules = TailRules(configuration.rules, engine: recorder.engine, now: now)
    }

    /// Spans that are kept and wait to be read.
    var readyCount: Int { ready.count - consumed }

    /// For other threads: where the spans are that have come here.
    struct Report: Sendable {
        var account: TailSamplingAccount
        /// As ``TailSampler/readyCount``.
        var ready: UInt64
        /// How far the log has been looked at.
        var places: LogPlaces
    }

    var report: Report { Report(account: account, ready: UInt64(readyCount), places: places) }

    // MARK: Deciding

    /// Looks at what has ended since the last call and decides what can be.
    /// - Parameter decidesAll: also what would wait for its local root otherwise.
    func decide(_ now: ContinuousClock.Instant, decidesAll: Bool) {
        rules.advance(to: now)
        recorder.readNew(&places) { record, place, operation in take(record, place, operation, now) }
        while let trace = oldest(now, decidesAll: decidesAll) { decideEarly(trace) }
        if !dropped.isEmpty {
            recorder.take(dropped)
            account.dropped += UInt64(dropped.count)
            dropped.removeAll(keepingCapacity: true)
        }
        account.waiting = UInt64(heldSpans)
    }

    private func take(
        _ record: SpanRecord,
        _ place: RecordPlace,
        _ operation: OperationID,
        _ now: ContinuousClock.Instant
    ) {
        seenBytes += record.recordBytes
        let header = record.header
        let traceID = TraceID(high: header.traceIDHigh, low: header.traceIDLow)
        let isRoot = header.parentSpanID == 0
        let isLocalRoot = isRoot || header.bits.contains(.parentIsRemote)
        if let decision = kept[traceID] { return keep(place, decision) }
        let reason = rules.reason(record, operation, isLocalRoot: isLocalRoot, texts: recorder.text)
        if held[traceID] == nil {
            lastNumber += 1
            held[traceID] = HeldTrace(number: lastNumber, since: now, firstByte: seenBytes - record.recordBytes)
            order.append((traceID, lastNumber))
        }
        held[traceID]?.spans.append(.init(id: header.spanID, parentID: header.parentSpanID, place: place))
        if let reason, held[traceID]?.reason == nil { held[traceID]?.reason = reason }
        heldSpans += 1
        if isLocalRoot { decide(traceID, record, wasCertainBefore: isRoot && samplesEveryRoot) }
    }

    /// Decides what hangs together with a local root. A reason is one for the whole trace.
    private func decide(_ traceID: TraceID, _ root: SpanRecord, wasCertainBefore: Bool) {
        guard var trace = held.removeValue(forKey: traceID) else { return }
        if trace.reason != nil { return keep(trace, traceID, wasCertainBefore: wasCertainBefore) }
        let tree = trace.takeTree(of: root.header.spanID)
        choose(tree, traceID, SamplingState(root.traceState), wasCertainBefore: wasCertainBefore)
        if !trace.spans.isEmpty { held[traceID] = trace }
    }

    private func decideEarly(_ traceID: TraceID) {
        guard let trace = held.removeValue(forKey: traceID), let first = trace.spans.first else { return }
        account.decidedEarly += UInt64(trace.spans.count)
        guard trace.reason == nil else { return keep(trace, traceID, wasCertainBefore: false) }
        let state = SamplingState(recorder.record(at: first.place, recorder.clock.current())?.traceState ?? "")
        choose(trace.spans, traceID, state, wasCertainBefore: false)
    }

    private func keep(_ trace: HeldTrace, _ traceID: TraceID, wasCertainBefore: Bool) {
        guard let reason = trace.reason else { return }
        let decision = TailDecision(reason: reason, threshold: 0, wasCertainBefore: wasCertainBefore)
        kept.remember(traceID, decision)
        heldSpans -= trace.spans.count
        for span in trace.spans { keep(span.place, decision) }
    }

    private func keep(_ place: RecordPlace, _ decision: TailDecision) {
        ready.append(Ready(place: place, decision: decision))
        account.kept[decision.reason, default: 0] += 1
    }

    private func choose(
        _ spans: [HeldTrace.Span],
        _ traceID: TraceID,
        _ state: SamplingState,
        wasCertainBefore: Bool
    ) {
        heldSpans -= spans.count
        guard state.randomness(of: traceID) >= threshold else {
            dropped.append(contentsOf: spans.lazy.map(\.place))
            return
        }
        let decision = TailDecision(reason: .probability, threshold: threshold, wasCertainBefore: wasCertainBefore)
        for span in spans { keep(span.place, decision) }
    }

    /// The trace that has waited longest, if it cannot wait any longer.
    private func oldest(_ now: ContinuousClock.Instant, decidesAll: Bool) -> TraceID? {
        while let (traceID, number) = order.first {
            guard let trace = held[traceID], trace.number == number else {
                _ = order.popFirst()
                continue
            }
            let isOver =
                decidesAll || heldSpans > maximumSpans || seenBytes - trace.firstByte > maximumBytes
                || trace.since.duration(to: now) >= decisionWait
            guard isOver else { return nil }
            _ = order.popFirst()
            return traceID
        }
        return nil
    }

    // MARK: As a source

    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        var count = 0
        let current = recorder.clock.current()
        for ready in ready[consumed...] {
            // A recorder that was closed has nothing to read any more.
            if let record = recorder.record(at: ready.place, current), !hand(record, ready.decision, to: body) { break }
            count += 1
        }
        return count > 0 ? [.chosen(count)] : []
    }

    private func hand(_ record: SpanRecord, _ decision: TailDecision, to body: (SpanRecord) -> Bool) -> Bool {
        let isLocalRoot = record.header.parentSpanID == 0 || record.header.bits.contains(.parentIsRemote)
        var decision = decision
        if record.header.parentSpanID == 0, samplesEveryRoot { decision.wasCertainBefore = true }
        let traceState = decision.traceState(instead: record.traceState)
        guard isLocalRoot || traceState != nil else { return body(record) }
        let reason = Attribute(SamplingKeys.reason, .string(decision.reason.rawValue))
        return rewriter.withCopy(of: record, traceState: traceState, adding: isLocalRoot ? [reason] : [], body)
    }

    func mark(_ stretches: [LogStretch], batch: UInt64) {
        for stretch in stretches { recorder.mark(chosen(stretch), batch: batch) }
    }

    func consume(_ stretches: [LogStretch]) {
        for stretch in stretches {
            recorder.take(chosen(stretch))
            consumed += stretch.chosenCount
        }
        guard consumed == ready.count || consumed > 65_536 else { return }
        ready.removeFirst(consumed)
        consumed = 0
    }

    private func chosen(_ stretch: LogStretch) -> some Sequence<RecordPlace> {
        ready[consumed..<consumed + stretch.chosenCount].lazy.map(\.place)
    }

    func text(of number: UInt32) -> UnsafeRawBufferPointer { recorder.text(of: number) }
}

/// The decisions on the latest traces that were kept for certain.
private struct RecentTraces {
    private static let capacity = 10_000

    private var decisions: [TraceID: TailDecision] = [:]
    private var order = Queue<TraceID>()

    subscript(traceID: TraceID) -> TailDecision? { decisions[traceID] }

    mutating func remember(_ traceID: TraceID, _ decision: TailDecision) {
        guard decisions.updateValue(decision, forKey: traceID) == nil else { return }
        order.append(traceID)
        if decisions.count > Self.capacity, let oldest = order.popFirst() { decisions[oldest] = nil }
    }
}

extension SpanRecord {
    /// The trace state as text; empty where there is none.
    fileprivate var traceState: String {
        guard header.traceState != 0, let text = Entries(payload).text(EntryType.traceState) else { return "" }
        return String(decoding: text, as: UTF8.self)
    }
}
