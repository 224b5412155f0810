import Percentiles

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

    /// What kind of work they are: that of the first.
    package let category: WorkCategory
    /// They call a language model.
    package let isModelCall: Bool

    init(name: String, like span: TraceSpan) {
        self.name = name
        category = span.category
        isModelCall = span.isModelCall
    }
}

/// Totals of every name over any number of traces; takes memory by names, not by spans.
package struct TraceTotals: Sendable {
    /// By number of the ``NameTable``; nil for a name that only services have.
    private var byName: [SpanTotals?] = []
    /// Traces that were added.
    package private(set) var traceCount = 0
    /// Durations of whole traces.
    package private(set) var traceDurations = ExponentialHistogram()
    /// Spans that name a parent which never came.
    package private(set) var orphanCount = 0
    /// Spans that came more than once.
    package private(set) var duplicateCount = 0

    package init() {}

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
        }
    }

    /// The name with the largest self time first; ties by name.
    package var byTime: [SpanTotals] {
        byName.compactMap { $0 }.sorted {
            let (left, right) = ($0.selfTimes.sumNanoseconds, $1.selfTimes.sumNanoseconds)
            return left != right ? left > right : $0.name < $1.name
        }
    }
}
