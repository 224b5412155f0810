/// A place in JSON text that is wholly in memory.
///
/// Every function leaves the cursor behind what it read, or throws. Nothing is allocated for what is skipped, and nesting is
/// counted, not recursed, so that no input exhausts the stack. The bytes must outlive the cursor.
struct JSONCursor {
    /// What is wrong where the cursor stands.
    struct Failure: Error {
        var reason: String
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    /// A cursor at another place of the same text.
    func moved(to place: Int) -> JSONCursor { JSONCursor(bytes, at: place) }

    var isAtEnd: Bool { place >= bytes.count }

    /// The next byte that is not white space; nil at the end.
    mutating func peek() -> UInt8? {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return bytes[place]
            }
        }
        return nil
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

    mutating func expect(_ byte: UInt8) throws(Failure) {
        guard take(byte) else { throw failure("'\(Character(Unicode.Scalar(byte)))'") }
    }

    func failure(_ expected: String) -> Failure {
        guard place < bytes.count else { return Failure(reason: "ends where \(expected) is expected") }
        let found = bytes[place]
        let shown = found > 0x20 && found < 0x7F ? "'\(Character(Unicode.Scalar(found)))'" : "byte \(found)"
        return Failure(reason: "has \(shown) where \(expected) is expected")
    }

    // MARK: Containers

    /// Calls `body` at the value of each member; it has to move behind it.
    mutating func members(_ body: (String, inout JSONCursor) throws(Failure) -> Void) throws(Failure) {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        while true {
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try body(key, &self)
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or '}'") }
        }
    }

    /// Calls `body` at each element; it has to move behind it. `null` is an empty array.
    mutating func elements(_ body: (inout JSONCursor) throws(Failure) -> Void) throws(Failure) {
        if takeNull() { return }
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        while true {
            try body(&self)
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or ']'") }
        }
    }

    mutating func takeNull() -> Bool {
        guard peek() == UInt8(ascii: "n"), word() == "null" else { return false }
        place += 4
        return true
    }

    private func word() -> String {
        String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self)
    }

    /// Moves behind a value of any kind.
    mutating func skip() throws(Failure) {
        var depth = 0
        repeat {
            guard let byte = peek() else { throw failure("a value") }
            switch byte {
            case UInt8(ascii: "\""):
                try skipString()
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
            default:
                let start = place
                while place < bytes.count, Self.isScalarByte(bytes[place]) { place += 1 }
                guard place > start else { throw failure("a value") }
            }
        } while depth > 0
    }

    private mutating func skipString() throws(Failure) {
        place += 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
        throw Failure(reason: "ends within a text")
    }

    private static func isScalarByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    // MARK: Scalars

    /// A text; what is no UTF-8, and surrogates without their other half, become U+FFFD.
    mutating func string() throws(Failure) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw failure("a text") }
        let start = place + 1
        place = start
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            default: place += 1
            }
        }
        throw Failure(reason: "ends within a text")
    }

    private mutating func escapedString(from start: Int) throws(Failure) -> String {
        var text = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            default: text.append(byte)
            }
        }
        throw Failure(reason: "ends within a text")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(Failure) {
        guard place < bytes.count else { throw Failure(reason: "ends within a text") }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"):
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
            text.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default: text.append(byte)
        }
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        guard place + 4 <= bytes.count else { throw Failure(reason: "ends within a text") }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = HexID.digit(bytes[place]) else { throw failure("a hexadecimal digit") }
            value = value << 4 | UInt16(digit)
            place += 1
        }
        return value
    }

    /// A number, a word, or the inside of a text: whatever stands for a scalar. Nil for `null`.
    mutating func scalar() throws(Failure) -> String? {
        guard let byte = peek() else { throw failure("a value") }
        if byte == UInt8(ascii: "\"") { return try string() }
        let start = place
        while place < bytes.count, Self.isScalarByte(bytes[place]) { place += 1 }
        guard place > start else { throw failure("a number") }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
        return text == "null" ? nil : text
    }
}
