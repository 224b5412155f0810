/// The identity of a span: what its children and other processes need to refer to it.
public struct SpanContext: Hashable, Sendable {
    /// The id of the trace that the span belongs to.
    public var traceID: TraceID
    /// The id of the span.
    public var spanID: SpanID
    /// Whether the trace is sampled, and whether its id is random.
    public var traceFlags: TraceFlags
    /// The text of the `tracestate` header; empty if the header is missing. Children inherit it if it is at most 512
    /// bytes long.
    public var traceState: String
    /// Whether the span belongs to another process.
    public var isRemote: Bool

    /// Creates a context.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        traceFlags: TraceFlags = [],
        traceState: String = "",
        isRemote: Bool = false
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceFlags = traceFlags
        self.traceState = traceState
        self.isRemote = isRemote
    }

    /// Whether both ids are valid. An invalid context cannot be a parent.
    public var isValid: Bool { traceID.isValid && spanID.isValid }
}

/// The parent of a new span.
public enum SpanParent: Hashable, Sendable {
    /// The current span of the task. Without one, the span is the root of a new trace.
    case current
    /// No parent: the span is the root of a new trace.
    case none
    /// A span of this or another process. With an invalid context, the span is the root of a new trace.
    case context(SpanContext)
}

/// The flags of a trace (W3C Trace Context level 2, §3.2.2.5).
@frozen
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The byte in a `traceparent` header.
    public let rawValue: UInt8

    /// Creates flags from the byte in a `traceparent` header.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The sampled flag: the spans of this trace are recorded and exported.
    public static let sampled = TraceFlags(rawValue: 0x01)
    /// The random flag: the last 56 bits of the trace id are random.
    public static let random = TraceFlags(rawValue: 0x02)
    /// The caller asked to keep the trace in any case (debug flag of B3 and Jaeger). It is not a W3C flag, so it is only sent in
    /// those formats and never exported.
    public static let debug = TraceFlags(rawValue: 0x80)
    /// The flags that the spans of a trace take over from their parents.
    static let inherited: TraceFlags = [.random, .debug]
}
