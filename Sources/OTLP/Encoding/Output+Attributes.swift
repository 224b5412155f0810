import SpanKitRecording

/// Writes attributes and their values, which it reads from entries (``EntryHeader``).
///
/// Attributes of spans, events and links are entries in the log. Those of resources, scopes and metrics, which are written rarely,
/// are made into entries first.
extension Output {
    // MARK: JSON

    /// `"attributes":[…]`, without a comma before it. An empty list is also written.
    mutating func jsonAttributes(_ attributes: [Attribute]) {
        write("\"attributes\":[")
        jsonAttributeList(attributes)
        write("]")
    }

    /// Attributes, separated by commas.
    mutating func jsonAttributeList(_ attributes: [Attribute]) {
        EntryBytes.withEntries(of: attributes) { jsonElements($0, hasKeys: true, depth: 1) }
    }

    /// The elements of a list, or of a map, separated by commas.
    private mutating func jsonElements(_ entries: Entries, hasKeys: Bool, depth: Int, isStrict: Bool = false) {
        var entries = entries
        var isFirst = true
        while let entry = entries.next() {
            if !isFirst { write(",") }
            isFirst = false
            if hasKeys, isStrict, entry.header.type == EntryType.null {
                json(keyWithoutValue: entry.key)
                continue
            }
            if hasKeys { json(key: entry.key) }
            json(value: entry, depth: depth, isStrict: isStrict)
            if hasKeys { write("}") }
        }
    }

    /// An attribute whose value is null, in the only form that every receiver accepts: `{"key":"…"}`.
    mutating func json(keyWithoutValue key: UnsafeRawBufferPointer) {
        write("{\"key\":\"")
        json(text: key)
        write("\"}")
    }

    /// The start of an attribute up to its value: `{"key":"…","value":`.
    mutating func json(key: UnsafeRawBufferPointer) {
        write("{\"key\":\"")
        json(text: key)
        write("\",\"value\":")
    }

    /// An `AnyValue`. A value that is null or nested too deeply becomes an empty object.
    /// - Parameter isStrict: Whether to avoid what some receivers refuse, with the whole request: numbers that are not finite become
    ///   strings, nulls in maps become keys without values, and nulls in arrays become empty strings, which OpenTelemetry allows
    ///   ("common", "Attribute").
    @inline(never)
    mutating func json(value entry: Entries.Entry, depth: Int = 1, isStrict: Bool = false) {
        reserve(64)
        switch entry.header.type {
        case EntryType.double where isStrict && !Double(bitPattern: entry.header.value).isFinite:
            fragment("{\"stringValue\":")
            json(Double(bitPattern: entry.header.value))
            byte(0x7D)
        case EntryType.string, EntryType.int, EntryType.double, EntryType.bool:
            json(entry.header.type, entry.header.value, entry.data, endsAttribute: false)
        case EntryType.bytes:
            fragment("{\"bytesValue\":\"")
            base64(entry.data)
            write("\"}")
        // An empty list is also written: the rotel receiver refuses an array without it.
        case EntryType.array where depth < deepestValue:
            fragment("{\"arrayValue\":{\"values\":[")
            jsonElements(Entries(entry.data), hasKeys: false, depth: depth + 1, isStrict: isStrict)
            write("]}}")
        case EntryType.map where depth < deepestValue:
            fragment("{\"kvlistValue\":{\"values\":[")
            jsonElements(Entries(entry.data), hasKeys: true, depth: depth + 1, isStrict: isStrict)
            write("]}}")
        default: fragment(isStrict ? "{\"stringValue\":\"\"}" : "{}")
        }
    }

    /// An `AnyValue` with a text, a number or a boolean. The caller has reserved 64 bytes.
    /// - Parameter endsAttribute: whether to close the attribute after the value.
    @inline(__always)
    mutating func json(_ type: UInt8, _ value: UInt64, _ text: UnsafeRawBufferPointer, endsAttribute: Bool) {
        switch type {
        case EntryType.string:
            fragment("{\"stringValue\":\"")
            json(text: text)
            reserve(8)
            byte(0x22)
        case EntryType.int:
            fragment("{\"intValue\":\"")
            decimal(Int64(bitPattern: value))
            byte(0x22)
        case EntryType.double:
            fragment("{\"doubleValue\":")
            json(Double(bitPattern: value))
        default:
            if value != 0 { fragment("{\"boolValue\":true") } else { fragment("{\"boolValue\":false") }
        }
        if endsAttribute { fragment("}}") } else { byte(0x7D) }
    }

    // MARK: Protobuf

    /// Attributes as elements of a repeated field.
    mutating func protobufAttributes(_ attributes: [Attribute], tag: UInt8) {
        EntryBytes.withEntries(of: attributes) { protobufElements($0, tag: tag, depth: 1) }
    }

    private mutating func protobufElements(_ entries: Entries, tag: UInt8, depth: Int) {
        var entries = entries
        while let entry = entries.next() {
            let message = beginMessage(tag)
            field(0x0A, text: entry.key)
            protobuf(value: entry, tag: 0x12, depth: depth)
            endMessage(message)
        }
    }

    /// An `AnyValue`. A value that is null or nested too deeply becomes an empty message.
    mutating func protobuf(value entry: Entries.Entry, tag: UInt8, depth: Int = 1) {
        let value = beginMessage(tag)
        reserve(32)
        switch entry.header.type {
        case EntryType.string: field(0x0A, text: entry.data)
        case EntryType.bool:
            byte(0x10)
            byte(entry.header.value != 0 ? 1 : 0)
        case EntryType.int:
            byte(0x18)
            varint(entry.header.value)
        case EntryType.double:
            byte(0x21)
            fixed64(entry.header.value)
        case EntryType.bytes: field(0x3A, entry.data)
        case EntryType.array where depth < deepestValue:
            let array = beginMessage(0x2A)
            var elements = Entries(entry.data)
            while let element = elements.next() { protobuf(value: element, tag: 0x0A, depth: depth + 1) }
            endMessage(array)
        case EntryType.map where depth < deepestValue:
            let map = beginMessage(0x32)
            protobufElements(Entries(entry.data), tag: 0x0A, depth: depth + 1)
            endMessage(map)
        default: break
        }
        endMessage(value)
    }
}
