import SpanKitPlatform

extension Output {
    /// Sixteen lower-case hexadecimal digits.
    ///
    /// It computes eight digits in each of two integers. Comparisons of Swift's SIMD types are loops over the lanes, which take ten
    /// times as long.
    @inline(__always)
    mutating func hexadecimal(_ value: UInt64) { store(Self.hexadecimalDigits(value)) }

    /// What ``hexadecimal(_:)`` writes.
    @inline(__always)
    static func hexadecimalDigits(_ value: UInt64) -> SIMD2<UInt64> {
        let bytes = value.bigEndian
        var digits = SIMD2<UInt64>(bytes & 0xFFFF_FFFF, bytes >> 32)
        // Spreads four bytes to every second byte, then each byte to two bytes of four bits, in the order of memory.
        digits = (digits | digits &<< each(16)) & each(0x0000_FFFF_0000_FFFF)
        digits = (digits | digits &<< each(8)) & each(0x00FF_00FF_00FF_00FF)
        digits = (digits &>> each(4) | digits &<< each(8)) & each(0x0F0F_0F0F_0F0F_0F0F)
        let isLetter = (digits &+ each(0x0606_0606_0606_0606)) &>> each(4) & each(0x0101_0101_0101_0101)
        // Letters need 39 more than digits: "a" is 40 after "9" in ASCII, but 10 is only 1 after 9. Shifts add 39 as 32
        // + 8 - 1, because a multiplication would take as long as all of this.
        let letters = isLetter &<< each(5) &+ isLetter &<< each(3) &- isLetter
        return digits &+ each(0x3030_3030_3030_3030) &+ letters
    }

    @inline(__always)
    private static func each(_ value: UInt64) -> SIMD2<UInt64> { SIMD2(repeating: value) }

    /// A decimal number; at most 20 bytes.
    @inline(__always)
    mutating func decimal(_ value: UInt64) {
        if value >= 1_000_000_000_000_000_000, value < 10_000_000_000_000_000_000 {
            // Nineteen digits, as all times since 2001 have.
            let high = value / 10_000_000_000_000_000
            byte(0x30 + UInt8(high / 100))
            twoDigits(UInt32(truncatingIfNeeded: high % 100))
            let low = value % 10_000_000_000_000_000
            eightDigits(UInt32(truncatingIfNeeded: low / 100_000_000))
            eightDigits(UInt32(truncatingIfNeeded: low % 100_000_000))
        } else if value < 10 {
            byte(0x30 + UInt8(value))
        } else if value < 10_000 {
            fewDigits(UInt32(value))
        } else {
            anyDecimal(value)
        }
    }

    /// Two to four digits, as typical counts and flags have.
    @inline(__always)
    private mutating func fewDigits(_ value: UInt32) {
        if value >= 1_000 { byte(0x30 + UInt8(value / 1_000)) }
        if value >= 100 { byte(0x30 + UInt8(value / 100 % 10)) }
        twoDigits(value % 100)
    }

