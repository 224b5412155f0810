import SpanKitPlatform

/// A field of a protobuf message.
package struct ProtobufField {
    package var number: Int
    /// The wire type: 0 for a varint, 1 for eight bytes, 2 for length-delimited, 5 for four bytes.
    package var wire: UInt64
    /// The value of a varint.
    package var integer: UInt64 = 0
    /// The content of a length-delimited field.
    package var content: ArraySlice<UInt8>
    /// All bytes of the field, including its tag.
    package var whole: ArraySlice<UInt8>

    /// The fields of a message in order; nil if the bytes are not a message.
    package static func all(in bytes: ArraySlice<UInt8>) -> [ProtobufField]? {
        var fields: [ProtobufField] = []
        var place = bytes.startIndex
        func varint() -> UInt64? { try? Varint.read(bytes, at: &place) }
        while place < bytes.endIndex {
            let start = place
            guard let tag = varint(), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
            var integer: UInt64 = 0
            var content = bytes[place..<place]
            switch tag & 7 {
            case 0:
                guard let value = varint() else { return nil }
                integer = value
            case 1: place += 8
            case 5: place += 4
            case 2:
                guard let length = varint(), length <= UInt64(bytes.endIndex - place) else { return nil }
                content = bytes[place..<place + Int(length)]
                place += Int(length)
            default: return nil
            }
            guard place <= bytes.endIndex else { return nil }
            fields.append(
                ProtobufField(
                    number: Int(tag >> 3),
                    wire: tag & 7,
                    integer: integer,
                    content: content,
                    whole: bytes[start..<place]
                )
            )
        }
        return fields
    }
}
