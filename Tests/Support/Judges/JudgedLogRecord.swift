/// A log record with all OTLP fields, as the official definitions read it.
public struct JudgedLogRecord: Sendable, Hashable, Decodable {
    /// Since 1970; 0 for an unknown time.
    public var nanoseconds: UInt64
    /// Since 1970.
    public var observedNanoseconds: UInt64
    /// 1 to 24; 0 for none.
    public var severity: Int
    /// As the source spells it.
    public var severityText: String
    /// The message or another value; nil for none.
    public var body: JudgedValue?
    /// In the order of the message.
    public var attributes: [JudgedAttribute]
    /// How many were dropped.
    public var droppedAttributes: UInt32
    /// W3C trace flags.
    public var flags: UInt32
    /// 32 hex digits; empty for none.
    public var traceID: String
    /// 16 hex digits; empty for none.
    public var spanID: String
    /// The kind of an event; empty for none.
    public var eventName: String
    /// The name of the instrumentation scope.
    public var scope: String
    /// The attributes of the resource.
    public var resource: [JudgedAttribute]

    /// Creates a record to compare with.
    public init(
        nanoseconds: UInt64,
        observedNanoseconds: UInt64,
        severity: Int,
        severityText: String,
        body: JudgedValue?,
        attributes: [JudgedAttribute],
        droppedAttributes: UInt32,
        flags: UInt32,
        traceID: String,
        spanID: String,
        eventName: String,
        scope: String,
        resource: [JudgedAttribute]
    ) {
        self.nanoseconds = nanoseconds
        self.observedNanoseconds = observedNanoseconds
        self.severity = severity
        self.severityText = severityText
        self.body = body
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
        self.flags = flags
        self.traceID = traceID
        self.spanID = spanID
        self.eventName = eventName
        self.scope = scope
        self.resource = resource
    }

    /// The value of an attribute.
    public subscript(key: String) -> JudgedValue? {
        attributes.first { $0.key == key }?.value
    }
}
