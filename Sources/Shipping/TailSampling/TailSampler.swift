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
    // One thread uses these, and no method uses one that its caller is changing: while ``decide(_:decidesAll:)`` reads records by
    // `places`, ``take(_:_:_:_:)`` must not use `places`. Checking that at run time would take a third of the time of a decision.
    @exclusivity(unchecked) private var rules: TailRules

    /// The position up to which the log was read.
    @exclusivity(unchecked) private var places = LogPlaces()
    @exclusivity(unchecked) private var seenBytes = 0
    @exclusivity(unchecked) private var held = HeldTraces()
    /// The decisions for traces that were kept with probability 1. Their later spans are kept as well.
    @exclusivity(unchecked) private var kept = RecentTraces()
    /// The places of the spans of the trace that is being decided. Kept for its memory.
    @exclusivity(unchecked) private var decided: [RecordPlace] = []
    @exclusivity(unchecked) private var dropped: [RecordPlace] = []
    /// The places of kept spans, and the decision on each.
    @exclusivity(unchecked) private var ready: [RecordPlace] = []
    @exclusivity(unchecked) private var decisions: [TailDecision] = []
    /// The number of consumed elements at the start of ``ready``.
    @exclusivity(unchecked) private var consumed = 0
    private let writer: DecisionWriter
    @exclusivity(unchecked) private(set) var account = TailSamplingAccount()

    init(_ configuration: TailSampling, _ recorder: Recorder, now: ContinuousClock.Instant = .now) {
        self.recorder = recorder
        threshold = SamplingState.threshold(keeping: configuration.probability)
        maximumSpans = max(1, configuration.maximumSpans)
        maximumBytes = max(1, min(configuration.maximumBytes, recorder.configuration.logBytes / 2))
        decisionWait = configuration.decisionWait
        samplesEveryRoot = recorder.configuration.sampler.samplesEveryRoot
        rules = TailRules(configuration.rules, engine: recorder.engine, now: now)
        writer = DecisionWriter(threshold: threshold, samplesEveryRoot: samplesEveryRoot)
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
        account.waiting = UInt64(held.spanCount)
        held.shrink()
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
        let isLocalRoot = record.isLocalRoot
        var trace = held.trace(traceID)
        if trace == nil, let decision = kept[traceID] {
            decided.append(place)
            return keepDecided(decision)
        }
        let known = trace.flatMap { held[$0].reason }
        let reason = known ?? rules.reason(record, operation, isLocalRoot: isLocalRoot) { recorder.text(of: $0) }
        if trace == nil, !isLocalRoot {
            trace = held.insert(traceID, since: now, firstByte: seenBytes - record.recordBytes)
        }
        if let trace {
            held.append(.init(id: header.spanID, parentID: header.parentSpanID, place: place), to: trace)
            if known == nil, let reason { held.setReason(reason, for: trace) }
        }
        guard isLocalRoot else { return }
        let wasCertainBefore = header.parentSpanID == 0 && samplesEveryRoot
        // The decision is about the whole trace if there is a reason to keep it, or else about the tree below the local
        // root.
        if let reason {
            if let trace { held.take(trace, &decided) } else { decided.append(place) }
            keep(traceID, reason, wasCertainBefore: wasCertainBefore)
        } else {
            if let trace { held.take(treeOf: header.spanID, of: trace, &decided) } else { decided.append(place) }
            choose(traceID, record, wasCertainBefore: wasCertainBefore)
        }
    }

    private func decideEarly(_ trace: Int) {
        let (traceID, reason) = (held[trace].id, held[trace].reason)
        let first = recorder.record(at: held.firstPlace(of: trace), recorder.clock.current())
        held.take(trace, &decided)
        account.decidedEarly += UInt64(decided.count)
        if let reason {
            keep(traceID, reason, wasCertainBefore: false)
        } else {
            choose(traceID, first, wasCertainBefore: false)
        }
    }

    /// Keeps the decided spans and the later ones of their trace.
    private func keep(_ traceID: TraceID, _ reason: TailSamplingReason, wasCertainBefore: Bool) {
        let decision = TailDecision(reason: reason, wasCertainBefore: wasCertainBefore)
        kept.remember(traceID, decision)
        keepDecided(decision)
    }

    private func keepDecided(_ decision: TailDecision) {
        ready.append(contentsOf: decided)
        for _ in decided { decisions.append(decision) }
        account.kept[decision.reason, default: 0] += UInt64(decided.count)
        decided.removeAll(keepingCapacity: true)
    }

    /// Keeps or drops the decided spans by probability.
    /// - Parameter record: the record whose trace state may contain the randomness of the trace.
    private func choose(_ traceID: TraceID, _ record: SpanRecord?, wasCertainBefore: Bool) {
        let state = record?.traceStateBytes.map { String(decoding: $0, as: UTF8.self) }
        let randomness =
            state.map { SamplingState($0).randomness(of: traceID) } ?? SamplingState.randomness(of: traceID)
        if randomness >= threshold {
            keepDecided(TailDecision(reason: .probability, wasCertainBefore: wasCertainBefore))
        } else {
            dropped.append(contentsOf: decided)
            decided.removeAll(keepingCapacity: true)
        }
    }

    /// The oldest trace, if it must be decided now.
    private func oldest(_ now: ContinuousClock.Instant, decidesAll: Bool) -> Int? {
        let decidesNow = decidesAll || held.spanCount > maximumSpans
        return held.oldest { trace in
            decidesNow || seenBytes - trace.firstByte > maximumBytes || trace.since.duration(to: now) >= decisionWait
        }
    }

    // MARK: As a source

    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        var count = 0
        let current = recorder.clock.current()
        for position in consumed..<ready.count {
            // A closed recorder returns no records.
            if let record = recorder.record(at: ready[position], current),
                !writer.hand(record, decisions[position], to: body)
            {
                break
            }
            count += 1
        }
        return count > 0 ? [.chosen(count)] : []
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
        decisions.removeFirst(consumed)
        consumed = 0
    }

    private func chosen(_ stretch: LogStretch) -> ArraySlice<RecordPlace> {
        ready[consumed..<consumed + stretch.chosenCount]
    }

    func text(of number: UInt32) -> UnsafeRawBufferPointer { recorder.text(of: number) }
    func scope(of number: UInt32) -> InstrumentationScope? { recorder.scope(of: number) }
}

/// The decisions on the latest traces that were kept with certainty.
private struct RecentTraces {
    private static let capacity = 10_000

    private var numbers = IDTable()
    /// A ring once it is full.
    private var traces: [(id: TraceID, decision: TailDecision)] = []
    private var oldest = 0

    subscript(traceID: TraceID) -> TailDecision? {
        numbers.count > 0 ? numbers[traceID].map { traces[Int($0)].decision } : nil
    }

    mutating func remember(_ traceID: TraceID, _ decision: TailDecision) {
        if let known = numbers[traceID] {
            traces[Int(known)].decision = decision
        } else if traces.count < Self.capacity {
            numbers[traceID] = UInt32(traces.count)
            traces.append((traceID, decision))
        } else {
            numbers[traces[oldest].id] = nil
            numbers[traceID] = UInt32(oldest)
            traces[oldest] = (traceID, decision)
            oldest = (oldest + 1) % Self.capacity
        }
    }
}
