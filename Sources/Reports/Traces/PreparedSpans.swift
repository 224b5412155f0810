import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// The spans of a part of the input, in the form that ``TraceAssembler`` needs. Any thread can prepare them.
package struct PreparedSpans: Sendable {
    struct Prepared: Sendable {
        var span: TraceSpan
        var traceID: TraceID
        var namespace: String
    }

    struct PreparedLog: Sendable {
        var log: TraceLog
        var traceID: TraceID
    }

    /// The selected spans and the other spans that may belong to their traces. Their names are numbers in `names`.
    private(set) var spans: [Prepared] = []
    /// The number of all spans.
    package private(set) var count = 0
    /// The log records that may belong to selected traces.
    private(set) var logs: [PreparedLog] = []
    /// The number of all log records.
    package private(set) var logCount = 0
    private(set) var leftOutLogs = LeftOutLogs()
    /// Metrics, of which nothing is prepared.
    package private(set) var metrics: [DecodedMetric] = []
    /// The selection, which has counted the spans.
    package private(set) var selection: SpanSelection
    private var names = NameTable(limit: .max)
    private let details: TraceSpan.DetailLevel
    private let grouping: SpanGrouping?
    private var origin: SpanOrigin?

    /// - Parameters:
    ///   - selection: The selection, which must not have counted any spans.
    ///   - details: The form in which attributes and events are kept.
    ///   - grouping: The property that becomes the ``TraceSpan/group`` of spans.
    package init(_ selection: SpanSelection, details: TraceSpan.DetailLevel = .none, grouping: SpanGrouping? = nil) {
        self.selection = selection
        self.details = details
        self.grouping = grouping
    }

    /// Prepares a span.
    package mutating func add(_ span: DecodedSpan) {
        count += 1
        let part = selection.part(of: span)
        guard part != .otherTrace else { return }
        let origin = origin.flatMap { $0.isOrigin(of: span) ? $0 : nil } ?? SpanOrigin(span)
        self.origin = origin
        var known = TraceSpan(span, from: origin, names: &names, details: details, grouping: grouping)
        known.isSelected = part == .selected
        known.isStartless = part == .startless
        spans.append(Prepared(span: known, traceID: span.span.context.traceID, namespace: origin.namespace))
    }

    /// Prepares a log record. A report about the causes of failures keeps only records that may be such a cause.
    package mutating func add(_ log: DecodedLog) {
        logCount += 1
        guard let traceID = log.traceID else {
            leftOutLogs.tracelessCount += 1
            if log.isException, log.severity == 0 || log.isError { leftOutLogs.failureCount += 1 }
            return
        }
        guard selection.mayContain(traceID) else { return }
        let known = TraceLog(log, names: &names, details: details)
        if details == .causes, known.cause == nil { return }
        logs.append(PreparedLog(log: known, traceID: traceID))
    }

    package mutating func add(_ metric: DecodedMetric) { metrics.append(metric) }

    /// The numbers of the names of prepared spans in the table of all names.
    struct Numbers {
        private let own: NameTable
        private var names: [UInt32?]
        private var services: [UInt32?]
        private var values: [UInt32?]

        init(_ part: PreparedSpans) {
            own = part.names
            names = Array(repeating: nil, count: own.names.count)
            (services, values) = (names, names)
        }

        mutating func translate(_ span: inout TraceSpan, to all: inout NameTable) {
            span.name = Self.number(span.name, &names) { all.number(of: own[$0]) }
            span.service = Self.number(span.service, &services) { all.number(ofService: own[$0]) }
            guard span.group != NameTable.none else { return }
            span.group = Self.number(span.group, &values) { all.number(ofValue: own[$0]) }
        }

        mutating func translate(_ log: inout TraceLog, to all: inout NameTable) {
            log.service = Self.number(log.service, &services) { all.number(ofService: own[$0]) }
        }

        private static func number(
            _ number: UInt32,
            _ known: inout [UInt32?],
            _ make: (UInt32) -> UInt32
        ) -> UInt32 {
            if let known = known[Int(number)] { return known }
            let made = make(number)
            known[Int(number)] = made
            return made
        }
    }
}

extension SpanSelection {
    /// Adds what the selection of prepared spans has counted.
    package mutating func add(_ part: PreparedSpans) { add(part.selection) }
}
