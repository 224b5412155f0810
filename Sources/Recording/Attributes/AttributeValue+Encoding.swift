extension AttributeValue {
    /// The type of the entry that holds this value, and the value's eight bytes if the type has a fixed size.
    var entry: (type: UInt8, bits: UInt64?) {
        switch self {
        case .bool(let value): (EntryType.bool, value ? 1 : 0)
        case .int(let value): (EntryType.int, UInt64(bitPattern: value))
        case .double(let value): (EntryType.double, value.bitPattern)
        case .null: (EntryType.null, 0)
        case .string: (EntryType.string, nil)
        case .bytes: (EntryType.bytes, nil)
        case .array: (EntryType.array, nil)
        case .map: (EntryType.map, nil)
        }
    }

    /// The value that an entry of fixed size holds.
    init(type: UInt8, bits: UInt64) {
        switch type {
        case EntryType.bool: self = .bool(bits != 0)
        case EntryType.int: self = .int(Int64(bitPattern: bits))
        case EntryType.double: self = .double(Double(bitPattern: bits))
        default: self = .null
        }
    }

    /// The number of values directly inside an array or a map.
    var elementCount: Int {
        switch self {
        case .array(let elements): elements.count
        case .map(let elements): elements.count
        default: 0
        }
    }

    /// Bytes of data after the entry header, without the padding of the last piece.
    /// - Complexity: O(*n*), where *n* is the number of nested values.
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

    /// The value with long texts and byte arrays cut, and with deep nesting replaced by `null`.
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
    /// The longest prefix of at most `count` bytes of UTF-8 that ends at a Unicode scalar.
    func prefix(utf8 count: Int) -> String {
        guard utf8.count > count else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: count)
        while end > utf8.startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }

    /// Calls `body` with the UTF-8 of the string, without a copy if it is contiguous.
    func withUTF8Bytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = self
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
