/// A JSON value of a short answer. For what receivers say, not for spans.
enum SmallJSON: Equatable {
    case object([String: SmallJSON])
    case array([SmallJSON])
    case text(String)
    /// As it stands.
    case number(String)
    case bool(Bool)
    case null

    /// Nil unless the bytes are one JSON value, not nested deeper than 32.
    init?(_ bytes: [UInt8]) {
        var parser = Parser(bytes: bytes)
        guard let value = parser.value(depth: 0), parser.isAtEnd() else { return nil }
        self = value
    }

    subscript(key: String) -> SmallJSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// OTLP writes 64-bit numbers as strings and readers accept both.
    var integer: Int? {
        switch self {
        case .number(let digits), .text(let digits): Int(digits)
        default: nil
        }
    }

    private struct Parser {
        let bytes: [UInt8]
        var place = 0

        mutating func isAtEnd() -> Bool {
            skipSpace()
            return place == bytes.count
        }

        mutating func value(depth: Int) -> SmallJSON? {
            skipSpace()
            guard depth < 32, place < bytes.count else { return nil }
            switch bytes[place] {
            case UInt8(ascii: "{"): return object(depth)
            case UInt8(ascii: "["): return array(depth)
            case UInt8(ascii: "\""): return string().map { .text($0) }
            case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
            case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
            case UInt8(ascii: "n"): return take("null") ? .null : nil
            default: return number()
            }
        }

        private mutating func skipSpace() {
            while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
        }

        private mutating func take(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard place + count <= bytes.count,
                bytes[place..<place + count].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: count))
            else { return false }
            place += count
            return true
        }

        private mutating func object(_ depth: Int) -> SmallJSON? {
            place += 1
            var members: [String: SmallJSON] = [:]
            skipSpace()
            if take("}") { return .object(members) }
            while true {
                skipSpace()
                guard place < bytes.count, bytes[place] == UInt8(ascii: "\""), let key = string() else { return nil }
                skipSpace()
                guard take(":"), let value = value(depth: depth + 1) else { return nil }
                members[key] = value
                skipSpace()
                if take("}") { return .object(members) }
                guard take(",") else { return nil }
            }
        }

        private mutating func array(_ depth: Int) -> SmallJSON? {
            place += 1
            var elements: [SmallJSON] = []
            skipSpace()
            if take("]") { return .array(elements) }
            while true {
                guard let value = value(depth: depth + 1) else { return nil }
                elements.append(value)
                skipSpace()
                if take("]") { return .array(elements) }
                guard take(",") else { return nil }
            }
        }

        private mutating func number() -> SmallJSON? {
            let start = place
            while place < bytes.count, "+-.0123456789eE".utf8.contains(bytes[place]) { place += 1 }
            return place > start ? .number(String(decoding: bytes[start..<place], as: UTF8.self)) : nil
        }

        private mutating func string() -> String? {
            place += 1
            var text: [UInt8] = []
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = escape() else { return nil }
                    text.append(contentsOf: escaped)
                default: text.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> [UInt8]? {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "u"):
                guard let high = codeUnit() else { return nil }
                var scalar = UInt32(high)
                if (0xD800..<0xDC00).contains(scalar), place + 1 < bytes.count, take("\\u"), let low = codeUnit(),
                    (0xDC00..<0xE000).contains(UInt32(low))
                {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (UInt32(low) - 0xDC00)
                }
                return Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            default: return [byte]
            }
        }

        private mutating func codeUnit() -> UInt16? {
            guard place + 4 <= bytes.count else { return nil }
            defer { place += 4 }
            return UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
        }
    }
}
