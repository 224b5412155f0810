import Recording

/// Reads numbers, times and attribute values, however they are written.
enum ValueReader {
    typealias Failure = JSONCursor.Failure

    /// Deeper values are read as null (OpenTelemetry SDK, attribute value depth).
    private static let deepest = 64

    static func unsigned(_ cursor: inout JSONCursor) throws(Failure) -> UInt64 {
        guard let text = try cursor.scalar(), !text.isEmpty else { return 0 }
        if let value = UInt64(text) { return value }
        // Written by something that knows only doubles.
        if let value = Double(text), value >= 0, value < 0x1p64 { return UInt64(value) }
        throw Failure(reason: "has '\(text.prefix(40))' where a number from 0 to 2^64 is expected")
    }

    static func signed(_ cursor: inout JSONCursor) throws(Failure) -> Int64 {
        guard let text = try cursor.scalar(), !text.isEmpty else { return 0 }
        if let value = Int64(text) { return value }
        if let value = Double(text), value >= -0x1p63, value < 0x1p63 { return Int64(value) }
        throw Failure(reason: "has '\(text.prefix(40))' where a 64-bit number is expected")
    }

    static func time(_ cursor: inout JSONCursor) throws(Failure) -> Int64 {
        Int64(clamping: try unsigned(&cursor))
    }

    static func count(_ cursor: inout JSONCursor) throws(Failure) -> UInt32 {
        UInt32(clamping: try unsigned(&cursor))
    }

    static func kind(_ cursor: inout JSONCursor) throws(Failure) -> SpanKind {
        let text = try cursor.scalar() ?? ""
        if let number = UInt8(text) { return SpanKind(rawValue: number) ?? .internal }
        let names: [String: SpanKind] = [
            "SPAN_KIND_SERVER": .server, "SPAN_KIND_CLIENT": .client, "SPAN_KIND_PRODUCER": .producer,
            "SPAN_KIND_CONSUMER": .consumer,
        ]
        return names[text] ?? .internal
    }

    /// A list of key and value. Where a key stands twice, the later value wins.
    static func attributes(_ cursor: inout JSONCursor, depth: Int = 1) throws(Failure) -> [Attribute] {
        var attributes: [Attribute] = []
        try cursor.elements { (cursor) throws(Failure) in
            var key = ""
            var value = AttributeValue.null
            try cursor.members { (member, cursor) throws(Failure) in
                switch member {
                case "key": key = try cursor.scalar() ?? ""
                case "value": value = try self.value(&cursor, depth: depth)
                default: try cursor.skip()
                }
            }
            if let same = attributes.firstIndex(where: { $0.key == key }) {
                attributes[same].value = value
            } else {
                attributes.append(Attribute(key, value))
            }
        }
        return attributes
    }

    private static func value(_ cursor: inout JSONCursor, depth: Int) throws(Failure) -> AttributeValue {
        guard depth <= deepest else {
            try cursor.skip()
            return .null
        }
        var value = AttributeValue.null
        if cursor.takeNull() { return value }
        try cursor.members { (key, cursor) throws(Failure) in
            switch key {
            case "stringValue", "string_value": value = try cursor.scalar().map { .string($0) } ?? .null
            case "boolValue", "bool_value":
                value = try cursor.scalar().map { .bool($0 == "true" || $0 == "1") } ?? .null
            case "intValue", "int_value": value = .int(try signed(&cursor))
            case "doubleValue", "double_value": value = .double(try double(&cursor))
            case "bytesValue", "bytes_value":
                let text = try cursor.scalar() ?? ""
                guard let bytes = Base64.decode(text) else { throw Failure(reason: "has bytes that are not base64") }
                value = .bytes(bytes)
            case "arrayValue", "array_value": value = .array(try array(&cursor, depth: depth))
            case "kvlistValue", "kvlist_value": value = .map(try map(&cursor, depth: depth))
            default: try cursor.skip()
            }
        }
        return value
    }

    private static func double(_ cursor: inout JSONCursor) throws(Failure) -> Double {
        let text = try cursor.scalar() ?? "0"
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default:
            guard let value = Double(text) else {
                throw Failure(reason: "has '\(text.prefix(40))' where a number is expected")
            }
            return value
        }
    }

    private static func array(_ cursor: inout JSONCursor, depth: Int) throws(Failure) -> [AttributeValue] {
        var values: [AttributeValue] = []
        if cursor.takeNull() { return values }
        try cursor.members { (key, cursor) throws(Failure) in
            guard key == "values" else { return try cursor.skip() }
            try cursor.elements { (cursor) throws(Failure) in values.append(try value(&cursor, depth: depth + 1)) }
        }
        return values
    }

    private static func map(_ cursor: inout JSONCursor, depth: Int) throws(Failure) -> [Attribute] {
        var attributes: [Attribute] = []
        if cursor.takeNull() { return attributes }
        try cursor.members { (key, cursor) throws(Failure) in
            guard key == "values" else { return try cursor.skip() }
            attributes = try self.attributes(&cursor, depth: depth + 1)
        }
        return attributes
    }
}
