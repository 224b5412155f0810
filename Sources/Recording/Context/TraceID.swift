import SpanKitPlatform

/// The 16-byte identity of a trace: never all zero when valid.
///
/// W3C Trace Context level 2, §3.2.2.3.
@frozen
public struct TraceID: Hashable, Sendable {
    /// The first eight bytes as a big-endian number.
    public let high: UInt64
    /// The last eight bytes as a big-endian number; its lowest 56 bits are the randomness that samplers use.
    public let low: UInt64

    /// Creates an id from its two halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 32,
            let high = UInt64(hexadecimalDigits: hex.utf8.prefix(16)),
            let low = UInt64(hexadecimalDigits: hex.utf8.dropFirst(16))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Sixteen zero bytes: no trace.
    public static let invalid = TraceID(high: 0, low: 0)

    /// Whether any byte is not zero.
    @inlinable
    public var isValid: Bool { high | low != 0 }
}

extension TraceID: CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    public var description: String { high.hexadecimalDigits + low.hexadecimalDigits }
}
