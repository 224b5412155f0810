/// Entries in an array, with all keys written out.
struct EntryBytes: EntrySink {
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

    /// Bytes that ``write(_:)-([Attribute])`` takes.
    static func size(of attributes: [Attribute]) -> Int {
        AttributeValue.map(attributes).encodedDataBytes
    }
}
