import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads numbers, times and attributes in every form that exporters write.
///
/// An invalid field does not affect others. It is skipped or replaced with the nearest valid value, and a note is
/// added.
struct FieldReader {
    typealias Failure = JSONCursor.Failure

    /// The depth from which lists and maps are read as null. It is the recorder's limit for the depth of attribute values.
    private static let deepest = SpanLimits().attributeValueDepth

    let input: UnsafeBufferPointer<UInt8>
    let memory: ReadingMemory
    var cursor: JSONCursor
    /// Notes on the first fields that were changed or left out.
    private(set) var notes: [Failure] = []
    private(set) var noteCount = 0
    private let noteLimit: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, noteLimit: Int, memory: ReadingMemory) {
        input = bytes
        self.memory = memory
        cursor = JSONCursor(bytes)
        self.noteLimit = noteLimit
    }

    mutating func note(_ reason: @autoclosure () -> String, at place: Int) {
        noteCount += 1
        if notes.count < noteLimit { notes.append(Failure(reason: reason(), place: place)) }
    }

    /// Whether a scalar is `true` or 1. Any scalar that is not a boolean is read as `false`, with a note.
    mutating func bool(_ token: JSONToken, at place: Int) -> Bool {
        if "true" ~= token || "1" ~= token { return true }
        if !("false" ~= token || "0" ~= token) {
            note("\(token.string.quoted) is not a boolean; it is read as false", at: place)
        }
        return false
    }

    /// Reads a value. If it is invalid, skips it and adds a note.
    /// - Throws: `Failure` if the text is not JSON.
    mutating func tolerating<Value>(
        _ fallback: Value,
        _ consequence: StaticString,
        _ read: (inout FieldReader) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let start = cursor.place
        do {
            return try read(&self)
        } catch {
            cursor.move(to: start)
            try cursor.skip()
            note("\(error.reason); \(consequence)", at: error.place)
            return fallback
        }
    }

    // MARK: Scalars

    /// Reads a string; `null` is an empty one.
    mutating func string() throws(Failure) -> String {
        if let text = shortText(in: memory.names) { return text }
        return try tolerating("", "it is read as empty") { (fields) throws(Failure) in
            let token = try fields.cursor.scalar()
            return token.isNull ? "" : token.string
        }
    }

    /// Reads a scalar; `nil` for a list or an object.
    mutating func token() throws(Failure) -> JSONToken? {
        try tolerating(nil, "it is left out") { (fields) throws(Failure) in try fields.cursor.scalar() }
    }

    mutating func traceID() throws(Failure) -> TraceID {
        if let id = usualTraceID() { return id }
        return try token()?.traceID ?? .invalid
    }

    mutating func spanID() throws(Failure) -> SpanID {
        if let id = usualSpanID() { return id }
        return try token()?.spanID ?? .invalid
    }

    /// Reads a number from 0 to `largest`; any other value becomes the nearest one.
    mutating func unsigned(atMost largest: UInt64 = .max) throws(Failure) -> UInt64 {
        let place = cursor.place
        if let value = shortNumber() {
            if value <= largest { return value }
            cursor.move(to: place)
        }
        guard let token = try token(), !token.isEmpty else { return 0 }
        if let value = token.unsigned, value <= largest { return value }
        let text = token.string
        // Some exporters write every number as a double.
        if let value = Double(text), value >= 0, value < 0x1p64, UInt64(value) <= largest { return UInt64(value) }
        let nearest = text.hasPrefix("-") || Double(text) == nil ? 0 : largest
        note("\(text.quoted) is not a number from 0 to \(largest); it is read as \(nearest)", at: place)
        return nearest
    }

    mutating func time() throws(Failure) -> Int64 {
        if let time = usualTime() { return time }
        return Int64(try unsigned(atMost: UInt64(Int64.max)))
    }

    mutating func count() throws(Failure) -> UInt32 { UInt32(try unsigned(atMost: UInt64(UInt32.max))) }

    // MARK: Attributes

    /// Reads a list of keys and values. If a key appears twice, the later value is used.
    mutating func attributes() throws(Failure) -> [Attribute] {
        try tolerating([], "it is left out") { (fields) throws(Failure) in try fields.attributeList(depth: 1) }
    }

    private mutating func attributeList(depth: Int) throws(Failure) -> [Attribute] {
        guard try cursor.openList() else { return [] }
        var attributes = UniqueAttributes(capacity: memory.attributeCount)
        // Forgets slowly: a list that has to grow is allocated twice.
        defer { memory.attributeCount = min(max(attributes.list.count, memory.attributeCount - 1), 32) }
        while try cursor.element() {
            let attribute = try tolerating(nil, "the attribute is left out") { (fields) throws(Failure) in
                try fields.attribute(depth: depth)
            }
            if let attribute { attributes.set(attribute) }
        }
        return attributes.list
    }

    private mutating func attribute(depth: Int) throws(Failure) -> Attribute? {
        var key = ""
        var value = AttributeValue.null
        guard try cursor.openObject() else { return nil }
        var place = MemberMemory.Place.attribute
        while let member = try member(&place) {
            switch member {
            case .key: key = try string()
            case .value:
                value = try tolerating(.null, "it is read as null") { (fields) throws(Failure) in
                    try fields.value(depth: depth)
                }
            default: try cursor.skip()
            }
        }
        return Attribute(key, value)
    }

    /// Reads a value that is not part of an attribute, such as the body of a log record.
    /// - Returns: `nil` for `null`, and for an invalid value, after adding a note.
    mutating func freeValue() throws(Failure) -> AttributeValue? {
        try tolerating(nil, "it is left out") { (fields) throws(Failure) in
            let isNull = fields.cursor.peek() == UInt8(ascii: "n")
            let value = try fields.value(depth: 1)
            if isNull, value == .null { return nil }
            return value
        }
    }

    private mutating func value(depth: Int) throws(Failure) -> AttributeValue {
        var value = AttributeValue.null
        guard cursor.peek() == UInt8(ascii: "{") || cursor.peek() == UInt8(ascii: "[") else {
            return Self.plain(try cursor.scalar())
        }
        guard try cursor.openObject() else { return value }
        var place = MemberMemory.Place.value
        while let member = try member(&place) {
            switch member {
            case .stringValue:
                if let text = shortText(in: memory.values) {
                    value = .string(text)
                    continue
                }
                let token = try cursor.scalar()
                value = token.isNull ? .null : .string(token.string)
            case .boolValue:
                let place = cursor.place
                let token = try cursor.scalar()
                value = token.isNull ? .null : .bool(bool(token, at: place))
            case .intValue: value = try int()
            case .doubleValue: value = try double()
            case .bytesValue: value = try bytes()
            case .arrayValue:
                value = try nested(.array([]), depth) { (fields) throws(Failure) in
                    .array(try fields.values(depth: depth + 1))
                }
            case .kvlistValue:
                value = try nested(.map([]), depth) { (fields) throws(Failure) in
                    .map(try fields.attributeList(depth: depth + 1))
                }
            default: try cursor.skip()
            }
        }
        return value
    }

    /// Converts a value that is written without its type.
    static func plain(_ token: JSONToken) -> AttributeValue {
        let text = token.string
        if token.isText { return .string(text) }
        if let value = Int64(text) { return .int(value) }
        if let value = Double(text) { return .double(value) }
        return text == "null" ? .null : .bool(text == "true")
    }

    mutating func int() throws(Failure) -> AttributeValue {
        let place = cursor.place
        if let value = shortNumber() { return .int(Int64(value)) }
        let token = try cursor.scalar()
        if token.isEmpty { return .int(0) }
        if let value = token.unsigned, value <= Int64.max { return .int(Int64(value)) }
        let text = token.string
        if let value = Int64(text) { return .int(value) }
        guard let value = Double(text) else {
            note("\(text.quoted) is not a 64-bit integer; it is read as a string", at: place)
            return .string(text)
        }
        if let exact = Int64(exactly: value) { return .int(exact) }
        note("\(text.quoted) is not a 64-bit integer; it is read as a double", at: place)
        return .double(value)
    }

    mutating func double() throws(Failure) -> AttributeValue {
        if let value = shortFraction() { return .double(value) }
        let place = cursor.place
        let token = try cursor.scalar()
        if token.isEmpty { return .double(0) }
        if let value = Self.number(token) { return .double(value) }
        note("\(token.string.quoted) is not a number; it is read as a string", at: place)
        return .string(token.string)
    }

    /// The number that a scalar contains; `nil` if it contains none.
    static func number(_ token: JSONToken) -> Double? {
        switch token {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(token.string)
        }
    }

    mutating func bytes() throws(Failure) -> AttributeValue {
        let place = cursor.place
        let token = try cursor.scalar()
        if token.isEmpty { return .bytes([]) }
        if let bytes = token.base64 { return .bytes(bytes) }
        note("the bytes are not base64; they are read as a string", at: place)
        return .string(token.string)
    }

    /// Reads the `values` of a list or a map.
    private mutating func nested(
        _ empty: AttributeValue,
        _ depth: Int,
        _ read: (inout FieldReader) throws(Failure) -> AttributeValue
    ) throws(Failure) -> AttributeValue {
        guard depth <= Self.deepest else {
            note(
                "the value is nested more than \(Self.deepest) levels deep; the rest is read as null",
                at: cursor.place
            )
            try cursor.skip()
            return .null
        }
        var value = empty
        guard try cursor.openObject() else { return value }
        var place = MemberMemory.Place.list
        while let member = try member(&place) {
            if member == .values { value = try read(&self) } else { try cursor.skip() }
        }
        return value
    }

    private mutating func values(depth: Int) throws(Failure) -> [AttributeValue] {
        var values: [AttributeValue] = []
        guard try cursor.openList() else { return values }
        while try cursor.element() { values.append(try value(depth: depth)) }
        return values
    }
}
