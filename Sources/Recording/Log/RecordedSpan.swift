/// An ended span, read back from the log.
public struct RecordedSpan: Sendable, Hashable {
    /// Something that happened during the span.
    public struct Event: Sendable, Hashable {
        /// What happened.
        public var name: String
        /// Nanoseconds since 1970-01-01 UTC.
        public var unixNanoseconds: Int64
        /// The details.
        public var attributes: [Attribute]
        /// Attributes that exceeded the limit.
        public var droppedAttributeCount: UInt32

        /// Creates an event.
        public init(
            name: String,
            unixNanoseconds: Int64,
            attributes: [Attribute] = [],
            droppedAttributeCount: UInt32 = 0
        ) {
            self.name = name
            self.unixNanoseconds = unixNanoseconds
            self.attributes = attributes
            self.droppedAttributeCount = droppedAttributeCount
        }
    }

    /// A span elsewhere that this one belongs with.
    public struct Link: Sendable, Hashable {
        /// The other span.
        public var context: SpanContext
        /// The details.
        public var attributes: [Attribute]
        /// Attributes that exceeded the limit.
        public var droppedAttributeCount: UInt32

        /// Creates a link.
        public init(context: SpanContext, attributes: [Attribute] = [], droppedAttributeCount: UInt32 = 0) {
            self.context = context
            self.attributes = attributes
            self.droppedAttributeCount = droppedAttributeCount
        }
    }

    /// The name as it was at the end.
    public var name: String
    /// Trace id, span id, flags and trace state.
    public var context: SpanContext
    /// The parent, nil for a root.
    public var parentSpanID: SpanID?
    /// Whether the parent lives in another process.
    public var parentIsRemote: Bool
    /// The kind.
    public var kind: RecordedSpan.Kind
    /// Nanoseconds since 1970-01-01 UTC.
    public var startUnixNanoseconds: Int64
    /// Nanoseconds since 1970-01-01 UTC; never before the start.
    public var endUnixNanoseconds: Int64
    /// The status.
    public var status = RecordedSpan.Status.unset
    /// In the order in which the keys were first set.
    public var attributes: [Attribute] = []
    /// In the order in which they were added.
    public var events: [Event] = []
    /// In the order in which they were added.
    public var links: [Link] = []
    /// Attributes that exceeded a limit.
    public var droppedAttributeCount: UInt32 = 0
    /// Events that exceeded the limit.
    public var droppedEventCount: UInt32 = 0
    /// Links that exceeded the limit.
    public var droppedLinkCount: UInt32 = 0
    /// Change of the heap in use, in bytes; nil where memory was not tracked.
    public var heapDeltaBytes: Int64?

    /// Creates a span; what is not given is empty.
    public init(
        name: String,
        context: SpanContext,
        parentSpanID: SpanID? = nil,
        parentIsRemote: Bool = false,
        kind: RecordedSpan.Kind = .internal,
        startUnixNanoseconds: Int64,
        endUnixNanoseconds: Int64
    ) {
        self.name = name
        self.context = context
        self.parentSpanID = parentSpanID
        self.parentIsRemote = parentIsRemote
        self.kind = kind
        self.startUnixNanoseconds = startUnixNanoseconds
        self.endUnixNanoseconds = endUnixNanoseconds
    }

    /// From start to end.
    public var duration: Duration { .nanoseconds(endUnixNanoseconds - startUnixNanoseconds) }

    /// The value of an attribute.
    public subscript(key: String) -> AttributeValue? {
        attributes.last { $0.key == key }?.value
    }
}
