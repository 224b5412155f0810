import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Assembles traces from spans in any order, in bounded memory.
///
/// Traces are delivered when the input ends. If more spans are waiting than the limit allows, the traces whose latest
/// span was added the longest time ago are delivered early. Later spans of such a trace become a separate trace. This
/// is rare, because exporters write the spans of a trace close together. ``partedTraceCount`` counts such traces.
package struct TraceAssembler {
    private struct OpenTrace {
        var spans: [TraceSpan] = []
        /// The fingerprints of the spans, once there are too many to search all of them.
        var fingerprints: Set<UInt64> = []
        var duplicateCount = 0
        /// The log records of the trace.
        var logs: [TraceLog] = []
        /// The number of the span or the log record that was added last.
        var lastAddition = 0
        /// The size of the spans and their texts in units of one span.
        var weight = 0

        /// Adds a span, unless all of its decoded values equal those of another span.
        mutating func add(_ span: TraceSpan) -> Bool {
            let fewest = 32
            if spans.count < fewest {
                if spans.contains(where: { $0.spanID == span.spanID && $0.fingerprint == span.fingerprint }) {
                    return false
                }
            } else {
                if fingerprints.isEmpty { fingerprints = Set(spans.map(\.fingerprint)) }
                guard fingerprints.insert(span.fingerprint).inserted else { return false }
            }
            spans.append(span)
            return true
        }

        mutating func add(_ log: TraceLog, _ weight: Int, _ number: Int) {
            lastAddition = number
            logs.append(log)
            self.weight += weight
        }
    }

    /// The names of all spans so far.
    package private(set) var names = NameTable()
    /// The number of spans so far.
    package private(set) var spanCount = 0
    /// The number of delivered traces. A trace that was delivered in parts counts once for each part.
    package private(set) var traceCount = 0
    /// The number of traces that were delivered early and of which further spans were read later.
    package var partedTraceCount: Int { early.partedCount }
    /// Whether ``partedTraceCount`` is a lower bound, because too many traces were delivered early to remember all of them.
    package var isPartedLowerBound: Bool { early.isFull }
    /// The number of later parts of traces that were delivered in several parts. The first part of each trace is not
    /// included.
    package var laterPartCount: Int { early.laterPartCount }
    /// The number of spans that were left out because all of their decoded values equal those of another span.
    package private(set) var duplicateCount = 0
    /// The number of such repeated spans that are selected.
    package private(set) var selectedDuplicateCount = 0
    /// The number of such repeated spans that are not selected only because they have no start.
    package private(set) var startlessDuplicateCount = 0
    /// The number of spans without a start or without an end.
    package private(set) var untimedCount = 0
    /// The names of the first spans without a start or without an end.
    package private(set) var untimedNames: [String] = []

    /// What happened to log records that are not part of a delivered trace.
    package private(set) var leftOutLogs = LeftOutLogs()

    /// The number of spans and log records so far.
    private var additionCount = 0

    /// The values of `service.namespace` by the number of the service. A service with several namespaces counts as one.
    private var namespaces: [UInt32: Set<ByteText>] = [:]

    /// The usual number of traces that are remembered to recognize later spans of them.
    package static let earlyLimit = 750_000
    private let spanLimit: Int
    private let details: TraceSpan.DetailLevel
    private let grouping: SpanGrouping?
    private var open: [TraceID: OpenTrace] = [:]
    private var waitingWeight = 0
    private var early: EarlyTraces

    /// - Parameters:
    ///   - spanLimit: The number of spans that may wait for the rest of their traces. About 128 bytes of long texts count as one
    ///     span. The default is larger for typed details, because the JSON of a trace contains its texts in full.
    ///   - details: The form in which attributes and events are kept.
    ///   - grouping: The property that becomes the ``TraceSpan/group`` of spans.
    ///   - earlyLimit: The number of traces that are remembered to recognize later spans of them.
    package init(
        spanLimit: Int? = nil,
        details: TraceSpan.DetailLevel = .none,
        grouping: SpanGrouping? = nil,
        earlyLimit: Int = TraceAssembler.earlyLimit
    ) {
        early = EarlyTraces(limit: earlyLimit)
        self.grouping = grouping
        self.spanLimit = max(1, spanLimit ?? (details == .typed ? 4_000_000 : 400_000))
        self.details = details
    }

    /// Adds a span, and delivers traces early if the limit is exceeded.
    /// - Parameter part: How the span relates to the selection.
    /// - Returns: Whether the span counts; `false` for a repeated span.
    @discardableResult
    package mutating func add(
        _ span: DecodedSpan,
        as part: SpanSelection.Part = .selected,
        _ body: (Trace, NameTable) -> Void
    ) -> Bool {
        let origin = SpanOrigin(span)
        var known = TraceSpan(span, from: origin, names: &names, details: details, grouping: grouping)
        known.isSelected = part == .selected
        known.isStartless = part == .startless
        return add(known, of: span.span.context.traceID, namespace: origin.namespace, body)
    }

    /// Adds the spans of the next part of the input. Parts must be added in the order of the input.
    package mutating func add(_ part: PreparedSpans, _ body: (Trace, NameTable) -> Void) {
        var numbers = PreparedSpans.Numbers(part)
        for prepared in part.spans {
            var span = prepared.span
            numbers.translate(&span, to: &names)
            add(span, of: prepared.traceID, namespace: prepared.namespace, body)
        }
        leftOutLogs.add(part.leftOutLogs)
        for prepared in part.logs {
            var log = prepared.log
            numbers.translate(&log, to: &names)
            add(log, of: prepared.traceID, body)
        }
    }

    private mutating func add(_ log: TraceLog, of id: TraceID, _ body: (Trace, NameTable) -> Void) {
        guard open[id] != nil || !early.contains(id) else {
            leftOutLogs.lateCount += 1
            if log.isFailure { leftOutLogs.failureCount += 1 }
            return
        }
        additionCount += 1
        let weight = log.weight
        open[id, default: OpenTrace()].add(log, weight, additionCount)
        waitingWeight += weight
        if waitingWeight > spanLimit { makeRoom(body) }
    }

    @discardableResult
    private mutating func add(
        _ span: TraceSpan,
        of id: TraceID,
        namespace: String,
        _ body: (Trace, NameTable) -> Void
    ) -> Bool {
        spanCount += 1
        additionCount += 1
        let weight = span.weight
        let openCount = open.count
        let isNew = Self.add(span, weight, additionCount, to: &open[id, default: OpenTrace()])
        if open.count > openCount { early.reopen(id) }
        guard isNew else {
            duplicateCount += 1
            if span.isSelected { selectedDuplicateCount += 1 }
            if span.isStartless { startlessDuplicateCount += 1 }
            return false
        }
        names.countMerged(span)
        if !namespace.isEmpty { namespaces[span.service, default: []].insert(ByteText(namespace)) }
        if !span.hasTimes {
            untimedCount += 1
            let name = names[span.name]
            if untimedNames.count < 3, !untimedNames.contains(name) { untimedNames.append(name) }
        }
        waitingWeight += weight
        if waitingWeight > spanLimit { makeRoom(body) }
        return true
    }

    private static func add(_ span: TraceSpan, _ weight: Int, _ number: Int, to trace: inout OpenTrace) -> Bool {
        trace.lastAddition = number
        guard trace.add(span) else {
            trace.duplicateCount += 1
            return false
        }
        trace.weight += weight
        return true
    }

    /// The names, services or values that are merged because there are too many.
    package var mergedTexts: [MergedTexts] { names.merged(isGrouped: grouping != nil) }

    /// The services that occur in several namespaces, with the namespaces.
    package var servicesOfSeveralNamespaces: [(service: String, namespaces: [String])] {
        namespaces.filter { $0.value.count > 1 }
            .map { (service: names[$0.key], namespaces: $0.value.sorted().map(\.text)) }
            .sorted { ByteText($0.service) < ByteText($1.service) }
    }

    /// Ends the input and delivers all remaining traces.
    package mutating func finish(_ body: (Trace, NameTable) -> Void) {
        for (id, trace) in open.sorted(by: { $0.value.lastAddition < $1.value.lastAddition }) {
            deliver(id, trace, body)
        }
        open = [:]
        waitingWeight = 0
    }

    /// Delivers half of the waiting spans, so that the sorting is rare.
    private mutating func makeRoom(_ body: (Trace, NameTable) -> Void) {
        for (id, trace) in open.sorted(by: { $0.value.lastAddition < $1.value.lastAddition }) {
            guard waitingWeight > spanLimit / 2 else { return }
            open[id] = nil
            waitingWeight -= trace.weight
            if !trace.spans.isEmpty { early.add(id) }
            deliver(id, trace, body)
        }
    }

    private mutating func deliver(_ id: TraceID, _ trace: OpenTrace, _ body: (Trace, NameTable) -> Void) {
        guard !trace.spans.isEmpty else {
            leftOutLogs.spanlessCount += trace.logs.count
            leftOutLogs.failureCount += trace.logs.count(where: \.isFailure)
            return
        }
        traceCount += 1
        let whole = Trace(
            id: id,
            spans: trace.spans,
            duplicateCount: trace.duplicateCount,
            logs: trace.logs,
            names: names
        )
        leftOutLogs.repeatedCount += whole.repeatedLogCount
        body(whole, names)
    }
}

