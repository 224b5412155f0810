import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// The totals of all spans of one operation or of one group.
package struct SpanTotals: Sendable {
    /// The operation. For a group, its name is the value, which is empty if the spans have none.
    package var key: OperationKey
    /// Whether these are the spans that do not have the value by which spans are grouped.
    package var hasNoValue = false
    package var name: String { key.name.text }
    /// The number of spans.
    package var count: UInt64 = 0
    /// The durations of the spans whose start and end are known.
    package var durations = ExponentialHistogram()
    /// The self times: for each span, the time in which none of its children ran.
    package var selfTimes = ExponentialHistogram()
    /// The number of spans that failed.
    package var errorCount: UInt64 = 0
    /// The number of spans whose process ended before they did.
    package var unfinishedCount: UInt64 = 0
    /// The number of spans without a parent.
    package var rootCount: UInt64 = 0

    /// Where the time went; `nil` if no span says so.
    package var parts: PartTotals?

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

    init(_ key: OperationKey, like span: TraceSpan) {
        self.key = key
        category = span.category
    }

    /// Creates the totals of an operation of which only durations and errors are known.
    init(_ key: OperationKey, durations: ExponentialHistogram, errorCount: UInt64) {
        (self.key, self.durations, self.errorCount) = (key, durations, errorCount)
        count = durations.count
        category = .computation
    }

    /// Creates the totals of an operation in a results file.
    /// - Parameter profile: The operation's self time; `nil` if all of its time is its own.
    init(_ operation: OperationSnapshot, _ profile: OperationProfile?) {
        key = OperationKey(name: operation.name)
        durations = operation.histogram
        count = durations.count
        errorCount = operation.errorCount
        let own = profile.map { wholeNanoseconds($0.measured?.ownNanoseconds ?? $0.ownNanoseconds) }
        ownNanoseconds = own.map { UInt128($0) } ?? operation.histogram.sumNanoseconds
        category = profile?.category ?? .computation
    }
}

extension SpanTotals {
    /// Adds the totals of an operation with the same name in another service.
    mutating func merge(_ other: SpanTotals) {
        count += other.count
        // Both were recorded with the same resolution.
        try? durations.merge(other.durations)
        try? selfTimes.merge(other.selfTimes)
        errorCount += other.errorCount
        unfinishedCount += other.unfinishedCount
        rootCount += other.rootCount
        if let more = other.parts { parts = parts.map { $0.merging(more) } ?? more }
    }
}

