/// A place in JSON text that is wholly in memory.
///
/// Every function leaves the cursor behind what it read, or throws. Nothing is allocated for what is skipped, and nesting is
/// counted, not recursed, so that no input exhausts the stack. The bytes must outlive the cursor.
package struct JSONCursor {
    /// What is wrong, and where.
    package struct Failure: Error {
        package var reason: String
        package var place: Int
        /// Nothing more is to be read, whatever stands there.
        package var isFinal = false

        package init(reason: String, place: Int, isFinal: Bool = false) {
            self.reason = reason
            self.place = place
            self.isFinal = isFinal
        }
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    package private(set) var place: Int
    /// Stands behind the bracket of a container that has just been opened: no comma is due.
    private var isFresh = false

    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        self.place = 0
    }

    /// Moves to where a value begins.
    package mutating func move(to place: Int) {
        self.place = place
        isFresh = false
    }

    /// The next byte that is not white space; nil at the end.
    @inline(__always)
    package mutating func peek() -> UInt8? {
        while place < bytes.count {
            let byte = bytes[place]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            place += 1
        }
        return nil
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

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

    /// Enters an object; false for `null`, which is left behind.
    package mutating func openObject() throws(Failure) -> Bool { try open(UInt8(ascii: "{"), "'{'") }

    /// Enters a list; false for `null`, which is left behind.
    package mutating func openList() throws(Failure) -> Bool { try open(UInt8(ascii: "["), "'['") }

    private mutating func open(_ bracket: UInt8, _ expected: String) throws(Failure) -> Bool {
        if take(bracket) {
            isFresh = true
            return true
        }
        guard takeNull() else { throw failure(expected) }
        return false
    }

    /// The key of the next member; the cursor then stands at its value, which has to be read or skipped. Nil behind the last.
    package mutating func key() throws(Failure) -> JSONToken? {
        guard try isAnother(before: UInt8(ascii: "}"), "',' or '}'") else { return nil }
        let key = try text()
        guard take(UInt8(ascii: ":")) else { throw failure("':'") }
        return key
    }

    /// Whether the cursor stands at another element, which has to be read or skipped.
    package mutating func element() throws(Failure) -> Bool {
        try isAnother(before: UInt8(ascii: "]"), "',' or ']'")
    }

    @inline(__always)
    private mutating func isAnother(before bracket: UInt8, _ expected: StaticString) throws(Failure) -> Bool {
        if take(bracket) {
            isFresh = false
            return false
        }
        if !isFresh, !take(UInt8(ascii: ",")) { throw failure("\(expected)") }
        isFresh = false
        return true
    }

    private mutating func takeNull() -> Bool {
        guard peek() == UInt8(ascii: "n"), place + 4 <= bytes.count,
            bytes[place + 1] == UInt8(ascii: "u"), bytes[place + 2] == UInt8(ascii: "l"),
            bytes[place + 3] == UInt8(ascii: "l")
        else { return false }
        place += 4
        return true
    }

    /// Moves behind a value of any kind.
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
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
        place = bytes.count
        throw Failure(reason: "ends within a text", place: place)
    }

    // MARK: Scalars

    /// A number, a word, or the inside of a text: whatever stands for a scalar.
    package mutating func scalar() throws(Failure) -> JSONToken {
        guard let byte = peek() else { throw failure("a value") }
        return byte == UInt8(ascii: "\"") ? try text() : try word()
    }

    private mutating func word() throws(Failure) -> JSONToken {
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

    private mutating func text() throws(Failure) -> JSONToken {
        guard peek() == UInt8(ascii: "\"") else { throw failure("a text") }
        let start = place + 1
        place = start
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return JSONToken(UnsafeBufferPointer(rebasing: bytes[start..<place - 1]), isText: true)
            case UInt8(ascii: "\\"): return try escapedText(from: start)
            default: place += 1
            }
        }
        throw Failure(reason: "ends within a text", place: place)
    }

    private mutating func escapedText(from start: Int) throws(Failure) -> JSONToken {
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
        throw Failure(reason: "ends within a text", place: place)
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(Failure) {
        guard place < bytes.count else { throw Failure(reason: "ends within a text", place: place) }
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

    /// Surrogates without their other half become U+FFFD.
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
        guard place + 4 <= bytes.count else { throw Failure(reason: "ends within a text", place: bytes.count) }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = bytes[place].hexadecimalValue else { throw failure("a hexadecimal digit") }
            value = value << 4 | UInt16(digit)
            place += 1
        }
        return value
    }
}
