import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads numbers, times and attributes, however they are written.
///
/// A field that makes no sense costs itself: it is passed over, or read as what comes nearest, and noted.
struct FieldReader {
    typealias Failure = JSONCursor.Failure

    /// Deeper lists and maps are read as null: what the recorder keeps (OpenTelemetry SDK, attribute value depth).
    private static let deepest = SpanLimits().attributeValueDepth

    var cursor: JSONCursor
    /// The first of what was changed or left out.
    private(set) var notes: [Failure] = []
    private(set) var noteCount = 0
    private let noteLimit: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, noteLimit: Int) {
        cursor = JSONCursor(bytes)
        self.noteLimit = noteLimit
    }

    mutating func note(_ reason: @autoclosure () -> String, at place: Int) {
        noteCount += 1
        if notes.count < noteLimit { notes.append(Failure(reason: reason(), place: place)) }
    }

    /// Reads a value; what cannot be understood is passed over and noted. Throws where the text is no JSON.
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

    /// Empty for `null`.
    mutating func string() throws(Failure) -> String {
        try tolerating("", "it is read as empty") { (fields) throws(Failure) in
            let token = try fields.cursor.scalar()
            return token.isNull ? "" : token.string
        }
    }

    /// Nil where the text is no scalar.
    private mutating func token() throws(Failure) -> JSONToken? {
        try tolerating(nil, "it is left out") { (fields) throws(Failure) in try fields.cursor.scalar() }
    }

    mutating func traceID() throws(Failure) -> TraceID { try token().map(HexID.traceID) ?? .invalid }

    mutating func spanID() throws(Failure) -> SpanID { try token().map(HexID.spanID) ?? .invalid }

    /// A number from 0 to `largest`; anything else is read as the nearest of them.
    mutating func unsigned(atMost largest: UInt64 = .max) throws(Failure) -> UInt64 {
        let place = cursor.place
        guard let token = try token(), !token.isEmpty else { return 0 }
        if let value = token.unsigned, value <= largest { return value }
        let text = token.string
        // Written by something that knows only doubles.
        if let value = Double(text), value >= 0, value < 0x1p64, UInt64(value) <= largest { return UInt64(value) }
        let nearest = text.hasPrefix("-") || Double(text) == nil ? 0 : largest
        note("has \(text.quoted) where a number from 0 to \(largest) is expected; it is read as \(nearest)", at: place)
        return nearest
    }

    mutating func time() throws(Failure) -> Int64 { Int64(try unsigned(atMost: UInt64(Int64.max))) }

    mutating func count() throws(Failure) -> UInt32 { UInt32(try unsigned(atMost: UInt64(UInt32.max))) }

    // MARK: Attributes

    /// A list of key and value. Where a key stands twice, the later value wins.
    mutating func attributes() throws(Failure) -> [Attribute] {
        try tolerating([], "it is left out") { (fields) throws(Failure) in try fields.attributeList(depth: 1) }
    }

    private mutating func attributeList(depth: Int) throws(Failure) -> [Attribute] {
        var attributes = UniqueAttributes()
        guard try cursor.openList() else { return [] }
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
        while let member = try cursor.key() {
            switch member {
            case "key": key = try string()
            case "value":
                value = try tolerating(.null, "it is read as null") { (fields) throws(Failure) in
                    try fields.value(depth: depth)
                }
            default: try cursor.skip()
            }
        }
        return Attribute(key, value)
    }

    private mutating func value(depth: Int) throws(Failure) -> AttributeValue {
        var value = AttributeValue.null
        guard cursor.peek() == UInt8(ascii: "{") || cursor.peek() == UInt8(ascii: "[") else {
            return Self.plain(try cursor.scalar())
        }
        guard try cursor.openObject() else { return value }
        while let key = try cursor.key() {
            switch key {
            case "stringValue", "string_value":
                let token = try cursor.scalar()
                value = token.isNull ? .null : .string(token.string)
            case "boolValue", "bool_value":
                let token = try cursor.scalar()
                value = token.isNull ? .null : .bool("true" ~= token || "1" ~= token)
            case "intValue", "int_value": value = try int()
            case "doubleValue", "double_value": value = try double()
            case "bytesValue", "bytes_value": value = try bytes()
            case "arrayValue", "array_value":
                value = try nested(.array([]), depth) { (fields) throws(Failure) in
                    .array(try fields.values(depth: depth + 1))
                }
            case "kvlistValue", "kvlist_value":
                value = try nested(.map([]), depth) { (fields) throws(Failure) in
                    .map(try fields.attributeList(depth: depth + 1))
                }
            default: try cursor.skip()
            }
        }
        return value
    }

    /// A value that stands without its type.
    static func plain(_ token: JSONToken) -> AttributeValue {
        let text = token.string
        if token.isText { return .string(text) }
        if let value = Int64(text) { return .int(value) }
        if let value = Double(text) { return .double(value) }
        return text == "null" ? .null : .bool(text == "true")
    }

    private mutating func int() throws(Failure) -> AttributeValue {
        let place = cursor.place
        let token = try cursor.scalar()
        if token.isEmpty { return .int(0) }
        if let value = token.unsigned, value <= Int64.max { return .int(Int64(value)) }
        let text = token.string
        if let value = Int64(text) { return .int(value) }
        guard let value = Double(text) else {
            note("has \(text.quoted) where a 64-bit number is expected; it is read as a text", at: place)
            return .string(text)
        }
        if let exact = Int64(exactly: value) { return .int(exact) }
        note("has \(text.quoted) where a 64-bit number is expected; it is read as a double", at: place)
        return .double(value)
    }

    private mutating func double() throws(Failure) -> AttributeValue {
        let place = cursor.place
        let token = try cursor.scalar()
        if token.isEmpty { return .double(0) }
        switch token {
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default:
            let text = token.string
            if let value = Double(text) { return .double(value) }
            note("has \(text.quoted) where a number is expected; it is read as a text", at: place)
            return .string(text)
        }
    }

    private mutating func bytes() throws(Failure) -> AttributeValue {
        let place = cursor.place
        let token = try cursor.scalar()
        if token.isEmpty { return .bytes([]) }
        if let bytes = token.withBytes(Base64.decode) { return .bytes(bytes) }
        note("has bytes that are not base64; they are read as a text", at: place)
        return .string(token.string)
    }

    /// Reads the `values` of a list or a map.
    private mutating func nested(
        _ empty: AttributeValue,
        _ depth: Int,
        _ read: (inout FieldReader) throws(Failure) -> AttributeValue
    ) throws(Failure) -> AttributeValue {
        guard depth <= Self.deepest else {
            note("is nested more than \(Self.deepest) deep; what is deeper is read as null", at: cursor.place)
            try cursor.skip()
            return .null
        }
        var value = empty
        guard try cursor.openObject() else { return value }
        while let key = try cursor.key() {
            if "values" ~= key { value = try read(&self) } else { try cursor.skip() }
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
