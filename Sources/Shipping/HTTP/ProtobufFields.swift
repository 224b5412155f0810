/// The fields of one protobuf message, as far as short answers need them.
struct ProtobufFields {
    private(set) var integers: [Int: UInt64] = [:]
    private(set) var bytes: [Int: [UInt8]] = [:]

    /// Nil when the bytes are no protobuf message. Of a repeated field the last element is kept.
    init?(_ message: [UInt8]) {
        var place = 0
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard place < message.count else { return nil }
                let byte = message[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        while place < message.count {
            guard let tag = varint(), tag >> 3 > 0, tag >> 3 <= 536_870_911 else { return nil }
            let field = Int(tag >> 3)
            switch tag & 7 {
            case 0:
                guard let value = varint() else { return nil }
                integers[field] = value
            case 1, 5:
                place += tag & 7 == 1 ? 8 : 4
                guard place <= message.count else { return nil }
            case 2:
                guard let length = varint(), length <= UInt64(message.count - place) else { return nil }
                bytes[field] = Array(message[place..<place + Int(length)])
                place += Int(length)
            default: return nil
            }
        }
    }

    /// A text field.
    func text(_ field: Int) -> String? {
        bytes[field].map { String(decoding: $0, as: UTF8.self) }
    }
}
