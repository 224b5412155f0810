import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// The totals of all spans with one name.
package struct SpanTotals: Sendable {
    package var name: String
    /// The number of spans.
    package var count: UInt64 = 0
    /// The durations of the spans whose start and end are known.
    package var durations = ExponentialHistogram()
    /// The times in which none of a span's children ran.
    package var selfTimes = ExponentialHistogram()
    /// The number of spans that failed.
    package var errorCount: UInt64 = 0
    /// The number of spans whose process ended before they did.
    package var unfinishedCount: UInt64 = 0
    /// The number of spans without a parent.
    package var rootCount: UInt64 = 0

    /// The kind of work of the first span.
    package let category: WorkCategory

    /// The total self time, if its distribution is not known.
    private var ownNanoseconds: UInt128?

    /// The total self time in nanoseconds.
    package var selfNanoseconds: UInt128 { ownNanoseconds ?? selfTimes.sumNanoseconds }

    /// Whether the operation usually has a parent and sometimes has none, because the context was not passed on.
    ///
    /// At least ten spans must have a parent, and at most one in six may have none. Operations that are used in both ways are not
    /// reported.
    package var losesItsParent: Bool {
        let children = count - min(rootCount, count)
        return rootCount > 0 && children >= 10 && rootCount * 5 <= children
    }

    init(name: String, like span: TraceSpan) {
        self.name = name
        category = span.category
    }

    /// Creates the totals of an operation in a results file.
    /// - Parameter profile: The operation's self time; `nil` if all of its time is its own.
    init(_ operation: OperationSnapshot, _ profile: OperationProfile?) {
        name = operation.name
        durations = operation.histogram
        count = durations.count
        errorCount = operation.errorCount
        let own = profile.map { wholeNanoseconds($0.measured?.ownNanoseconds ?? $0.ownNanoseconds) }
        ownNanoseconds = own.map { UInt128($0) } ?? operation.histogram.sumNanoseconds
        category = profile?.category ?? .computation
    }
}

/// The totals of each operation over any number of traces.
///
/// The memory grows with the number of names, not of spans.
package struct TraceTotals: Sendable {
    /// The totals by number of the ``NameTable``; `nil` for a name that only services have.
    private var byName: [SpanTotals?] = []
    /// The number of traces, or of what ``traceNoun`` names.
    package private(set) var traceCount = 0
    private(set) var traceNoun = "trace"
    /// Whether self times are known.
    private(set) var knowsOwnTimes = true
    /// The durations of whole traces.
    package private(set) var traceDurations = ExponentialHistogram()
    /// The number of spans whose parent is missing.
    package private(set) var orphanCount = 0

    package init() {}

    /// Creates the totals of results files.
    /// - Parameters:
    ///   - profiles: The operations whose self time is known.
    ///   - whole: The operation that contains the others.
    ///   - count: The number of messages or files, which takes the place of the number of traces, and its noun.
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
        if trace.spans.first?.hasTimes == true { traceDurations.record(nanoseconds: trace.duration) }
        orphanCount += trace.orphanCount
        let selfTimes = trace.selfTimes()
        for (place, span) in trace.spans.enumerated() {
            let name = Int(span.name)
            while byName.count <= name { byName.append(nil) }
            if byName[name] == nil { byName[name] = SpanTotals(name: names[span.name], like: span) }
            byName[name]?.count += 1
            if span.hasTimes {
                byName[name]?.durations.record(nanoseconds: span.duration, memoryDelta: span.heapDeltaBytes)
                byName[name]?.selfTimes.record(nanoseconds: selfTimes[place])
            }
            if span.isError { byName[name]?.errorCount += 1 }
            if span.isUnfinished { byName[name]?.unfinishedCount += 1 }
            if span.parentSpanID == 0 { byName[name]?.rootCount += 1 }
        }
    }

    /// The operations by self time, the largest first; ties by name.
    package var byTime: [SpanTotals] {
        byName.compactMap { $0 }.sorted {
            let (left, right) = ($0.selfNanoseconds, $1.selfNanoseconds)
            return left != right ? left > right : ByteText($0.name) < ByteText($1.name)
        }
    }
}
