import SpanKitOTLP
import SpanKitRecording

/// A log record read from a file, with its resource and scope.
package struct DecodedLog: Sendable, Hashable {
    /// The service that wrote the record.
    package var resource = Resource()
    /// The logger.
    package var scope = InstrumentationScope()
    /// When the event happened, in nanoseconds since 1970-01-01 UTC; 0 if it is not known.
    package var timeUnixNanoseconds: Int64 = 0
    /// When the record was collected, in nanoseconds since 1970-01-01 UTC; 0 if it is not known.
    package var observedUnixNanoseconds: Int64 = 0
    /// OpenTelemetry's severity number, 1 to 24; 0 if it is not specified.
    package var severityNumber: UInt8 = 0
    /// The level as the source spells it.
    package var severityText = ""
    /// The message or another content; `nil` without a body.
    package var body: AttributeValue?
    package var attributes: [Attribute] = []
    /// The number of attributes dropped because of a limit.
    package var droppedAttributeCount: UInt32 = 0
    /// The trace; `nil` if the record belongs to no trace.
    package var traceID: TraceID?
    /// The span; `nil` if the record belongs to no span.
    package var spanID: SpanID?
    package var traceFlags = TraceFlags(rawValue: 0)
    /// The name of an event; empty for other records.
    package var eventName = ""

    package init() {}

    /// The record as its process exports it: with the place in the source code as attributes.
    package init(resource: Resource, _ record: LogRecord) {
        self.resource = resource
        scope = InstrumentationScope(name: record.scope)
        timeUnixNanoseconds = record.unixNanoseconds
        observedUnixNanoseconds = record.observedUnixNanoseconds
        severityNumber = record.severity.rawValue
        severityText = record.severityText
        body = record.body
        attributes = record.attributes + record.codeAttributes.filter { record[$0.key] == nil }
        droppedAttributeCount = record.droppedAttributeCount
        traceID = record.traceID
        spanID = record.spanID
        traceFlags = record.traceFlags
        eventName = record.eventName
    }

    /// The value of the attribute with this key, if any.
    package subscript(key: String) -> AttributeValue? {
        attributes.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}

/// The names of OpenTelemetry's severity numbers in OTLP JSON, such as `SEVERITY_NUMBER_INFO2`.
enum SeverityName {
    /// The name of the first of four numbers each. The others have the suffixes 2 to 4.
    private static let ranges = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

    /// The largest severity number.
    static let largest: UInt64 = 24

    /// - Returns: `nil` for an unknown name.
    static func number(_ name: String) -> UInt8? {
        let prefix = "SEVERITY_NUMBER_"
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        if rest == "UNSPECIFIED" { return 0 }
        for (place, range) in ranges.enumerated() where rest.hasPrefix(range) {
            let suffix = rest.dropFirst(range.count)
            if suffix.isEmpty { return UInt8(place * 4 + 1) }
            if let step = UInt8(suffix), 2...4 ~= step { return UInt8(place * 4) + step }
        }
        return nil
    }
}
