import SpanKitPlatform

/// A copy of an ended span.
public struct RecordedSpan: Sendable, Hashable {
    /// An event of the span.
    public struct Event: Sendable, Hashable {
        /// The name of the event.
        public var name: String
        /// The time of the event in nanoseconds since 1970-01-01 UTC.
        public var unixNanoseconds: Int64
        /// The event's attributes.
        public var attributes: [Attribute]
        /// The number of attributes dropped because of the limit.
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

    /// A link to another span that is not the parent.
    public struct Link: Sendable, Hashable {
        /// The context of the linked span.
        public var context: SpanContext
        /// The link's attributes.
        public var attributes: [Attribute]
        /// The number of attributes dropped because of the limit.
        public var droppedAttributeCount: UInt32

        /// Creates a link.
        public init(context: SpanContext, attributes: [Attribute] = [], droppedAttributeCount: UInt32 = 0) {
            self.context = context
            self.attributes = attributes
            self.droppedAttributeCount = droppedAttributeCount
        }
    }

    /// The name the span had when it ended.
    public var name: String
    /// The trace id, span id, flags and trace state.
    public var context: SpanContext
    /// The id of the parent; nil for a root span.
    public var parentSpanID: SpanID?
    /// Whether the parent is a span of another process.
    public var parentIsRemote: Bool
    /// The span's role in a call between services.
    public var kind: RecordedSpan.Kind
    /// The start in nanoseconds since 1970-01-01 UTC.
    public var startUnixNanoseconds: Int64
    /// The end in nanoseconds since 1970-01-01 UTC; 0 if a span that was read from a file has no end.
    public var endUnixNanoseconds: Int64
    /// The status: whether the operation succeeded.
    public var status = RecordedSpan.Status.unset
    /// The attributes in the order in which their keys were first set.
    public var attributes: [Attribute] = []
    /// The events in the order in which they were added.
    public var events: [Event] = []
    /// The links in the order in which they were added.
    public var links: [Link] = []
    /// The number of attributes dropped because of a limit.
    public var droppedAttributeCount: UInt32 = 0
    /// The number of events dropped because of the limit.
    public var droppedEventCount: UInt32 = 0
    /// The number of links dropped because of the limit.
    public var droppedLinkCount: UInt32 = 0
    /// The change in heap memory in use from start to end, in bytes; nil if memory was not tracked.
    public var heapDeltaBytes: Int64?
    /// A class, because most spans have no scope of their own, and four fields would make each copy of a span slower.
    private var ownScope: OwnScope?

    /// The library that recorded the span; nil if the program itself recorded it.
    public var scope: InstrumentationScope? {
        get { ownScope?.scope }
        set { ownScope = newValue.map { OwnScope($0) } }
    }

    private final class OwnScope: Sendable, Hashable {
        let scope: InstrumentationScope

        init(_ scope: InstrumentationScope) {
            self.scope = scope
        }

        static func == (left: OwnScope, right: OwnScope) -> Bool { left.scope == right.scope }
        func hash(into hasher: inout Hasher) { hasher.combine(scope) }
    }

    /// Creates a span without attributes, events and links.
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

    /// The parent's context; nil for a root span. Its flags and its trace state are those of this span.
    public var parent: SpanContext? {
        guard let parentSpanID else { return nil }
        var parent = context
        parent.spanID = parentSpanID
        parent.isRemote = parentIsRemote
        return parent
    }

    /// The time from start to end; zero if the end is missing.
    public var duration: Duration {
        endUnixNanoseconds == 0 ? .zero : .nanoseconds(endUnixNanoseconds - startUnixNanoseconds)
    }

    /// The value of the attribute with this key, if any.
    public subscript(key: String) -> AttributeValue? {
        attributes.last { $0.key.hasSameBytes(as: key) }?.value
    }
}

extension RecordedSpan {
    /// The role of a span in a call between services (OpenTelemetry `SpanKind`). The raw values are those of OTLP.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// The span is an operation within the process, not a call between services.
        case `internal` = 1
        /// The span handles a request from another process.
        case server = 2
        /// The span sends a request to another process and waits for the response.
        case client = 3
        /// The span sends a message to a queue.
        case producer = 4
        /// The span handles a message from a queue.
        case consumer = 5
    }

    /// The status of a span (OpenTelemetry `Status`).
    public enum Status: Hashable, Sendable {
        /// The status was not set.
        case unset
        /// The operation succeeded. This is final: later calls do not change it.
        case ok
        /// The operation failed. The description says why; it may be empty.
        case error(String)

        /// The operation failed, without a description.
        public static let error = Status.error("")
    }
}
