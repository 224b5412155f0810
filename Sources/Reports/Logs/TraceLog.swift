import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// The part of a log record that the report of its trace needs.
package struct TraceLog: Sendable {
    /// The span's id; 0 if the record belongs to no span.
    var spanID: UInt64
    /// Nanoseconds since 1970-01-01 UTC; 0 if it is not known.
    var time: Int64
    /// The severity number; 0 if it is not known.
    var severity: UInt8
    /// The number of the resource's `service.name` in the ``NameTable``.
    var service: UInt32
    /// A hash of all decoded values, to recognize repeated records.
    var fingerprint: Int
    /// Whether the record describes an exception.
    var isException: Bool
    /// The exception or the message of an error; with spans of the detail levels `causes` and `page`, the message is a pattern.
    var cause: FailureCause?
    /// The text in a waterfall: the level, the message and the attributes. With full details, other lines follow.
    var text = ""
    /// The record for machine-readable output.
    var json: JSONText?
    /// The record, if it is read for the HTML page.
    var page: PageLog?

    /// A record for the HTML page. It is a class so that a ``TraceLog`` stays small.
    final class PageLog: Sendable {
        let log: DecodedLog

        init(_ log: DecodedLog) { self.log = log }
    }

    /// - Parameter details: The form in which the content is kept. With `causes`, only the cause of a failure is kept.
    init(_ log: DecodedLog, names: inout NameTable, details: TraceSpan.DetailLevel) {
        spanID = log.spanID?.rawValue ?? 0
        time = log.time
        severity = log.severity
        service = names.number(ofService: log.serviceName)
        fingerprint = log.hashValue
        isException = log.isException
        switch details {
        case .none: break
        case .causes: cause = FailureCause(log)?.pattern
        case .folded: text = Self.line(log, limit: 240)
        case .full: text = Self.lines(log)
        case .typed:
            cause = FailureCause(log)
            json = JSONText(log)
        case .page:
            cause = FailureCause(log)?.pattern
            page = PageLog(log)
        }
    }

    /// Whether the record says that its span failed, unless the span has a status: an exception whose severity is error or higher, or is not
    /// specified.
    var isFailure: Bool { isException && (severity == 0 || severity >= LogLevel.leastError) }

    /// Whether the record may be the cause of a failed span. The severity of an exception that its caller handled is warning.
    fileprivate var mayBeCause: Bool { isException && (severity == 0 || severity >= 13) }

    private static func line(_ log: DecodedLog, limit: Int) -> String {
        let text = LogText(log)
        let more = text.rest.isEmpty ? [] : ["(\(text.rest.count) more \(text.rest.count == 1 ? "line" : "lines"))"]
        let line = ([log.levelText, text.message] + text.facts + more).filter { !$0.isEmpty }.joined(separator: "  ")
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }

    private static func lines(_ log: DecodedLog) -> String {
        let text = LogText(log)
        let logger = log.scope.name.isEmpty ? [] : ["logger \(log.scope.name)"]
        let head = ([log.levelText, text.message] + text.facts + logger).filter { !$0.isEmpty }.joined(separator: "  ")
        return ([head] + text.rest.map { "  " + $0 }).joined(separator: "\n")
    }

    /// The memory of the record in units of about 128 bytes.
    var weight: Int {
        let causeText = (cause?.message?.text.utf8.count ?? 0) + (cause?.errorType?.text.utf8.count ?? 0)
        let content = (json?.byteCount ?? 0) / 4 + (page?.log.byteCount ?? 0)
        return 1 + (text.utf8.count + causeText + content) / 128
    }
}

extension JSONText {
    /// A log record as a member of its trace.
    init(_ log: DecodedLog) {
        self = .object([
            ("time_unix_ns", log.time > 0 ? .count(log.time) : .null),
            ("severity_number", .count(log.severityNumber)),
            ("severity_text", log.severityText.isEmpty ? .null : .string(log.severityText)),
            ("service", log.serviceName.isEmpty ? .null : .string(log.serviceName)),
            ("logger", log.scope.name.isEmpty ? .null : .string(log.scope.name)),
            ("event_name", log.eventName.isEmpty ? .null : .string(log.eventName)),
            ("body", log.body.map { JSONText($0) } ?? .null),
            ("attributes", JSONText(log.attributes)),
            ("span_id", log.spanID.map { .string("\($0)") } ?? .null),
        ])
    }
}

extension TraceSpan {
    /// Takes the records of the span into account: an exception makes a span without a status a failed one, and is the cause if the span has no
    /// exception event, so that a failure that is recorded in both forms counts once.
    mutating func apply(_ logs: ArraySlice<TraceLog>) {
        if failureFacts.contains(.isUndecided), logs.contains(where: \.isFailure) { isError = true }
        guard isError else { return }
        guard !failureFacts.contains(.hasException) else { return }
        let exception = logs.last(where: \.mayBeCause)?.cause
        let error = logs.last { $0.severity >= LogLevel.leastError }?.cause
        var known = cause ?? FailureCause(errorType: nil, message: nil)
        if !failureFacts.contains(.hasType), let type = exception?.errorType { known.errorType = type }
        known.message = exception?.message ?? known.message ?? error?.message
        if known.errorType != nil || known.message != nil { cause = known }
    }
}
