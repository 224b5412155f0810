import SpanKitPercentiles
import SpanKitSummaries

/// What all spans of one name add up to.
package struct SpanTotals: Sendable {
    /// The name of the spans.
    package var name: String
    /// Their durations.
    package var durations = ExponentialHistogram()
    /// Their self times: what each spent while none of its children ran.
    package var selfTimes = ExponentialHistogram()
    /// Those with the status error.
    package var errorCount: UInt64 = 0
    /// Those whose process ended before they did.
    package var unfinishedCount: UInt64 = 0
    /// Those that began without a parent.
    package var rootCount: UInt64 = 0

    /// What kind of work they are: that of the first.
    package let category: WorkCategory
    /// They call a language model.
    package let isModelCall: Bool

    /// Own time altogether, where only that is known and no distribution of it.
    private var ownNanoseconds: UInt128?

    /// Own time altogether, in nanoseconds.
    package var selfNanoseconds: UInt128 { ownNanoseconds ?? selfTimes.sumNanoseconds }

    /// An operation that mostly hangs below another one, and now and then below none: where it did, somebody lost the context on
    /// the way there. A fifth at most, of ten at least, so that what is simply used in both ways is left alone.
    package var losesItsParent: Bool {
        let children = durations.count - min(rootCount, durations.count)
        return rootCount > 0 && children >= 10 && rootCount * 5 <= children
    }

    init(name: String, like span: TraceSpan) {
        self.name = name
        category = span.category
        isModelCall = span.isModelCall
    }

    /// An operation of a results file.
    /// - Parameter profile: what is known of its own time; nil where all of it is taken for its own.
    init(_ operation: OperationSnapshot, _ profile: OperationProfile?) {
        name = operation.name
        durations = operation.histogram
        errorCount = operation.errorCount
        let own = profile.map { wholeNanoseconds($0.measured?.ownNanoseconds ?? $0.ownNanoseconds) }
        ownNanoseconds = own.map { UInt128($0) } ?? operation.histogram.sumNanoseconds
        category = profile?.category ?? .computation
        isModelCall = profile?.isModelCall ?? false
    }
}

/// Totals of every name over any number of traces; takes memory by names, not by spans.
package struct TraceTotals: Sendable {
    /// By number of the ``NameTable``; nil for a name that only services have.
    private var byName: [SpanTotals?] = []
    /// Traces that were added.
    package private(set) var traceCount = 0
    /// What one of them is called.
    private(set) var traceNoun = "trace"
    /// Whether it is known which part of an operation's time is its own.
    private(set) var knowsOwnTimes = true
    /// Durations of whole traces.
    package private(set) var traceDurations = ExponentialHistogram()
    /// Spans that name a parent which never came.
    package private(set) var orphanCount = 0
    /// Spans that came more than once.
    package private(set) var duplicateCount = 0

    package init() {}

    /// What results files tell.
    /// - Parameters:
    ///   - profiles: of those operations whose own time is known.
    ///   - whole: the operation that contains the others.
    ///   - count: what is counted instead of traces, and what one of them is called.
    package init(
        _ operations: [OperationSnapshot],
        profiles: [OperationProfile] = [],
        whole: String? = nil,
        count: (Int, noun: String)
    ) {
        let known = Dictionary(profiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        byName = operations.map { SpanTotals($0, known[$0.name]) }
        (traceCount, traceNoun) = count
        knowsOwnTimes = !profiles.isEmpty
        traceDurations = operations.first { $0.name == whole }?.histogram ?? ExponentialHistogram()
    }

    package mutating func add(_ trace: Trace, names: NameTable) {
        traceCount += 1
        traceDurations.record(nanoseconds: trace.duration)
        orphanCount += trace.orphanCount
        duplicateCount += trace.duplicateCount
        let selfTimes = trace.selfTimes()
        for (place, span) in trace.spans.enumerated() {
            let name = Int(span.name)
            while byName.count <= name { byName.append(nil) }
            if byName[name] == nil { byName[name] = SpanTotals(name: names[span.name], like: span) }
            byName[name]?.durations.record(nanoseconds: span.duration, memoryDelta: span.heapDeltaBytes)
            byName[name]?.selfTimes.record(nanoseconds: selfTimes[place])
            if span.isError { byName[name]?.errorCount += 1 }
            if span.isUnfinished { byName[name]?.unfinishedCount += 1 }
            if span.parentSpanID == 0 { byName[name]?.rootCount += 1 }
        }
    }

    /// The name with the largest self time first; ties by name.
    package var byTime: [SpanTotals] {
        byName.compactMap { $0 }.sorted {
            let (left, right) = ($0.selfNanoseconds, $1.selfNanoseconds)
            return left != right ? left > right : $0.name < $1.name
        }
    }
}