/// The totals of each operation over any number of traces.
///
/// The memory grows with the number of operations, not of spans. Only selected spans count.
package struct TraceTotals: Sendable {
    private var totals: [SpanTotals] = []
    private var places: [OperationNumbers: Int] = [:]
    private let isGrouped: Bool
    private let operationLimit: Int
    /// The operations beyond the limit, which share ``NameTable/overflowName``.
    package private(set) var mergedOperations: MergedTexts
    private var mergedPlace: Int?
    /// Whether operations of several services were added.
    package var hasServices: Bool { Set(totals.lazy.map(\.key.service)).count > 1 }
    /// The number of traces, or of what ``traceNoun`` names.
    package private(set) var traceCount = 0
    private(set) var traceNoun = "trace"
    /// Whether self times are known.
    private(set) var knowsOwnTimes = true
    /// The durations of whole traces.
    package private(set) var traceDurations = ExponentialHistogram()
    /// The number of spans whose parent is missing.
    package private(set) var orphanCount = 0

    /// - Parameters:
    ///   - isGrouped: Whether spans are grouped by their ``TraceSpan/group`` instead of by operation.
    ///   - operationLimit: The maximum number of operations. Further ones share ``NameTable/overflowName``.
    package init(isGrouped: Bool = false, operationLimit: Int = 40_000) {
        self.isGrouped = isGrouped
        self.operationLimit = operationLimit
        mergedOperations = MergedTexts(of: "operation", as: NameTable.overflowName, limit: operationLimit)
    }

    /// Creates the totals of results files.
    /// - Parameters:
    ///   - profiles: The operations whose self time is known.
    ///   - whole: The operation that contains the others.
    ///   - count: The number of messages or files, which is used instead of the number of traces, and its noun.
    package init(
        _ operations: [OperationSnapshot],
        profiles: [OperationProfile] = [],
        whole: String? = nil,
        count: (Int, noun: String)
    ) {
        let known = Dictionary(profiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.init()
        totals = operations.map { SpanTotals($0, known[$0.name]) }
        (traceCount, traceNoun) = count
        knowsOwnTimes = !profiles.isEmpty
        traceDurations = operations.first { $0.name == whole }?.histogram ?? ExponentialHistogram()
    }

    /// Creates totals of which only durations and errors are known.
    /// - Parameter noun: What is counted instead of traces.
    package init(
        _ operations: [OperationKey: (durations: ExponentialHistogram, errorCount: UInt64)],
        countingIn noun: String
    ) {
        self.init()
        traceNoun = noun
        knowsOwnTimes = false
        totals = operations.map { SpanTotals($0.key, durations: $0.value.durations, errorCount: $0.value.errorCount) }
        traceCount = totals.reduce(0) { $0 + Int(clamping: $1.count) }
    }

    package mutating func add(_ trace: Trace, names: NameTable) {
        traceCount += 1
        if let duration = trace.timedDuration { traceDurations.record(nanoseconds: duration) }
        orphanCount += trace.orphanCount
        let selfTimes = trace.selfTimes()
        for (place, span) in trace.spans.enumerated() where span.isSelected {
            let row = row(of: span, names)
            totals[row].count += 1
            if span.hasTimes {
                totals[row].durations.record(nanoseconds: span.duration, memoryDelta: span.heapDeltaBytes)
                totals[row].selfTimes.record(nanoseconds: selfTimes[place])
            }
            if let parts = span.parts, let own = trace.ownParts(place, selfTime: selfTimes[place]) {
                totals[row].parts = totals[row].parts ?? PartTotals()
                totals[row].parts?.add(parts, own: own)
            }
            if span.isError { totals[row].errorCount += 1 }
            if span.isUnfinished { totals[row].unfinishedCount += 1 }
            // A server span may be the child of the client span with its id, without naming a parent.
            if span.parentSpanID == 0, trace.parents[place] < 0 { totals[row].rootCount += 1 }
        }
    }

    /// The index of a span's totals.
    private mutating func row(of span: TraceSpan, _ names: NameTable) -> Int {
        var numbers = OperationNumbers(span)
        if isGrouped { numbers = OperationNumbers(service: NameTable.none, name: span.group) }
        if let place = places[numbers] { return place }
        guard totals.count < operationLimit else {
            mergedOperations.add(numbers)
            mergedOperations.count()
            if let mergedPlace { return mergedPlace }
            mergedPlace = totals.count
            totals.append(SpanTotals(OperationKey(name: NameTable.overflowName), like: span))
            return totals.count - 1
        }
        places[numbers] = totals.count
        totals.append(SpanTotals(numbers.key(names), like: span))
        totals[totals.count - 1].hasNoValue = isGrouped && span.group == NameTable.none
        return totals.count - 1
    }

    /// The operations by self time, the largest first; ties by name.
    package var byTime: [SpanTotals] {
        totals.sorted {
            let (left, right) = ($0.selfNanoseconds, $1.selfNanoseconds)
            return left != right ? left > right : $0.key < $1.key
        }
    }

    /// The totals with one row for each name, merged over all services.
    package var mergingServices: TraceTotals {
        var merged = self
        merged.totals = []
        var places: [OperationKey: Int] = [:]
        for one in totals {
            let key = one.key.withoutService
            if let place = places[key] {
                merged.totals[place].merge(one)
            } else {
                places[key] = merged.totals.count
                merged.totals.append(one)
                merged.totals[merged.totals.count - 1].key = key
            }
        }
        return merged
    }
}
