/// A destination that entries (``EntryHeader``) are written to, one after the other.
package protocol EntrySink {
    mutating func write(_ header: EntryHeader)
    /// Writes bytes and their padding to a multiple of 16.
    mutating func write(_ bytes: UnsafeRawBufferPointer)
}

extension EntrySink {
    /// Writes an attribute, or an element of an array if the key has neither a number nor a text.
    /// - Parameters:
    ///   - key: The key's number in the string table. If it is 0, `text` is written instead.
    ///   - text: The key; ignored if it has a number.
    ///   - dataBytes: The value's `encodedDataBytes`, which the caller has computed already.
    mutating func write(key: UInt32, text: String?, _ value: AttributeValue, dataBytes: Int) {
        let keyBytes = text.map { EntryHeader.keyBytes(of: $0, number: key) } ?? 0
        let (type, bits) = value.entry
        var header = EntryHeader(key: key, type: type, keyBytes: UInt16(keyBytes))
        header.value = bits ?? (UInt64(UInt32(dataBytes)) | UInt64(value.elementCount) << 32)
        write(header)
        if let text { write(text, bytes: keyBytes) }
        switch value {
        case .string(let string):
            string.withUTF8Bytes { write($0) }
        case .bytes(let bytes):
            bytes.withUnsafeBytes { write($0) }
        case .array(let elements):
            for element in elements { write(key: 0, text: nil, element, dataBytes: element.encodedDataBytes) }
        case .map(let elements):
            write(elements)
        case .bool, .int, .double, .null:
            break
        }
    }

    /// Writes attributes with their keys.
    package mutating func write(_ attributes: [Attribute]) {
        for attribute in attributes {
            write(key: 0, text: attribute.key, attribute.value, dataBytes: attribute.value.encodedDataBytes)
        }
    }

    /// Writes an event.
    /// - Parameter number: The name's number in the string table. If it is 0, the name itself is written.
    package mutating func write(_ event: EventHeader, name: String, number: UInt32 = 0, _ attributes: AttributeList) {
        let keyBytes = EntryHeader.keyBytes(of: name, number: number)
        let dataBytes = EventHeader.bytes + attributes.bytes
        let count = attributes.elements.count
        write(EntryHeader(key: number, EntryType.event, keyBytes: keyBytes, dataBytes, elements: count))
        write(name, bytes: keyBytes)
        withUnsafeBytes(of: event) { write($0) }
        write(attributes)
    }

    /// Writes a link.
    package mutating func write(linkTo context: SpanContext, _ attributes: AttributeList) {
        let dataBytes = LinkHeader.bytes + LinkHeader.traceStateBytes(context) + attributes.bytes
        write(EntryHeader(key: 0, EntryType.link, keyBytes: 0, dataBytes, elements: attributes.elements.count))
        withUnsafeBytes(of: LinkHeader(context, dropped: attributes.dropped)) { write($0) }
        if !context.traceState.isEmpty { write(text: context.traceState, type: EntryType.traceState) }
        write(attributes)
    }

    /// Writes text that has no key.
    /// - Parameter type: `EntryType.name`, `statusDescription` or `traceState`.
    package mutating func write(text: String, type: UInt8) {
        write(EntryHeader(key: 0, type, keyBytes: 0, text.utf8.count, elements: 0))
        text.withUTF8Bytes { write($0) }
    }

    private mutating func write(_ attributes: AttributeList) {
        for (number, key, value) in attributes.elements {
            write(key: number, text: key, value, dataBytes: value.encodedDataBytes)
        }
    }

    @inline(__always)
    private mutating func write(_ key: String, bytes: Int) {
        if bytes > 0 { key.withUTF8Bytes { write(UnsafeRawBufferPointer(rebasing: $0.prefix(bytes))) } }
    }
}

/// The attributes of an event or a link, and the number of attributes that were dropped.
package struct AttributeList {
    /// An element whose number is 0 is written with its key.
    private(set) var elements: [(number: UInt32, key: String, value: AttributeValue)] = []
    private(set) var dropped: UInt32 = 0
    /// Bytes that the attributes take as entries.
    private(set) var bytes = 0

    /// Creates a list of all attributes as they are.
    package init(_ attributes: [Attribute], dropped: UInt32) {
        elements = attributes.map { (0, $0.key, $0.value) }
        self.dropped = dropped
        countBytes()
    }

    /// Creates a list without duplicate keys, within the limits.
    init(_ attributes: Attributes, limit: Int, _ limits: SpanLimits, _ strings: StringTable) {
        for attribute in attributes.elements {
            let value = attribute.value.limited(to: limits)
            if let same = elements.firstIndex(where: { $0.key == attribute.key }) {
                elements[same].value = value
            } else if elements.count < limit, !attribute.key.isEmpty {
                elements.append((strings.number(of: attribute.key), attribute.key, value))
            } else {
                dropped += 1
            }
        }
        countBytes()
    }

    private mutating func countBytes() {
        bytes = elements.reduce(0) { sum, element in
            let key = EntryHeader.keyBytes(of: element.key, number: element.number)
            return sum + EntryHeader.bytes + EntryHeader.padded(key)
                + EntryHeader.padded(element.value.encodedDataBytes)
        }
    }
}

/// Entries in an array.
package struct EntryBytes: EntrySink {
    package var storage: [UInt8] = []

    package init() {}

    package mutating func write(_ header: EntryHeader) {
        withUnsafeBytes(of: header) { storage.append(contentsOf: $0) }
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        storage.append(contentsOf: bytes)
        storage.append(contentsOf: repeatElement(0, count: EntryHeader.padded(bytes.count) - bytes.count))
    }

    /// Calls `body` with attributes as entries, which are valid during the call only.
    package static func withEntries(of attributes: [Attribute], _ body: (Entries) -> Void) {
        var bytes = EntryBytes()
        bytes.write(attributes)
        bytes.storage.withUnsafeBytes { body(Entries($0)) }
    }
}
