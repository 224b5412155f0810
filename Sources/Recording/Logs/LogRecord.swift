/// A copy of a log record.
public struct LogRecord: Sendable, Hashable {
    /// The time of the event, in nanoseconds since 1970-01-01 UTC.
    public var unixNanoseconds: Int64
    /// The time at which the event was recorded, in nanoseconds since 1970-01-01 UTC.
    public var observedUnixNanoseconds: Int64
    /// The severity.
    public var severity: LogSeverity
    /// The severity as the source spells it; empty for none.
    public var severityText = ""
    /// The message, or any other value; nil for none.
    public var body: AttributeValue?
    /// The attributes in the order in which their keys were first set.
    public var attributes: [Attribute] = []
    /// The number of attributes dropped because of a limit.
    public var droppedAttributeCount: UInt32 = 0
    /// The trace that the record belongs to; nil outside of all spans.
    public var traceID: TraceID?
    /// The span that the record belongs to; nil outside of all spans.
    public var spanID: SpanID?
    /// Whether the trace is sampled, and whether its id is random.
    public var traceFlags: TraceFlags = []
    /// The name of the logger; empty for none.
    public var scope = ""
    /// The name of the event; empty for none.
    public var eventName = ""
    /// The source file, such as `App/Orders.swift`; empty for none.
    public var file = ""
    /// The function, as the compiler names it; empty for none.
    public var function = ""
    /// The line in the file; 0 for none.
    public var line: UInt32 = 0

    /// Creates a record without body and attributes.
    public init(unixNanoseconds: Int64, severity: LogSeverity) {
        self.unixNanoseconds = unixNanoseconds
        observedUnixNanoseconds = unixNanoseconds
        self.severity = severity
    }

    /// The value of the attribute with this key, if any.
    public subscript(key: String) -> AttributeValue? {
        attributes.last { $0.key.hasSameBytes(as: key) }?.value
    }
}

extension LogRecordView {
    /// A copy of the record.
    /// - Parameter texts: Returns the text for a number of the string table.
    package func copy(texts: (UInt32) -> UnsafeRawBufferPointer) -> LogRecord {
        func string(_ field: LogRecordField) -> String {
            String(decoding: text(field, texts: texts), as: UTF8.self)
        }
        let times = header.unixTimes(anchor)
        var record = LogRecord(unixNanoseconds: times.time, severity: LogSeverity(rawValue: header.severity))
        record.observedUnixNanoseconds = times.observed
        record.severityText = string(.severityText)
        record.body = body?.attribute(texts).value
        record.attributes = attributes.attributes(texts)
        record.droppedAttributeCount = header.droppedAttributes
        let traceID = TraceID(high: header.traceIDHigh, low: header.traceIDLow)
        record.traceID = traceID.isValid ? traceID : nil
        record.spanID = header.spanID == 0 ? nil : SpanID(rawValue: header.spanID)
        record.traceFlags = TraceFlags(rawValue: header.traceFlags)
        record.scope = string(.scope)
        record.eventName = string(.eventName)
        record.file = string(.file)
        record.function = string(.function)
        record.line = header.line
        return record
    }
}
