/// The part of a span that travels: what a child needs to know of its parent.
public struct SpanContext: Hashable, Sendable {
    /// The trace the span belongs to.
    public var traceID: TraceID
    /// The span itself.
    public var spanID: SpanID
    /// Whether the trace is sampled, and whether its id is random.
    public var traceFlags: TraceFlags
    /// The `tracestate` header as it came, at most 512 bytes are kept; empty when there is none.
    public var traceState: String
    /// Whether the context came from another process.
    public var isRemote: Bool

    /// Creates a context, such as one read from a `traceparent` header.
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

    /// Whether both ids are valid; an invalid context cannot be a parent.
    public var isValid: Bool { traceID.isValid && spanID.isValid }
}

/// Where a new span hangs.
public enum SpanParent: Hashable, Sendable {
    /// Below the current span of the task; the root of a new trace where there is none.
    case current
    /// Nowhere: the root of a new trace, whatever the current span is.
    case none
    /// Below this span, wherever it runs. An invalid context makes a new trace.
    case context(SpanContext)
}

/// The flags that travel with a trace (W3C Trace Context level 2, §3.2.2.5).
@frozen
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The byte as it is written in `traceparent`.
    public let rawValue: UInt8

    /// Creates flags from the byte in `traceparent`.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The spans of this trace are recorded and exported.
    public static let sampled = TraceFlags(rawValue: 0x01)
    /// At least the last 56 bits of the trace id are random.
    public static let random = TraceFlags(rawValue: 0x02)
}
