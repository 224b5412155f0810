import SpanKitOTLP
import SpanKitPlatform

/// Reads JSON into ``SettingNode``.
struct JSONSettings {
    /// The maximum nesting depth, which is more than any setting needs.
    private static let deepest = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var cursor: JSONCursor
    private let references: VariableReferences
    /// The offset of the last byte whose line and column were computed.
    private var counted = (offset: 0, place: SettingPlace(line: 1, column: 1))

    /// - Parameter references: resolves references in strings. In JSON, only a string can contain a reference. A string
    ///   with a reference is read as if it had no quotation marks, so `"${PORT}"` can be a number.
    static func parse(_ text: String, _ references: VariableReferences) throws(SettingSyntaxError) -> SettingNode {
        var text = text
        let result: Result<SettingNode, SettingSyntaxError> = text.withUTF8 { bytes in
            var reader = JSONSettings(bytes: bytes, cursor: JSONCursor(bytes), references: references)
            do throws(SettingSyntaxError) { return .success(try reader.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private mutating func document() throws(SettingSyntaxError) -> SettingNode {
        let node = try value(depth: 0)
        if cursor.peek() != nil { throw error(cursor.failure("the end of the file")) }
        return node
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, cursor: JSONCursor, references: VariableReferences) {
        self.bytes = bytes
        self.cursor = cursor
        self.references = references
    }

    private mutating func value(depth: Int) throws(SettingSyntaxError) -> SettingNode {
        let first = cursor.peek()
        let place = place(of: cursor.place)
        guard depth < Self.deepest else {
            throw SettingSyntaxError("is nested more than \(Self.deepest) levels deep", place)
        }
        switch first {
        case UInt8(ascii: "{"): return SettingNode(.map(try members(depth)), place)
        case UInt8(ascii: "["): return SettingNode(.list(try elements(depth)), place)
        default: return SettingNode(.scalar(try scalar(place)), place)
        }
    }

    private mutating func members(_ depth: Int) throws(SettingSyntaxError) -> [SettingNode.Member] {
        var members: [SettingNode.Member] = []
        var lines: [String: Int] = [:]
        _ = try read { cursor throws(JSONCursor.Failure) in try cursor.openObject() }
        while true {
            let before = cursor.place
            guard let key = try read({ cursor throws(JSONCursor.Failure) in try cursor.key()?.string }) else {
                return members
            }
            let place = place(of: bytes[before...].firstIndex(of: UInt8(ascii: "\"")) ?? before)
            if let line = lines.updateValue(place.line, forKey: key) {
                throw SettingSyntaxError(
                    "has the key '\(key)' twice; remove this one or the one on line \(line)",
                    place
                )
            }
            members.append(.init(key, place, try value(depth: depth + 1)))
        }
    }

    private mutating func elements(_ depth: Int) throws(SettingSyntaxError) -> [SettingNode] {
        var elements: [SettingNode] = []
        _ = try read { cursor throws(JSONCursor.Failure) in try cursor.openList() }
        while try read({ cursor throws(JSONCursor.Failure) in try cursor.element() }) {
            elements.append(try value(depth: depth + 1))
        }
        return elements
    }

    private mutating func scalar(_ place: SettingPlace) throws(SettingSyntaxError) -> SettingScalar {
        let (text, isText) = try read { cursor throws(JSONCursor.Failure) in
            let token = try cursor.scalar()
            return (token.string, token.isText)
        }
        guard isText else {
            guard ["null", "true", "false"].contains(text) || Double(text) != nil else {
                throw SettingSyntaxError("has '\(text.prefix(40))' where a value is expected", place)
            }
            return SettingScalar(text, isQuoted: false)
        }
        let (resolved, isChanged) = try references.resolve(text, place)
        return SettingScalar(resolved, isQuoted: !isChanged, hasReferences: isChanged)
    }

    private mutating func read<Result>(
        _ body: (inout JSONCursor) throws(JSONCursor.Failure) -> Result
    ) throws(SettingSyntaxError) -> Result {
        do { return try body(&cursor) } catch { throw self.error(error) }
    }

    private mutating func error(_ failure: JSONCursor.Failure) -> SettingSyntaxError {
        SettingSyntaxError(failure.reason, place(of: failure.place))
    }

    /// The line and column of a byte. Fast if offsets are passed in increasing order.
    private mutating func place(of offset: Int) -> SettingPlace {
        if offset < counted.offset { counted = (0, SettingPlace(line: 1, column: 1)) }
        while counted.offset < min(offset, bytes.count) {
            let byte = bytes[counted.offset]
            counted.offset += 1
            if byte == UInt8(ascii: "\n") {
                counted.place = SettingPlace(line: counted.place.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                counted.place.column += 1
            }
        }
        return counted.place
    }
}
