/// One field of a protobuf message, as it stands in its bytes.
package struct ProtobufField {
    package var number: Int
    /// 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
    package var wire: UInt64
    /// Of a varint.
    package var integer: UInt64 = 0
    /// Of a length-delimited field.
    package var content: ArraySlice<UInt8>
    /// With the tag.
    package var whole: ArraySlice<UInt8>

    /// The fields of a message in order; nil when the bytes are none.
    package static func all(in bytes: ArraySlice<UInt8>) -> [ProtobufField]? {
        var fields: [ProtobufField] = []
        var place = bytes.startIndex
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard place < bytes.endIndex else { return nil }
                let byte = bytes[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
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
