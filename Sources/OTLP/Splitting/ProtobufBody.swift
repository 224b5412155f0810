/// A protobuf body, taken apart into its resource, its scope and its spans.
struct ProtobufBody {
    /// A field as it stands: tag and all.
    private struct Field {
        var number: Int
        var wire: UInt64
        /// With the tag.
        var whole: ArraySlice<UInt8>
        /// Of a length-delimited field.
        var content: ArraySlice<UInt8>
    }

    private let resourceFields: [Field]
    private let scopeFields: [Field]
    private let spans: [Field]

    init?(_ bytes: [UInt8]) {
        guard let request = Self.fields(bytes[...]), request.count == 1, request[0].number == 1,
            let resourceSpans = Self.fields(request[0].content),
            let scopeSpans = resourceSpans.first(where: { $0.number == 2 }),
            let scope = Self.fields(scopeSpans.content)
        else { return nil }
        resourceFields = resourceSpans
        scopeFields = scope.filter { $0.number != 2 }
        spans = scope.filter { $0.number == 2 }
        guard !spans.isEmpty else { return nil }
    }

    func halves() -> [(bytes: [UInt8], spanCount: Int)] {
        let middle = spans.count / 2
        guard middle > 0 else { return [] }
        return [spans[..<middle], spans[middle...]].map { half in
            (assembled(half.flatMap { Array($0.whole) }), half.count)
        }
    }

    func trimmed(to limit: Int) -> [UInt8]? {
        var isCut = false
        var content = spans.flatMap { span -> [UInt8] in
            Self.rewritten(span.content, .span, limit, &isCut)
        }
        guard isCut, spans.count == 1 else { return nil }
        var marker = Output(capacity: 64)
        marker.protobufAttributes([.init(SpanSplitter.truncatedKey, true)], tag: 0x4A)
        content += Array(marker.bytes)
        return assembled(Self.field(0x12, content))
    }

    private func assembled(_ spans: [UInt8]) -> [UInt8] {
        let scopeName = scopeFields.filter { $0.number == 1 }.flatMap { Array($0.whole) }
        let scopeRest = scopeFields.filter { $0.number != 1 }.flatMap { Array($0.whole) }
        var resourceSpans: [UInt8] = []
        for field in resourceFields {
            resourceSpans += field.number == 2 ? Self.field(0x12, scopeName + spans + scopeRest) : Array(field.whole)
        }
        return Self.field(0x0A, resourceSpans)
    }

    private static func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var output = Output(capacity: content.count + 16)
        content.withUnsafeBytes { output.field(tag, $0) }
        return Array(output.bytes)
    }

    // MARK: Cutting

    private enum Message {
        case span, event, link, keyValue, value, list, map

        /// What a field of this message holds, nil for all that is copied.
        func inner(_ field: Int) -> Message? {
            switch (self, field) {
            case (.span, 9), (.event, 3), (.link, 4), (.map, 1): .keyValue
            case (.span, 11): .event
            case (.span, 13): .link
            case (.keyValue, 2), (.list, 1): .value
            case (.value, 5): .list
            case (.value, 6): .map
            default: nil
            }
        }
    }

    private static func rewritten(
        _ bytes: ArraySlice<UInt8>,
        _ message: Message,
        _ limit: Int,
        _ isCut: inout Bool
    ) -> [UInt8] {
        guard let fields = fields(bytes) else { return Array(bytes) }
        var result: [UInt8] = []
        for field in fields {
            if field.wire == 2, let inner = message.inner(field.number) {
                let tag = UInt8(field.number << 3 | 2)
                result += Self.field(tag, rewritten(field.content, inner, limit, &isCut))
            } else if message == .value, field.number == 1, field.content.count > limit {
                var text = String(decoding: field.content.prefix(limit), as: UTF8.self)
                // Where the cut went through a scalar, decoding left a replacement character.
                while text.last == "\u{FFFD}" { text.removeLast() }
                result += Self.field(0x0A, Array((text + "…").utf8))
                isCut = true
            } else if message == .value, field.number == 7, field.content.count > limit {
                result += Self.field(0x3A, Array(field.content.prefix(limit)))
                isCut = true
            } else {
                result += field.whole
            }
        }
        return result
    }

    // MARK: Reading

    private static func fields(_ bytes: ArraySlice<UInt8>) -> [Field]? {
        var fields: [Field] = []
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
            var content = bytes[place..<place]
            switch tag & 7 {
            case 0: guard varint() != nil else { return nil }
            case 1: place += 8
            case 5: place += 4
            case 2:
                guard let length = varint(), length <= UInt64(bytes.endIndex - place) else { return nil }
                content = bytes[place..<place + Int(length)]
                place += Int(length)
            default: return nil
            }
            guard place <= bytes.endIndex else { return nil }
            fields.append(Field(number: Int(tag >> 3), wire: tag & 7, whole: bytes[start..<place], content: content))
        }
        return fields
    }
}
