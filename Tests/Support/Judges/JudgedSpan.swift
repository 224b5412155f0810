/// A span with all OTLP fields, as the official definitions read it.
public struct JudgedSpan: Sendable, Hashable, Decodable {
    /// An event of a span.
    public struct Event: Sendable, Hashable, Decodable {
        /// The name of the event.
        public var name: String
        /// Since 1970.
        public var nanoseconds: UInt64
        /// In the order of the message.
        public var attributes: [JudgedAttribute]
        /// How many were dropped.
        public var droppedAttributes: UInt32
    }

    /// A link to another span.
    public struct Link: Sendable, Hashable, Decodable {
        /// 32 hex digits.
        public var traceID: String
        /// 16 hex digits.
        public var spanID: String
        /// W3C trace state.
        public var traceState: String
        /// W3C trace flags and what is known about the parent.
        public var flags: UInt32
        /// In the order of the message.
        public var attributes: [JudgedAttribute]
        /// How many were dropped.
        public var droppedAttributes: UInt32
    }

    /// 32 hex digits.
    public var traceID: String
    /// 16 hex digits.
    public var spanID: String
    /// 16 hex digits; empty for a root.
    public var parentSpanID: String
    /// W3C trace state.
    public var traceState: String
    /// W3C trace flags and what is known about the parent.
    public var flags: UInt32
    /// The operation.
    public var name: String
    /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    public var kind: Int
    /// Since 1970.
    public var startNanoseconds: UInt64
    /// Since 1970.
    public var endNanoseconds: UInt64
    /// In the order of the message.
    public var attributes: [JudgedAttribute]
    /// How many were dropped.
    public var droppedAttributes: UInt32
    /// In the order of the message.
    public var events: [Event]
    /// How many were dropped.
    public var droppedEvents: UInt32
    /// In the order of the message.
    public var links: [Link]
    /// How many were dropped.
    public var droppedLinks: UInt32
    /// 0 unset, 1 ok, 2 error.
    public var status: Int
    /// What went wrong.
    public var statusMessage: String
    /// The name of the instrumentation scope.
    public var scope: String
    /// Its version.
    public var scopeVersion: String
    /// Its attributes.
    public var scopeAttributes: [JudgedAttribute]
    /// The URL of its schema.
    public var scopeSchemaURL: String
    /// The attributes of the resource.
    public var resource: [JudgedAttribute]

    /// The value of an attribute.
    public subscript(key: String) -> JudgedValue? {
        attributes.first { $0.key == key }?.value
    }
}