    @inline(never)
    private mutating func anyDecimal(_ value: UInt64) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            var first = digits.count
            var rest = value
            repeat {
                first -= 1
                digits[first] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            raw(UnsafeRawBufferPointer(rebasing: digits[first...]))
        }
    }

    /// A signed decimal number; at most 20 bytes.
    @inline(__always)
    mutating func decimal(_ value: Int64) {
        if value < 0 { byte(0x2D) }
        decimal(value.magnitude)
    }

    /// Exactly eight digits, with leading zeros.
    @inline(__always)
    mutating func eightDigits(_ value: UInt32) {
        let (high, low) = (value / 10_000, value % 10_000)
        twoDigits(high / 100)
        twoDigits(high % 100)
        twoDigits(low / 100)
        twoDigits(low % 100)
    }

    @inline(__always)
    private mutating func twoDigits(_ value: UInt32) {
        let pair = UnsafeRawPointer(Self.pairs.utf8Start) + 2 * Int(value)
        store(pair.loadUnaligned(as: UInt16.self))
    }

    /// `00` to `99`.
    private static var pairs: StaticString {
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"
    }

    /// A JSON number that reads back as the same double, or `"NaN"`, `"Infinity"` or `"-Infinity"`; at most 32 bytes.
    mutating func json(_ value: Double) {
        // Most doubles in spans have few decimals. If a whole number of thousandths divided by 1,000 is the value, three decimals
        // are exact, because division is correctly rounded, and so is reading the text back.
        let thousandths = value * 1_000
        if thousandths.magnitude < 1e15, value != 0 {
            // Rounds to nearest without a library call. If the result is not the nearest, the comparison below fails.
            let nearest = Int64(thousandths + (value < 0 ? -0.5 : 0.5))
            if Double(nearest) / 1_000 == value { return thousandthsAsDecimal(nearest) }
        }
        if value.isNaN {
            fragment("\"NaN\"")
        } else if value.isInfinite {
            fragment(value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        } else {
            var text = value.description
            text.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
        }
    }

    @inline(__always)
    private mutating func thousandthsAsDecimal(_ thousandths: Int64) {
        if thousandths < 0 { byte(0x2D) }
        let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1_000)
        decimal(whole)
        byte(0x2E)
        let fraction = UInt32(rest)
        byte(0x30 + UInt8(fraction / 100))
        if fraction % 100 != 0 { byte(0x30 + UInt8(fraction / 10 % 10)) }
        if fraction % 10 != 0 { byte(0x30 + UInt8(fraction % 10)) }
    }

    // MARK: Numbers that need no reserved memory

    /// A decimal number.
    mutating func write(_ number: UInt64) {
        reserve(20)
        decimal(number)
    }

    /// A signed decimal number.
    mutating func write(_ number: Int64) {
        reserve(20)
        decimal(number)
    }

    /// A JSON number, or `"NaN"`, `"Infinity"` or `"-Infinity"`.
    mutating func write(_ number: Double) {
        reserve(32)
        json(number)
    }

    // MARK: Text

    /// A JSON string. Needs no reserved memory.
    mutating func json(_ text: String) {
        var text = text
        write("\"")
        text.withUTF8 { json(text: UnsafeRawBufferPointer($0)) }
        write("\"")
    }

    /// The inside of a JSON string: escaped, and repaired if it is not UTF-8.
    ///
    /// Needs no reserved memory. Plain ASCII is copied eight bytes at a time.
    mutating func json(text: UnsafeRawBufferPointer) {
        reserve(text.count + 16)
        var plain = 0
        write {
            plain = JSONEscaper.copyPlain(text, to: $0)
            return plain
        }
        if plain < text.count { jsonEscaping(UnsafeRawBufferPointer(rebasing: text[plain...])) }
    }

    @inline(never)
    private mutating func jsonEscaping(_ text: UnsafeRawBufferPointer) {
        guard UTF8Check.isValid(text) else {
            var repaired = String(decoding: text, as: UTF8.self)
            return repaired.withUTF8 { jsonEscapingValid(UnsafeRawBufferPointer($0)) }
        }
        jsonEscapingValid(text)
    }

    private mutating func jsonEscapingValid(_ text: UnsafeRawBufferPointer) {
        reserve(text.count * JSONEscaper.mostBytes)
        write { JSONEscaper.escape(text, to: $0) }
    }

    /// Base64 with the standard alphabet and padding. Needs no reserved memory.
    mutating func base64(_ bytes: UnsafeRawBufferPointer) {
        reserve((bytes.count + 2) / 3 * 4)
        var offset = 0
        while offset < bytes.count {
            let left = bytes.count - offset
            let first = UInt32(bytes[offset]) << 16
            let second = left > 1 ? UInt32(bytes[offset + 1]) << 8 : 0
            let third = left > 2 ? UInt32(bytes[offset + 2]) : 0
            let group = first | second | third
            byte(Self.base64Digit(group >> 18))
            byte(Self.base64Digit(group >> 12))
            byte(left > 1 ? Self.base64Digit(group >> 6) : 0x3D)
            byte(left > 2 ? Self.base64Digit(group) : 0x3D)
            offset += 3
        }
    }

    private static func base64Digit(_ group: UInt32) -> UInt8 {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return alphabet.utf8Start[Int(group & 0x3F)]
    }
}
