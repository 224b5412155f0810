/// A JSON document in memory, for short documents such as a receiver's answer. ``JSONCursor`` reads long ones.
package enum JSONValue: Equatable, Sendable {
    case object([String: JSONValue])
    case array([JSONValue])
    case text(String)
    /// A number, as it is written in the JSON text.
    case number(String)
    case bool(Bool)
    case null

    /// Reads one JSON value; nil for anything else, and for nesting deeper than 32.
    package init?(_ bytes: [UInt8]) {
        let value = bytes.withUnsafeBufferPointer { bytes -> JSONValue? in
            var cursor = JSONCursor(bytes)
            let value = try? JSONValue(&cursor, depth: 0)
            return cursor.peek() == nil ? value : nil
        }
        guard let value else { return nil }
        self = value
    }

    package subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    package var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The integer value of a number or of a text, because OTLP writes 64-bit integers as strings.
    package var integer: Int? {
        switch self {
        case .number(let digits), .text(let digits): Int(digits)
        default: nil
        }
    }

    private init(_ cursor: inout JSONCursor, depth: Int) throws(JSONCursor.Failure) {
        guard depth < 32 else { throw cursor.failure("less nesting") }
        switch cursor.peek() {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            _ = try cursor.openObject()
            while let key = try cursor.key() { members[key.string] = try JSONValue(&cursor, depth: depth + 1) }
            self = .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            _ = try cursor.openList()
            while try cursor.element() { elements.append(try JSONValue(&cursor, depth: depth + 1)) }
            self = .array(elements)
        default:
            let token = try cursor.scalar()
            switch token {
            case _ where token.isText: self = .text(token.string)
            case "true": self = .bool(true)
            case "false": self = .bool(false)
            case "null": self = .null
            default:
                let digits = token.string
                guard digits.utf8.allSatisfy("+-.0123456789eE".utf8.contains) else { throw cursor.failure("a value") }
                self = .number(digits)
            }
        }
    }
}
