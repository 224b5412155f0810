import SpanKitOTLP
import SpanKitPlatform

extension ProtobufTraceReader {
    /// Passes each span to a closure, as it was written.
    mutating func forward<Stop: Error>(
        _ spans: [ArraySlice<UInt8>],
        _ head: WireHead,
        _ deliver: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        for content in spans {
            guard let span = message(.span, content) else { continue }
            guard span.hasIDs else {
                let name = if case .text(let name) = span[5] { name } else { "" }
                note("the span \(name.quoted) has no valid ids; it is left out", at: content.startIndex)
                continue
            }
            try deliver(DecodedSpan(WireSpan(head: head, span: span)))
        }
    }

    /// Reads a message; `nil`, with a note, if it is damaged.
    private mutating func message(_ type: WireType, _ content: ArraySlice<UInt8>, depth: Int = 0) -> WireMessage? {
        var message = WireMessage(type)
        var reader = ProtobufFieldReader(content)
        while let field = reader.next() { readField(field, of: &message, depth: depth) }
        return isWhole(reader, "a part of type \(type)", "it is left out") ? message : nil
    }

    /// Adds a field to a message.
    mutating func readField(_ field: ProtobufField, of message: inout WireMessage, depth: Int = 0) {
        guard let known = message.type.field(field.number), known.kind.wire == field.wire else {
            message.unknown.append(.protobuf(Array(field.whole)))
            return
        }
        // Of a value's fields, only the last one counts.
        if message.type == .value { message.members.removeAll() }
        switch known.kind {
        case .text:
            let text = text(field)
            if !text.utf8.elementsEqual(field.content) {
                note("a text is not UTF-8; its invalid bytes become U+FFFD", at: field.content.startIndex)
            }
            message.add(known.number, .text(text))
        case .id(let count):
            // Zeros mean that there is no id.
            guard field.content.contains(where: { $0 != 0 }) else { return }
            guard field.content.count == count else {
                let length = field.content.count == 1 ? "1 byte" : "\(field.content.count) bytes"
                return note("an id has \(length) instead of \(count); it is left out", at: field.content.startIndex)
            }
            message.add(known.number, .bytes(Array(field.content)))
        case .bytes: message.add(known.number, .bytes(Array(field.content)))
        case .varint: message.add(known.number, .integer(UInt64(UInt32(truncatingIfNeeded: field.integer))))
        case .fixed64, .fixed32, .int, .bool, .double, .choice: message.add(known.number, .integer(field.integer))
        case .message(let type):
            guard depth < FieldReader.deepestMessage else {
                let limit = "nested more than \(FieldReader.deepestMessage) levels deep"
                return note("\(limit); it is left out", at: field.content.startIndex)
            }
            guard let inner = self.message(type, field.content, depth: depth + 1) else { return }
            guard type != .link || inner.hasIDs else {
                return note("a link has no valid ids; it is left out", at: field.content.startIndex)
            }
            if !known.isRepeated, type != .value {
                message.merge(known.number, inner)
            } else {
                message.add(known.number, .message(inner))
            }
        }
    }
}
