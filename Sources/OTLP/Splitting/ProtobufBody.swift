import SpanKitRecording

/// A protobuf body, split into its resource, its scope and its spans.
struct ProtobufBody {
    /// The `ResourceSpans` of a body that has several.
    private let groups: [(field: ProtobufField, spanCount: Int)]
    /// The parts of the first group.
    private let resourceFields: [ProtobufField]
    private let scopeFields: [ProtobufField]
    private let spans: [ProtobufField]

    init?(_ bytes: [UInt8]) {
        guard let request = ProtobufField.all(in: bytes[...]), !request.isEmpty,
            request.allSatisfy({ $0.number == 1 }),
            let resourceSpans = ProtobufField.all(in: request[0].content),
            let scopeSpans = resourceSpans.first(where: { $0.number == 2 }),
            let scope = ProtobufField.all(in: scopeSpans.content)
        else { return nil }
        resourceFields = resourceSpans
        scopeFields = scope.filter { $0.number != 2 }
        spans = scope.filter { $0.number == 2 }
        guard !spans.isEmpty else { return nil }
        groups = request.map { ($0, Self.spanCount($0.content)) }
    }

    private static func spanCount(_ resourceSpans: ArraySlice<UInt8>) -> Int {
        let scopes = ProtobufField.all(in: resourceSpans)?.filter { $0.number == 2 } ?? []
        return scopes.reduce(0) { $0 + (ProtobufField.all(in: $1.content)?.count { $0.number == 2 } ?? 0) }
    }

    func halves() -> [(bytes: [UInt8], spanCount: Int)] {
        if groups.count > 1 {
            let middle = groups.count / 2
            return [groups[..<middle], groups[middle...]].map { half in
                (half.flatMap { Array($0.field.whole) }, half.reduce(0) { $0 + $1.spanCount })
            }
        }
        let middle = spans.count / 2
        guard middle > 0 else { return [] }
        return [spans[..<middle], spans[middle...]].map { half in
            (assembled(half.flatMap { Array($0.whole) }), half.count)
        }
    }

    /// The body with its long texts cut and an attribute that names them; nil if it does not have exactly one span.
    func trimmed(to limit: Int) -> [UInt8]? {
        guard groups.count == 1, spans.count == 1, var fields = ProtobufField.all(in: spans[0].content) else {
            return nil
        }
        let mark = fields.first { $0.number == 9 && Self.text(1, in: $0.content) == TruncatedTexts.key }
        fields.removeAll { $0.number == 9 && Self.text(1, in: $0.content) == TruncatedTexts.key }
        let value = mark.flatMap { ProtobufField.all(in: $0.content)?.first { $0.number == 2 } }
        var cutting = Cutting(limit: limit, texts: TruncatedTexts(value.flatMap { Self.text(1, in: $0.content) } ?? ""))
        let content = cutting.rewritten(fields, .span, "")
        guard cutting.isCut else { return nil }
        var output = Output(capacity: 1_024)
        output.protobufAttributes([.init(TruncatedTexts.key, .string(cutting.texts.text))], tag: 0x4A)
        return assembled(Self.field(0x12, content + Array(output.bytes)))
    }

    /// The text in a field of a message; nil if the message does not have the field.
    private static func text(_ number: Int, in message: ArraySlice<UInt8>) -> String? {
        ProtobufField.all(in: message)?.first { $0.number == number && $0.wire == 2 }
            .map { String(decoding: $0.content, as: UTF8.self) }
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
        case span, event, link, status, keyValue, value, list, map

        /// The message in a field of this message; nil for a field that is copied unchanged.
        func inner(_ field: Int) -> Message? {
            switch (self, field) {
            case (.span, 9), (.event, 3), (.link, 4), (.map, 1): .keyValue
            case (.span, 11): .event
            case (.span, 13): .link
            case (.span, 15): .status
            case (.keyValue, 2), (.list, 1): .value
            case (.value, 5): .list
            case (.value, 6): .map
            default: nil
            }
        }

        /// The name of a text in a field of this message; nil for a text that is never cut, such as a key.
        func name(_ field: Int, _ key: String) -> String? {
            switch (self, field) {
            case (.value, 1), (.value, 7): key
            case (.span, 5), (.event, 2): "name"
            case (.status, 2): "message"
            default: nil
            }
        }
    }

    private struct Cutting {
        let limit: Int
        var texts: TruncatedTexts
        var isCut = false

        init(limit: Int, texts: TruncatedTexts) {
            self.limit = limit
            self.texts = texts
        }

        /// The bytes of a message with its long texts cut.
        /// - Parameter key: the key of the attribute that the message belongs to.
        mutating func rewritten(_ fields: [ProtobufField], _ message: Message, _ key: String) -> [UInt8] {
            let key = message == .keyValue ? fields.first { $0.number == 1 }.map { Self.text($0.content) } ?? key : key
            var result: [UInt8] = []
            for field in fields {
                if field.wire == 2, let inner = message.inner(field.number),
                    let innerFields = ProtobufField.all(in: field.content)
                {
                    result += tagged(field, rewritten(innerFields, inner, key))
                } else if field.wire == 2, field.content.count > limit, let name = message.name(field.number, key) {
                    texts.add(name, bytes: field.content.count)
                    let isBytes = message == .value && field.number == 7
                    result += tagged(field, isBytes ? Array(field.content.prefix(limit)) : start(of: field.content))
                    isCut = true
                } else {
                    result += field.whole
                }
            }
            return result
        }

        private func start(of text: ArraySlice<UInt8>) -> [UInt8] {
            var start = Self.text(text.prefix(limit - SpanSplitter.ellipsis.utf8.count))
            // If the cut was inside a scalar, decoding left a replacement character.
            while start.last == "\u{FFFD}" { start.removeLast() }
            return Array((start + SpanSplitter.ellipsis).utf8)
        }

        private func tagged(_ field: ProtobufField, _ content: [UInt8]) -> [UInt8] {
            ProtobufBody.field(UInt8(field.number << 3 | 2), content)
        }

        private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    }
}
