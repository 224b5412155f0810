import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// Values in the form in which nearly all exporters write them. Each function moves behind such a value, or leaves the cursor where it
// is and returns nil, and the caller reads the value in any form. Both give the same result for a value that both can read.

extension FieldReader {
    /// The number of bytes after the cursor that a function may read.
    private static let reach = 48

    /// The cursor's address if `reach` bytes can be read from there.
    @inline(__always)
    private var here: UnsafePointer<UInt8>? {
        guard cursor.place + Self.reach <= input.count, let base = input.baseAddress else { return nil }
        return base + cursor.place
    }

    @inline(__always)
    private static func word(_ bytes: UnsafePointer<UInt8>, at offset: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self))
    }

    /// The next member of an object whose beginning was read, or nil at its end. After a member, the caller has to read
    /// or skip its value.
    @inline(__always)
    mutating func member(_ place: inout MemberMemory.Place) throws(Failure) -> MemberName? {
        if let here {
            if here.pointee == UInt8(ascii: "}") {
                cursor.move(to: cursor.place + 1)
                return nil
            }
            if let (name, count) = memory.members.member(here, at: &place) {
                cursor.move(to: cursor.place + count)
                return name
            }
        }
        return try newMember(&place)
    }

    @inline(never)
    private mutating func newMember(_ place: inout MemberMemory.Place) throws(Failure) -> MemberName? {
        let here = here
        let start = cursor.place
        guard let key = try cursor.key() else { return nil }
        let name = MemberName(key)
        place =
            here.map { memory.members.add($0, count: cursor.place - start, name, at: place) } ?? memory.members.unknown
        return name
    }

    /// A string of up to 32 bytes without escapes.
    @inline(__always)
    func shortText() -> (start: UnsafePointer<UInt8>, count: Int)? {
        guard let here, here.pointee == UInt8(ascii: "\"") else { return nil }
        var count = 0
        while count <= ShortBytes.mostBytes {
            let marks = JSONEscaper.escaped(in: Self.word(here, at: 1 + count))
            guard marks == 0 else {
                count += marks.trailingZeroBitCount >> 3
                guard count <= ShortBytes.mostBytes, here[1 + count] == UInt8(ascii: "\"") else { return nil }
                return (here + 1, count)
            }
            count += 8
        }
        return nil
    }

    /// A string of up to 32 bytes without escapes, which is kept in `texts` for reuse.
    @inline(__always)
    mutating func shortText(in texts: TextMemory) -> String? {
        guard let (start, count) = shortText() else { return nil }
        cursor.move(to: cursor.place + count + 2)
        return texts.text(start, count: count)
    }

    /// A number of up to 18 digits, with or without quotation marks.
    @inline(__always)
    mutating func shortNumber() -> UInt64? {
        guard let here else { return nil }
        let isQuoted = here.pointee == UInt8(ascii: "\"")
        var offset = isQuoted ? 1 : 0
        let first = offset
        var value: UInt64 = 0
        while offset < first + 18 {
            let digit = here[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            offset += 1
        }
        guard offset > first, Self.ends(here[offset], isQuoted) else { return nil }
        cursor.move(to: cursor.place + offset + (isQuoted ? 1 : 0))
        return value
    }

    /// Whether a byte ends a number.
    @inline(__always)
    private static func ends(_ byte: UInt8, _ isQuoted: Bool) -> Bool {
        if isQuoted { return byte == UInt8(ascii: "\"") }
        return byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    /// A decimal fraction of up to 15 digits.
    ///
    /// Its digits as a number and the power of ten are exact, so that the quotient is the nearest double.
    @inline(__always)
    mutating func shortFraction() -> Double? {
        guard let here else { return nil }
        let isQuoted = here.pointee == UInt8(ascii: "\"")
        var offset = isQuoted ? 1 : 0
        let isNegative = here[offset] == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        var value: UInt64 = 0
        var power = 1.0
        var digits = 0
        var point: Int?
        while digits <= 15 {
            let byte = here[offset]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                value = value &* 10 &+ UInt64(digit)
                digits += 1
                if point != nil { power *= 10 }
            } else if byte == UInt8(ascii: "."), point == nil, digits > 0 {
                point = digits
            } else {
                break
            }
            offset += 1
        }
        guard 1...15 ~= digits, point != digits, Self.ends(here[offset], isQuoted) else { return nil }
        cursor.move(to: cursor.place + offset + (isQuoted ? 1 : 0))
        let number = Double(value) / power
        return isNegative ? -number : number
    }

    /// A time in nanoseconds with 19 digits, in quotation marks. All times since 2001 have 19 digits.
    @inline(__always)
    mutating func usualTime() -> Int64? {
        guard let here, here[0] == UInt8(ascii: "\""), here[20] == UInt8(ascii: "\""),
            let high = Self.digits(Self.word(here, at: 1)), let middle = Self.digits(Self.word(here, at: 9)),
            // The last three digits behind five that were read before.
            let low = Self.digits(Self.word(here, at: 12))
        else { return nil }
        let value = (high * 100_000_000 + middle) * 1_000 + low % 1_000
        guard value <= UInt64(Int64.max) else { return nil }
        cursor.move(to: cursor.place + 21)
        return Int64(value)
    }

    /// The value of eight decimal digits, the first in the lowest byte.
    @inline(__always)
    private static func digits(_ word: UInt64) -> UInt64? {
        let threes: UInt64 = 0x3030_3030_3030_3030
        let highNibbles: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
        guard word & highNibbles == threes, (word &+ 0x0606_0606_0606_0606) & highNibbles == threes else { return nil }
        var value = word & ~highNibbles
        value = (value &* 10 &+ value >> 8) & 0x00FF_00FF_00FF_00FF
        value = (value &* 100 &+ value >> 16) & 0x0000_FFFF_0000_FFFF
        return (value &* 10_000 &+ value >> 32) & 0xFFFF_FFFF
    }

    /// Thirty-two hexadecimal digits in quotation marks.
    @inline(__always)
    mutating func usualTraceID() -> TraceID? {
        guard let here, here[0] == UInt8(ascii: "\""), here[33] == UInt8(ascii: "\""),
            let high = Self.hexadecimal(here + 1), let low = Self.hexadecimal(here + 17)
        else { return nil }
        cursor.move(to: cursor.place + 34)
        return TraceID(high: high, low: low)
    }

    /// Sixteen hexadecimal digits in quotation marks.
    @inline(__always)
    mutating func usualSpanID() -> SpanID? {
        guard let here, here[0] == UInt8(ascii: "\""), here[17] == UInt8(ascii: "\""),
            let number = Self.hexadecimal(here + 1)
        else { return nil }
        cursor.move(to: cursor.place + 18)
        return SpanID(rawValue: number)
    }

    @inline(__always)
    private static func hexadecimal(_ bytes: UnsafePointer<UInt8>) -> UInt64? {
        guard let high = nibbles(word(bytes, at: 0)), let low = nibbles(word(bytes, at: 8)) else { return nil }
        return high << 32 | low
    }

    /// The value of eight hexadecimal digits in either case, the first in the lowest byte.
    @inline(__always)
    private static func nibbles(_ word: UInt64) -> UInt64? {
        let letters = word >> 6 & 0x0101_0101_0101_0101
        var value = word & 0x0F0F_0F0F_0F0F_0F0F &+ letters &* 9
        // The upper half of a byte is 3 for a digit, 4 or 6 for a letter.
        guard (word | 0x2020_2020_2020_2020) & 0xF0F0_F0F0_F0F0_F0F0 == 0x3030_3030_3030_3030 &+ letters &* 0x30,
            (word | word >> 1) & 0x2020_2020_2020_2020 == 0x2020_2020_2020_2020,
            // The lower half is 0 to 9 for a digit, 1 to 6 for a letter.
            (value &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101 == letters,
            value & 0x1010_1010_1010_1010 == 0
        else { return nil }
        value = (value << 4 | value >> 8) & 0x00FF_00FF_00FF_00FF
        value = (value << 8 | value >> 16) & 0x0000_FFFF_0000_FFFF
        return (value << 16 | value >> 32) & 0xFFFF_FFFF
    }
}
