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
        let keyBytes = key == 0 ? min(text?.utf8.count ?? 0, Int(UInt16.max)) : 0
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

    /// Writes a text that stands without a key.
    mutating func write(text: String, type: EntryType.Text) {
        write(EntryHeader(key: 0, type: type.rawValue, value: UInt64(text.utf8.count)))
        text.withUTF8Bytes { write($0) }
    }
}
