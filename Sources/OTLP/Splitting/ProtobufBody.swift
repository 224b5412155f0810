/// A protobuf body, taken apart into its resource, its scope and its spans.
struct ProtobufBody {
    private let resourceFields: [ProtobufField]
    private let scopeFields: [ProtobufField]
    private let spans: [ProtobufField]

    init?(_ bytes: [UInt8]) {
        guard let request = ProtobufField.all(in: bytes[...]), request.count == 1, request[0].number == 1,
            let resourceSpans = ProtobufField.all(in: request[0].content),
            let scopeSpans = resourceSpans.first(where: { $0.number == 2 }),
            let scope = ProtobufField.all(in: scopeSpans.content)
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
        guard let fields = ProtobufField.all(in: bytes) else { return Array(bytes) }
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
}
