import SpanKitOTLP

/// The fields of one protobuf message, as far as short answers need them.
struct ProtobufFields {
    private(set) var integers: [Int: UInt64] = [:]
    private(set) var bytes: [Int: [UInt8]] = [:]

    /// Nil when the bytes are no protobuf message. Of a repeated field the last element is kept.
    init?(_ message: [UInt8]) {
        guard let fields = ProtobufField.all(in: message[...]) else { return nil }
        for field in fields {
            switch field.wire {
            case 0: integers[field.number] = field.integer
            case 2: bytes[field.number] = Array(field.content)
            default: break
            }
        }
    }

    /// A text field.
    func text(_ field: Int) -> String? {
        bytes[field].map { String(decoding: $0, as: UTF8.self) }
    }
}
