/// The 8-byte identity of a span within its trace: never zero when valid.
@frozen
public struct SpanID: Hashable, Sendable {
    /// The eight bytes as a big-endian number.
    public let rawValue: UInt64

    /// Creates an id from its bytes as a big-endian number.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Reads 16 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let rawValue = UInt64(hexadecimalDigits: hex.utf8) else { return nil }
        self.init(rawValue: rawValue)
    }

    /// Eight zero bytes: no span.
    public static let invalid = SpanID(rawValue: 0)

    /// Whether any byte is not zero.
    @inlinable
    public var isValid: Bool { rawValue != 0 }
}

extension SpanID: CustomStringConvertible {
    /// 16 lower-case hexadecimal digits.
    public var description: String { rawValue.hexadecimalDigits }
}

extension UInt64 {
    /// Sixteen lower-case digits, zeros in front.
    var hexadecimalDigits: String { hexadecimalDigits(first: 16) }

    /// The first of sixteen lower-case digits.
    func hexadecimalDigits(first count: Int) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for position in 0..<count {
                let digit = UInt8(truncatingIfNeeded: self >> UInt64(60 - 4 * position)) & 0xF
                buffer[position] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return count
        }
    }

    /// Reads exactly sixteen lower-case digits: upper case is invalid in W3C Trace Context.
    init?(hexadecimalDigits digits: some Collection<UInt8>) {
        guard digits.count == 16 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(digit - 0x57)
            default: return nil
            }
        }
        self = value
    }
}
