extension AttributeValue {
    /// The entry type this value is written as.
    var entryType: UInt8 {
        switch self {
        case .bool: EntryType.bool
        case .int: EntryType.int
        case .double: EntryType.double
        case .string: EntryType.string
        case .bytes: EntryType.bytes
        case .array: EntryType.array
        case .map: EntryType.map
        case .null: EntryType.null
        }
    }

    /// The eight bytes of a value of fixed size, nil for the others.
    var fixedValue: UInt64? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): UInt64(bitPattern: value)
        case .double(let value): value.bitPattern
        case .null: 0
        case .string, .bytes, .array, .map: nil
        }
    }

    /// How many values lie directly inside.
    var elementCount: Int {
        switch self {
        case .array(let elements): elements.count
        case .map(let elements): elements.count
        default: 0
        }
    }

    /// Bytes of data behind the entry header, without the padding of the last piece. Linear in the size of the value.
    var encodedDataBytes: Int {
        switch self {
        case .bool, .int, .double, .null: 0
        case .string(let string): string.utf8.count
        case .bytes(let bytes): bytes.count
        case .array(let elements):
            elements.reduce(0) { $0 + EntryHeader.bytes + EntryHeader.padded($1.encodedDataBytes) }
        case .map(let elements):
            elements.reduce(0) { sum, element in
                sum + EntryHeader.bytes + EntryHeader.padded(EntryHeader.keyBytes(of: element.key))
                    + EntryHeader.padded(element.value.encodedDataBytes)
            }
        }
    }

    /// The value with texts cut and nesting flattened as the limits demand; itself where they demand nothing.
    func limited(to limits: SpanLimits, depth: Int = 1) -> AttributeValue {
        switch self {
        case .string(let string):
            guard let length = limits.attributeValueLength, string.utf8.count > length else { return self }
            return .string(String(string.unicodeScalars.prefix(length)))
        case .bytes(let bytes):
            guard let length = limits.attributeValueLength, bytes.count > length else { return self }
            return .bytes(Array(bytes.prefix(length)))
        case .array(let elements):
            guard depth <= limits.attributeValueDepth else { return .null }
            return .array(elements.map { $0.limited(to: limits, depth: depth + 1) })
        case .map(let elements):
            guard depth <= limits.attributeValueDepth else { return .null }
            return .map(elements.map { Attribute($0.key, $0.value.limited(to: limits, depth: depth + 1)) })
        case .bool, .int, .double, .null:
            return self
        }
    }
}

extension String {
    /// The longest start that takes at most `count` bytes of UTF-8, never cutting inside a Unicode scalar.
    func prefix(utf8 count: Int) -> String {
        guard utf8.count > count else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: count)
        while end > utf8.startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }

    /// The bytes of the text, without a copy where it is contiguous.
    func withUTF8Bytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = self
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