/// The numbers of log records that are not part of a trace in a report.
package struct LeftOutLogs: Sendable {
    /// Records without a trace id.
    package internal(set) var tracelessCount = 0
    /// Records of traces without spans in the input.
    package internal(set) var spanlessCount = 0
    /// Records that were read after their trace was evaluated, to limit memory.
    package internal(set) var lateCount = 0
    /// Records that were left out because all of their decoded values equal those of another one.
    package internal(set) var repeatedCount = 0
    /// The records that say that an operation failed, but have no trace, belong to a trace without spans, or were read
    /// too late.
    package internal(set) var failureCount = 0

    mutating func add(_ other: LeftOutLogs) {
        tracelessCount += other.tracelessCount
        spanlessCount += other.spanlessCount
        lateCount += other.lateCount
        repeatedCount += other.repeatedCount
        failureCount += other.failureCount
    }
}

extension TraceSpan {
    /// The memory of the span in units of about 128 bytes, the size of a span alone. Swift stores up to 15 bytes of text in place.
    fileprivate var weight: Int {
        let text = (details?.utf8.count ?? 0) + (pageContent?.byteCount ?? 0)
        let causeText = (cause?.message?.text.utf8.count ?? 0) + (cause?.errorType?.text.utf8.count ?? 0)
        return 1 + (text > 15 ? (text + 159) / 128 : 0) + (causeText + 127) / 128 + (call == nil ? 0 : 3)
            + (content.map { ($0.byteCount + 511) / 128 } ?? 0)
    }
}
