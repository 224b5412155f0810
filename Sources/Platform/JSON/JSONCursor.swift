/// A position in JSON text that is completely in memory.
///
/// Every function moves the cursor past what it read, or throws. Skipping a value allocates nothing and does not recurse,
/// so that no input can exhaust the stack. The bytes must outlive the cursor.
///
/// The functions that the OTLP decoder calls for each field are inlinable (`Benchmarks/EncodingBenchmarks.swift`,
/// "decode json").
@usableFromInline
package struct JSONCursor {
    /// What is wrong, and at which byte.
    @usableFromInline
    package struct Failure: Error {
        package var reason: String
        package var place: Int
        /// Whether the reader must stop, even if more values follow.
        package var isFinal: Bool

        package init(reason: String, place: Int, isFinal: Bool = false) {
            self.reason = reason
            self.place = place
            self.isFinal = isFinal
        }
    }

    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    /// The offset of the next byte to read.
    @usableFromInline package internal(set) var place: Int
    /// Whether the cursor is right behind an opening bracket, where no comma is expected.
    @usableFromInline var isFresh = false

    @inlinable
    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        self.place = 0
    }

    /// The text from an earlier offset to the current one. Bytes that are not UTF-8 become U+FFFD.
    package func text(from start: Int) -> String { String(decoding: bytes[start..<place], as: UTF8.self) }

    /// Moves to the start of a value.
    @inlinable
    package mutating func move(to place: Int) {
        self.place = place
        isFresh = false
    }

    /// The next byte that is not white space; nil at the end. White space before it is skipped.
    @inlinable @inline(__always)
    package mutating func peek() -> UInt8? {
        if place < bytes.count, bytes[place] > 0x20 { return bytes[place] }
        return skipWhiteSpace()
    }

    @usableFromInline @inline(never)
    mutating func skipWhiteSpace() -> UInt8? {
        while place < bytes.count {
            let byte = bytes[place]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            place += 1
        }
        return nil
    }

    /// Moves past a byte, and any white space before it, if it comes next.
    @inlinable @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

    /// The error that says what was expected here and what was found.
    @usableFromInline @inline(never)
    package func failure(_ expected: String) -> Failure {
        guard place < bytes.count else {
            let end = bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
            return Failure(reason: "ends where \(expected) is expected", place: end)
        }
        let found = bytes[place]
        let shown = found > 0x20 && found < 0x7F ? "'\(Character(Unicode.Scalar(found)))'" : "byte \(found)"
        return Failure(reason: "has \(shown) where \(expected) is expected", place: place)
    }

    // MARK: Containers

    /// Enters an object; false for `null`, which is skipped.
    @inlinable @inline(__always)
    package mutating func openObject() throws(Failure) -> Bool { try open(UInt8(ascii: "{"), "'{'") }

    /// Enters a list; false for `null`, which is skipped.
    @inlinable @inline(__always)
    package mutating func openList() throws(Failure) -> Bool { try open(UInt8(ascii: "["), "'['") }

    @inlinable @inline(__always)
    mutating func open(_ bracket: UInt8, _ expected: StaticString) throws(Failure) -> Bool {
        guard take(bracket) else { return try openNull(expected) }
        isFresh = true
        return true
    }

    @usableFromInline @inline(never)
    mutating func openNull(_ expected: StaticString) throws(Failure) -> Bool {
        guard takeNull() else { throw failure("\(expected)") }
        return false
    }

    /// The key of the next member, or nil at the end of the object.
    ///
    /// The caller then has to read or skip the member's value.
    @inlinable
    package mutating func key() throws(Failure) -> JSONToken? {
        guard try isAnother(before: UInt8(ascii: "}"), "',' or '}'") else { return nil }
        let key = try text()
        guard take(UInt8(ascii: ":")) else { throw failure("':'") }
        return key
    }

    /// Whether the list has another element, which the caller then has to read or skip.
    @inlinable @inline(__always)
    package mutating func element() throws(Failure) -> Bool {
        try isAnother(before: UInt8(ascii: "]"), "',' or ']'")
    }

    @inlinable @inline(__always)
    mutating func isAnother(before bracket: UInt8, _ expected: StaticString) throws(Failure) -> Bool {
        if take(bracket) {
            isFresh = false
            return false
        }
        if !isFresh, !take(UInt8(ascii: ",")) { throw failure("\(expected)") }
        isFresh = false
        return true
    }

    @usableFromInline
    mutating func takeNull() -> Bool {
        guard peek() == UInt8(ascii: "n"), place + 4 <= bytes.count,
            bytes[place + 1] == UInt8(ascii: "u"), bytes[place + 2] == UInt8(ascii: "l"),
            bytes[place + 3] == UInt8(ascii: "l")
        else { return false }
        place += 4
        return true
    }

    /// Moves past a value of any kind.
    package mutating func skip() throws(Failure) {
        isFresh = false
        var depth = 0
        repeat {
            guard let byte = peek() else { throw failure("a value") }
            switch byte {
            case UInt8(ascii: "\""):
                place += 1
                try skipText()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw failure("a value") }
                depth -= 1
                place += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw failure("a value") }
                place += 1
            default: _ = try word()
            }
        } while depth > 0
    }

    private mutating func skipText() throws(Failure) {
        while true {
            place = endOfPlainText(from: place)
            guard place < bytes.count else { throw unfinishedText() }
            guard bytes[place] == UInt8(ascii: "\\") else { break }
            place += 2
        }
        place += 1
    }

    /// The offset of the next quotation mark or backslash; the end of the bytes without one.
    ///
    /// It reads eight bytes at a time.
    @inlinable
    func endOfPlainText(from start: Int) -> Int {
        var offset = start
        while offset + 8 <= bytes.count, let base = bytes.baseAddress {
            let word = UInt64(littleEndian: UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self))
            let marks = JSONEscaper.escaped(in: word)
            // The lowest mark is exact. It may also be a control character, which does not end a text.
            offset += marks == 0 ? 8 : marks.trailingZeroBitCount >> 3
            if marks != 0 {
                if bytes[offset] >= 0x20 { return offset }
                offset += 1
            }
        }
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
            offset += 1
        }
        return min(offset, bytes.count)
    }

    // MARK: Scalars

    /// A number, a word such as `true`, or the inside of a string.
    @inlinable
    package mutating func scalar() throws(Failure) -> JSONToken {
        guard let byte = peek() else { throw failure("a value") }
        return byte == UInt8(ascii: "\"") ? try text() : try word()
    }

    @usableFromInline
    mutating func word() throws(Failure) -> JSONToken {
        let start = place
        while place < bytes.count, Self.isWordByte(bytes[place]) { place += 1 }
        guard place > start else { throw failure("a value") }
        return JSONToken(UnsafeBufferPointer(rebasing: bytes[start..<place]), isText: false)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    @inlinable
    mutating func text() throws(Failure) -> JSONToken {
        guard peek() == UInt8(ascii: "\"") else { throw failure("a string") }
        let start = place + 1
        place = endOfPlainText(from: start)
        guard place < bytes.count else { throw unfinishedText() }
        guard bytes[place] == UInt8(ascii: "\"") else { return try escapedText(from: start) }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<place])
        place += 1
        return JSONToken(text, isText: true)
    }

    /// The error for a string without its closing quotation mark.
    @usableFromInline @inline(never)
    func unfinishedText() -> Failure { Failure(reason: "ends inside a string", place: bytes.count) }

    @usableFromInline @inline(never)
    mutating func escapedText(from start: Int) throws(Failure) -> JSONToken {
        var text = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return JSONToken(unescaped: text)
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            default: text.append(byte)
            }
        }
        throw unfinishedText()
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(Failure) {
        guard place < bytes.count else { throw unfinishedText() }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"): try appendScalar(to: &text)
        default: text.append(byte)
        }
    }

    /// Appends the scalar of a `\u` escape. A surrogate without its other half becomes U+FFFD.
    private mutating func appendScalar(to text: inout [UInt8]) throws(Failure) {
        var scalar = UInt32(try codeUnit())
        if (0xD800..<0xDC00).contains(scalar), place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"),
            bytes[place + 1] == UInt8(ascii: "u")
        {
            let back = place
            place += 2
            let low = UInt32(try codeUnit())
            if (0xDC00..<0xE000).contains(low) {
                scalar = 0x1_0000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            } else {
                place = back
            }
        }
        text.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        guard place + 4 <= bytes.count else { throw unfinishedText() }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = bytes[place].hexadecimalValue else { throw failure("a hexadecimal digit") }
            value = value << 4 | UInt16(digit)
            place += 1
        }
        return value
    }
}
