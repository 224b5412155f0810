import SpanKitPlatform

/// Writes the messages in protobuf as JSON.
struct JSONTranscoder {
    typealias Field = MessageType.Field
    typealias Failure = Transcoder.Failure

    private(set) var output: [UInt8] = []
    private(set) var leftOut = 0

    /// Writes a message as an object.
    mutating func write(_ message: ArraySlice<UInt8>, _ type: MessageType, depth: Int) throws(Failure) {
        guard depth < Transcoder.deepestMessage, let given = ProtobufField.all(in: message) else { throw Failure() }
        leftOut += given.count { type.field($0.number) == nil }
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for field in type.fields {
            let own = given.filter { $0.number == field.number }
            // Receivers refuse a list or a map without its elements.
            guard !own.isEmpty || field.name == "values" else { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            output += "\"\(field.name)\":".utf8
            guard field.isRepeated else {
                // If a field that is not a list occurs several times, the last value counts.
                if let last = own.last { try write(last, field, depth: depth) }
                continue
            }
            output.append(UInt8(ascii: "["))
            var separates = false
            for value in own {
                for element in try Self.elements(value, field) {
                    if separates { output.append(UInt8(ascii: ",")) }
                    separates = true
                    try write(element, field, depth: depth)
                }
            }
            output.append(UInt8(ascii: "]"))
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The values of a field, of which several can be packed into one.
    private static func elements(_ field: ProtobufField, _ type: Field) throws(Failure) -> [ProtobufField] {
        guard type.isPacked, field.wire == 2 else { return [field] }
        var elements: [ProtobufField] = []
        var place = field.content.startIndex
        while place < field.content.endIndex {
            var element = field
            element.wire = type.kind.wire
            if element.wire == 0 {
                guard let value = try? Varint.read(field.content, at: &place) else { throw Failure() }
                element.integer = value
            } else {
                guard field.content.endIndex - place >= 8 else { throw Failure() }
                element.integer = (place..<place + 8).reversed().reduce(0) { $0 << 8 | UInt64(field.content[$1]) }
                place += 8
            }
            elements.append(element)
        }
        return elements
    }

    private mutating func write(_ value: ProtobufField, _ field: Field, depth: Int) throws(Failure) {
        guard value.wire == field.kind.wire else { throw Failure() }
        let bits = value.integer
        switch field.kind {
        case .message(let name): try write(value.content, .named(name), depth: depth + 1)
        case .text: text(value.content)
        case .id: quoted(value.content.hexadecimalDigits)
        case .bytes: quoted(Base64.encode(Array(value.content)))
        case .fixed64, .unsigned64: quoted("\(bits)")
        case .signedFixed64, .signed64: quoted("\(Int64(bitPattern: bits))")
        case .fixed32, .unsigned32: output += "\(UInt32(truncatingIfNeeded: bits))".utf8
        case .choice: output += "\(Int32(truncatingIfNeeded: bits))".utf8
        case .zigzag32:
            let number = UInt32(truncatingIfNeeded: bits)
            output += "\(Int32(bitPattern: number >> 1) ^ -Int32(bitPattern: number & 1))".utf8
        case .bool: output += (bits == 0 ? "false" : "true").utf8
        case .double:
            let double = Double(bitPattern: bits)
            if double.isFinite {
                output += "\(double)".utf8
            } else {
                quoted(double.isNaN ? "NaN" : double < 0 ? "-Infinity" : "Infinity")
            }
        }
    }

    private mutating func quoted(_ plain: String) { output += "\"\(plain)\"".utf8 }

    private mutating func text(_ bytes: ArraySlice<UInt8>) {
        output += String(decoding: bytes, as: UTF8.self).jsonQuoted.utf8
    }
}
