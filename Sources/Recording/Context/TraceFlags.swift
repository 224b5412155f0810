/// The flags that travel with a trace (W3C Trace Context level 2, §3.2.2.5).
@frozen
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The byte as it stands in `traceparent`.
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
