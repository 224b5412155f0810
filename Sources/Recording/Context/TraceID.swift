import SpanKitPlatform

/// The 16-byte id of a trace (W3C Trace Context level 2, §3.2.2.3). A valid id is not zero.
@frozen
public struct TraceID: Hashable, Sendable {
    /// The first eight bytes as a big-endian number.
    public let high: UInt64
    /// The last eight bytes as a big-endian number. Samplers use its lowest 56 bits as the randomness of the trace.
    public let low: UInt64

    /// Creates an id from its two halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Creates an id from 32 lower-case hexadecimal digits; returns nil for other text.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 32,
            let high = UInt64(hexadecimalDigits: hex.utf8.prefix(16)),
            let low = UInt64(hexadecimalDigits: hex.utf8.dropFirst(16))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The invalid id: 16 zero bytes.
    public static let invalid = TraceID(high: 0, low: 0)

    /// Whether the id is not zero.
    @inlinable
    public var isValid: Bool { high | low != 0 }
}

extension TraceID: CustomStringConvertible {
    /// The id as 32 lower-case hexadecimal digits.
    public var description: String { high.hexadecimalDigits + low.hexadecimalDigits }
}
