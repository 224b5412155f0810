import SpanKitPercentiles
import SpanKitRecording

/// A source of the spans that ``TailSampling`` keeps, between the span log and the encoder.
///
/// A span passes these steps:
/// 1. It ends, and its record is in the log. ``decide(_:decidesAll:)`` notes the place of the record, by trace.
/// 2. The local root of the trace ends. The records of the trace are either removed from the log or become readable.
/// 3. The encoder reads and consumes them, as from any source.
///
/// Records are not copied. If the process dies, undecided spans are in the log, and are recovered and kept.
/// At most ``TailSampling/maximumBytes`` of the log are held back, plus the open chunk of each thread.
/// Used by the shipper's thread, except ``text(of:)``.
final class TailSampler: SpanSource, @unchecked Sendable {
    private let recorder: Recorder
    private let threshold: UInt64
    private let maximumBytes: Int
    private let maximumSpans: Int
    private let decisionWait: Duration
    private let samplesEveryRoot: Bool
    private var rules: TailRules

    /// The position up to which the log was read.
    private var places = LogPlaces()
    private var seenBytes = 0
    private var held: [TraceID: HeldTrace] = [:]
    private var heldSpans = 0
    /// The held traces, oldest first. Also contains traces that are no longer held.
    private var order = Queue<(traceID: TraceID, number: UInt64)>()
    private var lastNumber: UInt64 = 0
    /// The decisions for traces that were kept with probability 1. Their later spans are kept as well.
    private var kept = RecentTraces()
    private var dropped: [RecordPlace] = []
    private var ready: [Ready] = []
    /// The number of consumed elements at the start of ``ready``.
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

    /// The number of kept spans that are not consumed yet.
    var readyCount: Int { ready.count - consumed }

    /// The state for other threads.
    struct Report: Sendable {
        var account: TailSamplingAccount
        /// See ``TailSampler/readyCount``.
        var ready: UInt64
        /// The position up to which the log was read.
        var places: LogPlaces
    }

    var report: Report { Report(account: account, ready: UInt64(readyCount), places: places) }

    // MARK: Deciding

    /// Reads the spans that have ended since the last call and decides on their traces.
    /// - Parameter decidesAll: whether to decide on traces with an open local root as well.
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

    /// Decides on the tree below a local root, or on the whole trace if there is a reason to keep it.
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

    /// The oldest trace, if it must be decided now.
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
            // A closed recorder returns no records.
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

/// The decisions on the latest traces that were kept with certainty.
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
    /// The trace state; may be empty.
    fileprivate var traceState: String {
        guard header.traceState != 0, let text = Entries(payload).text(EntryType.traceState) else { return "" }
        return String(decoding: text, as: UTF8.self)
    }
}
