import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// A span or a log record, as a ``SpanSelection`` sees it.
package protocol Selectable {
    /// The start of a span or the time of a log record in nanoseconds since 1970-01-01 UTC; 0 if it is not known.
    var selectionTime: Int64 { get }
    /// The trace; `nil` if it belongs to none.
    var selectionTrace: TraceID? { get }
    /// The value of an attribute of its own, or else of its scope or its resource.
    func attribute(_ key: ByteText) -> AttributeValue?
    func isMatched(by filter: SpanFilter) -> Bool
}

extension DecodedSpan: Selectable {
    package var selectionTime: Int64 { span.startUnixNanoseconds }
    package var selectionTrace: TraceID? { span.context.traceID }
    package func isMatched(by filter: SpanFilter) -> Bool { filter.matches(self) }
}

extension DecodedLog: Selectable {
    package var selectionTime: Int64 { time }
    package var selectionTrace: TraceID? { traceID }
    package func isMatched(by filter: SpanFilter) -> Bool { filter.matches(self) }
}

/// The spans or log records of the input that a command selects, and the counts of selected and other ones.
package struct SpanSelection: Sendable {
    package var filter: SpanFilter? {
        didSet { missingKeys = filter?.attributeKeys ?? [] }
    }
    /// The start of the selected period, inclusive, in nanoseconds since 1970-01-01 UTC.
    package var since: Int64?
    /// The end of the selected period, exclusive, in nanoseconds since 1970-01-01 UTC.
    package var until: Int64?
    /// The first digits of the id of the selected trace, in lower case; `nil` for all traces.
    package var traceDigits: String?

    /// Whether the input has only traces with a selected span, so that it is not known how many others there are.
    package var isPreselected = false

    /// The number of spans of the input.
    package private(set) var spanCount = 0
    /// The number of selected spans.
    package private(set) var matchCount = 0
    /// The traces whose ids begin with the digits. The set stops growing when there are too many to be listed.
    package private(set) var traces: Set<TraceID> = []
    /// The attributes of the filter that no span has.
    package private(set) var missingKeys: Set<ByteText> = []
    /// The first and the last start of a span in nanoseconds since 1970-01-01 UTC.
    package private(set) var period: (first: Int64, last: Int64)?

    /// The number of spans that are not selected because they have no start.
    package private(set) var startlessCount = 0

    /// The number of traces that are remembered to say how many ids begin with the digits.
    package static let traceLimit = 100_000

    /// Creates a selection of all spans.
    package init() {}

    /// Whether the selection may leave something out.
    package var isActive: Bool { selectsSpans || traceDigits != nil }

    /// Whether the selection may leave out a part of a trace.
    package var selectsSpans: Bool { filter != nil || since != nil || until != nil }

    /// How a span relates to the selection.
    package enum Part: Sendable {
        case selected
        /// Not selected, but of a trace that may contain selected spans.
        case context
        /// Like ``context``. The only reason why the span is not selected is that it has no start, and
        /// ``SpanSelection/since`` or ``SpanSelection/until`` is set.
        case startless
        case otherTrace
    }

    /// Determines how a span or a log record relates to the selection, and counts it.
    package mutating func part(of span: some Selectable) -> Part {
        guard isActive else { return .selected }
        spanCount += 1
        let start = span.selectionTime
        if start > 0 {
            period = (min(period?.first ?? start, start), max(period?.last ?? start, start))
        }
        if let traceDigits {
            guard let id = span.selectionTrace, id.begins(with: traceDigits) else { return .otherTrace }
            if traces.count < Self.traceLimit { traces.insert(id) }
        }
        for key in missingKeys where span.attribute(key) != nil { missingKeys.remove(key) }
        guard filter.map(span.isMatched) ?? true else { return .context }
        guard isInPeriod(start) else { return start > 0 ? .context : .startless }
        matchCount += 1
        return .selected
    }

    /// Whether a trace is not excluded by the digits of its id.
    package func mayContain(_ trace: TraceID) -> Bool { traceDigits.map { trace.begins(with: $0) } ?? true }

    /// Adds what another selection of the same kind has counted.
    package mutating func add(_ other: SpanSelection) {
        spanCount += other.spanCount
        matchCount += other.matchCount
        for trace in other.traces where traces.count < Self.traceLimit { traces.insert(trace) }
        missingKeys.formIntersection(other.missingKeys)
        if let theirs = other.period {
            period = (min(period?.first ?? theirs.first, theirs.first), max(period?.last ?? theirs.last, theirs.last))
        }
        startlessCount += other.startlessCount
    }

    /// Subtracts repeated spans from the counts.
    package mutating func leaveOutRepeated(of assembler: TraceAssembler) {
        guard isActive else { return }
        spanCount -= assembler.duplicateCount
        matchCount -= assembler.selectedDuplicateCount
        startlessCount -= assembler.startlessDuplicateCount
    }

    /// A span without a start is in no period.
    private mutating func isInPeriod(_ start: Int64) -> Bool {
        guard since != nil || until != nil else { return true }
        if start <= 0 { startlessCount += 1 }
        return start > 0 && start >= since ?? 0 && start < until ?? .max
    }
}

extension TraceID {
    /// Whether the id begins with some digits. The leading zeros of 64-bit ids, such as Zipkin's, may be missing.
    fileprivate func begins(with digits: String) -> Bool {
        let text = "\(self)".utf8
        return text.starts(with: digits.utf8) || high == 0 && text.suffix(16).starts(with: digits.utf8)
    }
}
