import SpanKitPlatform

/// The 8-byte id of a span. A valid id is not zero.
@frozen
public struct SpanID: Hashable, Sendable {
    /// The eight bytes as a big-endian number.
    public let rawValue: UInt64

    /// Creates an id from its bytes as a big-endian number.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Creates an id from 16 lower-case hexadecimal digits; returns nil for other text.
    public init?(hex: some StringProtocol) {
        guard let rawValue = UInt64(hexadecimalDigits: hex.utf8) else { return nil }
        self.init(rawValue: rawValue)
    }

    /// The invalid id: eight zero bytes.
    public static let invalid = SpanID(rawValue: 0)

    /// Whether the id is not zero.
    @inlinable
    public var isValid: Bool { rawValue != 0 }
}

extension SpanID: CustomStringConvertible {
    /// The id as 16 lower-case hexadecimal digits.
    public var description: String { rawValue.hexadecimalDigits }
}
