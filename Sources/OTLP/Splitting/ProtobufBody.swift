import SpanKitRecording

/// A protobuf body, split into its resources, their scopes and the spans or log records in them.
///
/// Requests of all signals have the same field numbers down to the records.
struct ProtobufBody {
    /// An element of `scope_spans`: the fields of the scope, and its spans.
    private struct Scope {
        let field: ProtobufField
        let fields: [ProtobufField]
        let records: [ProtobufField]

        init?(_ field: ProtobufField) {
            guard let all = ProtobufField.all(in: field.content) else { return nil }
            self.field = field
            fields = all.filter { $0.number != 2 }
            records = all.filter { $0.number == 2 }
            guard !records.isEmpty else { return nil }
        }

        /// The scope with other records, which are complete fields.
        func with(_ records: [UInt8]) -> [UInt8] {
            let name = fields.filter { $0.number == 1 }.flatMap { Array($0.whole) }
            let rest = fields.filter { $0.number != 1 }.flatMap { Array($0.whole) }
            return ProtobufBody.field(0x12, name + records + rest)
        }
    }

    /// An element of `resource_spans`: the fields of the resource, and its scopes.
    private struct Group {
        let field: ProtobufField
        let fields: [ProtobufField]
        let scopes: [Scope]

        init?(_ field: ProtobufField) {
            guard field.number == 1, let all = ProtobufField.all(in: field.content) else { return nil }
            self.field = field
            fields = all.filter { $0.number != 2 }
            let scopes = all.filter { $0.number == 2 }
            self.scopes = scopes.compactMap(Scope.init)
            guard !scopes.isEmpty, self.scopes.count == scopes.count else { return nil }
        }

        var recordCount: Int { scopes.reduce(0) { $0 + $1.records.count } }

        /// A body of the resource with other scopes, which are complete fields.
        func with(_ scopes: [UInt8]) -> [UInt8] {
            let resource = fields.filter { $0.number == 1 }.flatMap { Array($0.whole) }
            let rest = fields.filter { $0.number != 1 }.flatMap { Array($0.whole) }
            return ProtobufBody.field(0x0A, resource + scopes + rest)
        }
    }

    private let groups: [Group]
    private let signal: BodyFrame.Signal

    init?(_ bytes: [UInt8], _ signal: BodyFrame.Signal) {
        guard let request = ProtobufField.all(in: bytes[...]), !request.isEmpty else { return nil }
        self.signal = signal
        groups = request.compactMap(Group.init)
        guard groups.count == request.count else { return nil }
    }

    func halves() -> [(bytes: [UInt8], spanCount: Int)] {
        if groups.count > 1 {
            return Self.halves(groups) { half in
                (half.flatMap { Array($0.field.whole) }, half.reduce(0) { $0 + $1.recordCount })
            }
        }
        let group = groups[0]
        if group.scopes.count > 1 {
            return Self.halves(group.scopes) { half in
                (group.with(half.flatMap { Array($0.field.whole) }), half.reduce(0) { $0 + $1.records.count })
            }
        }
        let scope = group.scopes[0]
        guard scope.records.count > 1 else { return [] }
        return Self.halves(scope.records) { half in
            (group.with(scope.with(half.flatMap { Array($0.whole) })), half.count)
        }
    }

    private static func halves<Element>(
        _ elements: [Element],
        _ body: (ArraySlice<Element>) -> (bytes: [UInt8], spanCount: Int)
    ) -> [(bytes: [UInt8], spanCount: Int)] {
        let middle = elements.count / 2
        return [body(elements[..<middle]), body(elements[middle...])]
    }

    /// The body with its long texts cut and an attribute that names them; nil if it does not have exactly one span or record.
    func trimmed(to limit: Int) -> [UInt8]? {
        guard groups.count == 1, groups[0].scopes.count == 1, groups[0].scopes[0].records.count == 1,
            var fields = ProtobufField.all(in: groups[0].scopes[0].records[0].content)
        else { return nil }
        let isSpan = signal == .spans
        let attributes = isSpan ? 9 : 6
        func isMark(_ field: ProtobufField) -> Bool {
            field.number == attributes && Self.text(1, in: field.content) == TruncatedTexts.key
        }
        let mark = fields.first(where: isMark)
        fields.removeAll(where: isMark)
        let value = mark.flatMap { ProtobufField.all(in: $0.content)?.first { $0.number == 2 } }
        var cutting = Cutting(limit: limit, texts: TruncatedTexts(value.flatMap { Self.text(1, in: $0.content) } ?? ""))
        let content = cutting.rewritten(fields, isSpan ? .span : .logRecord, "")
        guard cutting.isCut else { return nil }
        var output = Output(capacity: 1_024)
        let tag = UInt8(attributes << 3 | 2)
        output.protobufAttributes([.init(TruncatedTexts.key, .string(cutting.texts.text))], tag: tag)
        let record = Self.field(0x12, content + Array(output.bytes))
        return groups[0].with(groups[0].scopes[0].with(record))
    }

    /// The text in a field of a message; nil if the message does not have the field.
    private static func text(_ number: Int, in message: ArraySlice<UInt8>) -> String? {
        ProtobufField.all(in: message)?.first { $0.number == number && $0.wire == 2 }
            .map { String(decoding: $0.content, as: UTF8.self) }
    }

    private static func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var output = Output(capacity: content.count + 16)
        content.withUnsafeBytes { output.field(tag, $0) }
        return Array(output.bytes)
    }

    // MARK: Cutting

    private enum Message {
        case span, logRecord, event, link, status, keyValue, value, list, map

        /// The message in a field of this message; nil for a field that is copied unchanged.
        func inner(_ field: Int) -> Message? {
            switch (self, field) {
            case (.span, 9), (.logRecord, 6), (.event, 3), (.link, 4), (.map, 1): .keyValue
            case (.span, 11): .event
            case (.span, 13): .link
            case (.span, 15): .status
            case (.logRecord, 5), (.keyValue, 2), (.list, 1): .value
            case (.value, 5): .list
            case (.value, 6): .map
            default: nil
            }
        }

        /// The name of a text in a field of this message; nil for a text that is never cut, such as a key.
        func name(_ field: Int, _ key: String) -> String? {
            switch (self, field) {
            case (.value, 1), (.value, 7): key.isEmpty ? "body" : key
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
            var start = Self.text(text.prefix(limit - BodySplitter.ellipsis.utf8.count))
            // If the cut was inside a scalar, decoding left a replacement character.
            while start.last == "\u{FFFD}" { start.removeLast() }
            return Array((start + BodySplitter.ellipsis).utf8)
        }

        private func tagged(_ field: ProtobufField, _ content: [UInt8]) -> [UInt8] {
            ProtobufBody.field(UInt8(field.number << 3 | 2), content)
        }

        private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    }
}
