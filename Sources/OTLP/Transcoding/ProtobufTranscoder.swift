import SpanKitPlatform

/// Writes the messages in JSON text as protobuf.
struct ProtobufTranscoder {
    typealias Field = MessageType.Field
    typealias Failure = JSONCursor.Failure

    private(set) var output: [UInt8] = []
    private(set) var leftOut = 0

    /// For JSON that is not a message of OTLP.
    private static let refusal = Failure(reason: "has a value of another type", place: 0)

    /// Writes the content of a message. The text may contain nothing else.
    mutating func write(_ json: [UInt8], _ type: MessageType) throws(Failure) {
        output.reserveCapacity(json.count / 2)
        var failure: Failure?
        json.withUnsafeBufferPointer { bytes in
            var cursor = JSONCursor(bytes)
            do throws(Failure) {
                try content(&cursor, type, depth: 0)
                if cursor.peek() != nil { throw Self.refusal }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private mutating func content(_ cursor: inout JSONCursor, _ type: MessageType, depth: Int) throws(Failure) {
        guard depth < Transcoder.deepestMessage else { throw Self.refusal }
        guard try cursor.openObject() else { return }
        while let key = try cursor.key() {
            guard let field = type.field(named: key.string) else {
                leftOut += 1
                try cursor.skip()
                continue
            }
            if cursor.peek() == UInt8(ascii: "n") {
                // A field that is not set.
                _ = try cursor.scalar()
            } else if field.isRepeated {
                try list(&cursor, field, depth: depth)
            } else {
                tag(field, field.kind.wire)
                try value(&cursor, field, depth: depth)
            }
        }
    }

    private mutating func list(_ cursor: inout JSONCursor, _ field: Field, depth: Int) throws(Failure) {
        _ = try cursor.openList()
        guard field.isPacked else {
            while try cursor.element() {
                tag(field, field.kind.wire)
                try value(&cursor, field, depth: depth)
            }
            return
        }
        let start = output.count
        while try cursor.element() {
            try value(&cursor, field, depth: depth)
        }
        guard output.count > start else { return }
        prefix(from: start)
        let tagStart = output.count
        tag(field, 2)
        // The tag belongs before the length.
        let tag = Array(output[tagStart...])
        output.removeLast(tag.count)
        output.insert(contentsOf: tag, at: start)
    }

    /// A value without its tag.
    private mutating func value(_ cursor: inout JSONCursor, _ field: Field, depth: Int) throws(Failure) {
        if case .message(let name) = field.kind {
            let start = output.count
            try content(&cursor, .named(name), depth: depth + 1)
            return prefix(from: start)
        }
        let token = try cursor.scalar()
        switch field.kind {
        case .text: delimited(Array(token.string.utf8))
        case .id: delimited(try Self.identifier(token))
        case .bytes:
            guard let bytes = Base64.decode(token.string) else { throw Self.refusal }
            delimited(bytes)
        case .fixed64: little(try Self.number(UInt64.self, token))
        case .signedFixed64: little(UInt64(bitPattern: try Self.number(Int64.self, token)))
        case .double: little(try Self.number(Double.self, token).bitPattern)
        case .fixed32: little(try Self.number(UInt32.self, token))
        case .signed64: varint(UInt64(bitPattern: try Self.number(Int64.self, token)))
        case .unsigned64: varint(try Self.number(UInt64.self, token))
        case .unsigned32: varint(UInt64(try Self.number(UInt32.self, token)))
        case .zigzag32:
            let number = try Self.number(Int32.self, token)
            varint(UInt64(UInt32(bitPattern: (number << 1) ^ (number >> 31))))
        case .choice: varint(UInt64(bitPattern: Int64(try Self.number(Int32.self, token))))
        case .bool:
            switch token {
            case "true": output.append(1)
            case "false": output.append(0)
            default: throw Self.refusal
            }
        case .message: break
        }
    }

    private static func number<Number: LosslessStringConvertible>(
        _: Number.Type,
        _ token: JSONToken
    ) throws(Failure) -> Number {
        guard let number = Number(token.string) else { throw Self.refusal }
        return number
    }

    private static func identifier(_ token: JSONToken) throws(Failure) -> [UInt8] {
        let bytes = token.withBytes { digits -> [UInt8]? in
            guard digits.count.isMultiple(of: 2) else { return nil }
            var bytes: [UInt8] = []
            for place in stride(from: 0, to: digits.count, by: 2) {
                guard let high = digits[place].hexadecimalValue, let low = digits[place + 1].hexadecimalValue else {
                    return nil
                }
                bytes.append(high << 4 | low)
            }
            return bytes
        }
        guard let bytes else { throw Self.refusal }
        return bytes
    }

    // MARK: The wire format

    private mutating func tag(_ field: Field, _ wire: UInt64) { varint(UInt64(field.number) << 3 | wire) }

    private mutating func delimited(_ bytes: [UInt8]) {
        varint(UInt64(bytes.count))
        output += bytes
    }

    /// Puts the length of what was written since `start` before it.
    private mutating func prefix(from start: Int) {
        let length = UInt64(output.count - start)
        // Most messages are short.
        guard length >= 0x80 else { return output.insert(UInt8(length), at: start) }
        let end = output.count
        varint(length)
        let bytes = Array(output[end...])
        output.removeLast(bytes.count)
        output.insert(contentsOf: bytes, at: start)
    }

    private mutating func varint(_ value: UInt64) { Varint.append(value, to: &output) }

    private mutating func little<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
    }
}
