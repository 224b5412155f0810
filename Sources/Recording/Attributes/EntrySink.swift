/// Something that entries (``EntryHeader``) are written to, one after the other.
protocol EntrySink {
    mutating func write(_ header: EntryHeader)
    /// Writes bytes and their padding to a multiple of 16.
    mutating func write(_ bytes: UnsafeRawBufferPointer)
}

extension EntrySink {
    /// Writes an attribute, or an element of an array where the key is empty.
    /// - Parameters:
    ///   - key: a number of the string table, or 0: `text` is written instead.
    ///   - dataBytes: `value.encodedDataBytes`, which the caller knows already.
    mutating func write(key: UInt32, text: String?, _ value: AttributeValue, dataBytes: Int) {
        let keyBytes = text.map { EntryHeader.keyBytes(of: $0, number: key) } ?? 0
        var header = EntryHeader(key: key, type: value.entryType, keyBytes: UInt16(keyBytes))
        header.value = value.fixedValue ?? (UInt64(UInt32(dataBytes)) | UInt64(value.elementCount) << 32)
        write(header)
        if keyBytes > 0 {
            text?.withUTF8Bytes { write(UnsafeRawBufferPointer(rebasing: $0.prefix(keyBytes))) }
        }
        switch value {
        case .string(let string):
            string.withUTF8Bytes { write($0) }
        case .bytes(let bytes):
            bytes.withUnsafeBytes { write($0) }
        case .array(let elements):
            for element in elements { write(key: 0, text: nil, element, dataBytes: element.encodedDataBytes) }
        case .map(let elements):
            for element in elements {
                write(key: 0, text: element.key, element.value, dataBytes: element.value.encodedDataBytes)
            }
        case .bool, .int, .double, .null:
            break
        }
    }

    /// Writes an event up to its attributes, which the caller writes behind it.
    /// - Parameters:
    ///   - number: of the name in the string table, or 0: the name itself is written.
    ///   - attributes: how many there are, and the bytes they take.
    mutating func write(_ event: EventHeader, name: String, number: UInt32, attributes: (count: Int, bytes: Int)) {
        let keyBytes = EntryHeader.keyBytes(of: name, number: number)
        let dataBytes = EventHeader.bytes + attributes.bytes
        write(EntryHeader(key: number, EntryType.event, keyBytes: keyBytes, dataBytes, elements: attributes.count))
        if keyBytes > 0 { name.withUTF8Bytes { write(UnsafeRawBufferPointer(rebasing: $0.prefix(keyBytes))) } }
        withUnsafeBytes(of: event) { write($0) }
    }

    /// Writes a link up to its attributes, which the caller writes behind it.
    /// - Parameter attributes: how many there are, and the bytes they take.
    mutating func write(linkTo context: SpanContext, dropped: UInt32, attributes: (count: Int, bytes: Int)) {
        let dataBytes = LinkHeader.bytes + LinkHeader.traceStateBytes(context) + attributes.bytes
        write(EntryHeader(key: 0, EntryType.link, keyBytes: 0, dataBytes, elements: attributes.count))
        withUnsafeBytes(of: LinkHeader(context, dropped: dropped)) { write($0) }
        if !context.traceState.isEmpty { write(text: context.traceState, type: .traceState) }
    }

    /// Writes a text that has no key.
    mutating func write(text: String, type: EntryType.Text) {
        write(EntryHeader(key: 0, type: type.rawValue, value: UInt64(text.utf8.count)))
        text.withUTF8Bytes { write($0) }
    }
}

/// Entries in an array, with all keys written out.
package struct EntryBytes: EntrySink {
    var storage: [UInt8] = []

    mutating func write(_ header: EntryHeader) {
        withUnsafeBytes(of: header) { storage.append(contentsOf: $0) }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        storage.append(contentsOf: bytes)
        storage.append(contentsOf: repeatElement(0, count: EntryHeader.padded(bytes.count) - bytes.count))
    }

    mutating func write(_ attributes: [Attribute]) {
        for attribute in attributes {
            write(key: 0, text: attribute.key, attribute.value, dataBytes: attribute.value.encodedDataBytes)
        }
    }

    /// Calls `body` with attributes as entries, which are valid during the call only.
    package static func withEntries(of attributes: [Attribute], _ body: (Entries) -> Void) {
        var bytes = EntryBytes()
        bytes.write(attributes)
        bytes.storage.withUnsafeBytes { body(Entries($0)) }
    }

    /// Bytes that ``write(_:)-([Attribute])`` takes.
    static func size(of attributes: [Attribute]) -> Int {
        AttributeValue.map(attributes).encodedDataBytes
    }
}
