extension UInt8 {
    /// The value of a hexadecimal digit in either case; nil for any other character.
    @inlinable
    package var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }

    /// The value of a hexadecimal digit in lower case, which W3C Trace Context requires; nil for any other character.
    @inlinable
    package var lowerCaseHexadecimalValue: UInt8? { self < 0x41 || self > 0x5A ? hexadecimalValue : nil }

    /// The lower-case hexadecimal digit of a value below 16.
    @inlinable
    package var hexadecimalDigit: UInt8 { self < 10 ? 0x30 + self : 0x57 + self }
}

extension UInt64 {
    /// Sixteen lower-case hexadecimal digits, with leading zeros.
    package var hexadecimalDigits: String { hexadecimalDigits(first: 16) }

    /// The first `count` of the sixteen hexadecimal digits.
    package func hexadecimalDigits(first count: Int) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for position in 0..<count {
                buffer[position] = (UInt8(truncatingIfNeeded: self >> UInt64(60 - 4 * position)) & 0xF).hexadecimalDigit
            }
            return count
        }
    }

    /// Reads exactly sixteen lower-case hexadecimal digits. Upper case is invalid in W3C Trace Context.
    @inlinable
    package init?(hexadecimalDigits digits: some Collection<UInt8>) {
        guard digits.count == 16 else { return nil }
        self = 0
        for digit in digits {
            guard let value = digit.lowerCaseHexadecimalValue else { return nil }
            self = self << 4 | UInt64(value)
        }
    }
}

extension Collection<UInt8> {
    /// Two lower-case hexadecimal digits for each byte.
    package var hexadecimalDigits: String {
        String(decoding: flatMap { [($0 >> 4).hexadecimalDigit, ($0 & 0xF).hexadecimalDigit] }, as: UTF8.self)
    }
}
