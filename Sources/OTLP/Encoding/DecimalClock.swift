/// Writes times as decimal numbers, and keeps the digits that the next time probably shares.
///
/// Times in the same tenth of a second have eleven of nineteen digits in common.
struct DecimalClock {
    private var prefix = UInt64.max
    private var digits: (UInt64, UInt32) = (0, 0)

    private static let suffix: UInt64 = 100_000_000

    @inline(__always)
    mutating func write(_ unixNanoseconds: UInt64, to output: inout Output) {
        let (prefix, rest) = unixNanoseconds.quotientAndRemainder(dividingBy: Self.suffix)
        guard prefix == self.prefix || remember(prefix) else { return output.decimal(unixNanoseconds) }
        output.store(digits.0)
        output.store(UInt16(truncatingIfNeeded: digits.1))
        output.byte(UInt8(truncatingIfNeeded: digits.1 >> 16))
        output.eightDigits(UInt32(truncatingIfNeeded: rest))
    }

    /// Formats the first eleven digits; false for a time with fewer digits.
    @inline(never)
    private mutating func remember(_ prefix: UInt64) -> Bool {
        guard (10_000_000_000...99_999_999_999).contains(prefix) else { return false }
        self.prefix = prefix
        var rest = prefix
        var bytes: [UInt8] = []
        for _ in 0..<11 {
            bytes.insert(0x30 + UInt8(rest % 10), at: 0)
            rest /= 10
        }
        digits.0 = bytes[0..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        digits.1 = bytes[8..<11].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        return true
    }
}
