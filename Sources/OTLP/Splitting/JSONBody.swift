import SpanKitPlatform
import SpanKitRecording

/// An OTLP/JSON body, with the ranges of its spans or log records.
struct JSONBody {
    /// An element of `scopeSpans`, and the spans in it.
    private typealias Scope = (element: Range<Int>, records: [Range<Int>])
    /// An element of `resourceSpans`, and its scopes.
    private typealias Group = (element: Range<Int>, scopes: [Scope])

    private let bytes: [UInt8]
    private let groups: [Group]

    init?(_ bytes: [UInt8], _ signal: BodyFrame.Signal) {
        self.bytes = bytes
        let (resources, scopes, records) = Self.lists(signal)
        groups = Self.elements(bytes, of: resources, inObjectAt: 0).map { element in
            let elements = Self.elements(bytes, of: scopes, inObjectAt: element.lowerBound)
            return (element, elements.map { ($0, Self.elements(bytes, of: records, inObjectAt: $0.lowerBound)) })
        }
        guard !groups.isEmpty, groups.allSatisfy({ !$0.scopes.isEmpty && $0.scopes.allSatisfy { !$0.records.isEmpty } })
        else { return nil }
    }

    /// The names of the lists of resources, scopes and records.
    private static func lists(_ signal: BodyFrame.Signal) -> (StaticString, StaticString, StaticString) {
        switch signal {
        case .spans: ("resourceSpans", "scopeSpans", "spans")
        case .metrics: ("resourceMetrics", "scopeMetrics", "metrics")
        case .logRecords: ("resourceLogs", "scopeLogs", "logRecords")
        }
    }

    func halves() -> [(bytes: [UInt8], spanCount: Int)] {
        if groups.count > 1 {
            return halves(groups.map { ($0.element, $0.scopes.reduce(0) { $0 + $1.records.count }) })
        }
        let scopes = groups[0].scopes
        if scopes.count > 1 { return halves(scopes.map { ($0.element, $0.records.count) }) }
        let records = scopes[0].records
        return records.count > 1 ? halves(records.map { ($0, 1) }) : []
    }

    /// Two bodies with half of the elements of a list each.
    private func halves(_ elements: [(range: Range<Int>, records: Int)]) -> [(bytes: [UInt8], spanCount: Int)] {
        let (first, last) = (elements[0].range, elements[elements.count - 1].range)
        let middle = elements.count / 2
        return [elements[..<middle], elements[middle...]].map { half in
            let content = bytes[half[half.startIndex].range.lowerBound..<half[half.endIndex - 1].range.upperBound]
            let whole = bytes[..<first.lowerBound] + content + bytes[last.upperBound...]
            return (Array(whole), half.reduce(0) { $0 + $1.records })
        }
    }

    /// The range of the only record; nil if there are several.
    private var single: Range<Int>? {
        guard groups.count == 1, groups[0].scopes.count == 1, groups[0].scopes[0].records.count == 1 else { return nil }
        return groups[0].scopes[0].records[0]
    }

    /// The body with its long texts cut and an attribute that names them; nil if it does not have exactly one span or record.
    func trimmed(to limit: Int) -> [UInt8]? {
        guard let record = single else { return nil }
        var texts = TruncatedTexts(markedTexts(of: record) ?? "")
        var cut: [UInt8] = []
        var isCut = false
        // The value of a log record's body has no key.
        let body = ArraySlice("body".utf8)
        var (field, key): (ArraySlice<UInt8>, ArraySlice<UInt8>) = ([], [])
        var place = record.lowerBound
        while place < record.upperBound {
            guard bytes[place] == UInt8(ascii: "\""), let end = Self.end(ofValueAt: place, in: bytes) else {
                cut.append(bytes[place])
                place += 1
                continue
            }
            let text = bytes[place + 1..<end - 1]
            if bytes[end] == UInt8(ascii: ":") { field = text } else if field.elementsEqual("key".utf8) { key = text }
            if text.count > limit, bytes[end] != UInt8(ascii: ":"), Self.mayBeCut(field) {
                let isBytes = field.elementsEqual("bytesValue".utf8)
                let isValue = isBytes || field.elementsEqual("stringValue".utf8)
                texts.add(
                    Self.unescaped(isValue ? key.isEmpty ? body : key : field),
                    bytes: isBytes ? Self.decodedCount(base64: text) : Self.unescaped(text).utf8.count
                )
                // Base64 is cut after a whole group of four, without an ellipsis, which is not base64.
                let kept =
                    isBytes
                    ? place + 1 + limit / 4 * 4
                    : Self.boundary(bytes, from: place + 1, limit: limit - BodySplitter.ellipsis.utf8.count)
                cut += bytes[place..<kept]
                cut += (isBytes ? "\"" : BodySplitter.ellipsis + "\"").utf8
                isCut = true
            } else {
                cut += bytes[place..<end]
            }
            place = end
        }
        guard isCut else { return nil }
        return bytes[..<record.lowerBound] + Self.marked(cut, texts) + bytes[record.upperBound...]
    }

    /// A key or a trace state is never cut, because the result would be a different one.
    private static func mayBeCut(_ field: ArraySlice<UInt8>) -> Bool {
        !field.elementsEqual("key".utf8) && !field.elementsEqual("traceState".utf8)
    }

    // MARK: The attribute that names what was cut

    private static let markStart = Array("{\"key\":\"\(TruncatedTexts.key)\",".utf8)

    /// The span with the attribute, which replaces an earlier one.
    private static func marked(_ span: [UInt8], _ texts: TruncatedTexts) -> [UInt8] {
        let mark = markStart + "\"value\":{\"stringValue\":\(texts.text.jsonQuoted)}}".utf8
        guard let attributes = attributes(span, ofSpanAt: 0) else {
            return span.dropLast() + ",\"attributes\":[".utf8 + mark + "]}".utf8
        }
        let elements = elements(span, ofListAt: attributes) ?? []
        if let earlier = elements.first(where: { span[$0].starts(with: markStart) }) {
            return Array(span[..<earlier.lowerBound]) + mark + span[earlier.upperBound...]
        }
        let start = attributes + 1
        return span[..<start] + mark + (elements.isEmpty ? [] : [UInt8(ascii: ",")]) + span[start...]
    }

    /// The value of the attribute that the span already has; nil if it has none.
    private func markedTexts(of record: Range<Int>) -> String? {
        guard let attributes = Self.attributes(bytes, ofSpanAt: record.lowerBound),
            let mark = Self.elements(bytes, ofListAt: attributes)?.first(where: {
                bytes[$0].starts(with: Self.markStart)
            })
        else { return nil }
        let start = mark.lowerBound + Self.markStart.count
        let value = Array("\"value\":{\"stringValue\":\"".utf8)
        guard bytes[start..<mark.upperBound].starts(with: value),
            let end = Self.end(ofValueAt: start + value.count - 1, in: bytes)
        else { return nil }
        return Self.unescaped(bytes[start + value.count..<end - 1])
    }

    // MARK: Finding

    /// The start of the list of a span's own attributes, not those of its events and links; nil if it has none.
    private static func attributes(_ bytes: [UInt8], ofSpanAt start: Int) -> Int? {
        value(of: "attributes", inObjectAt: start, bytes)
    }

    /// The start of the value of an object's own key; nil if it has none.
    private static func value(of key: StaticString, inObjectAt start: Int, _ bytes: [UInt8]) -> Int? {
        read(bytes, from: start) { cursor throws(JSONCursor.Failure) in
            _ = try cursor.openObject()
            while let own = try cursor.key() {
                if key ~= own { return cursor.place }
                try cursor.skip()
            }
            return nil
        } ?? nil
    }

    /// The ranges of the elements of a list in an object; empty if there is no such list.
    private static func elements(_ bytes: [UInt8], of key: StaticString, inObjectAt start: Int) -> [Range<Int>] {
        value(of: key, inObjectAt: start, bytes).flatMap { elements(bytes, ofListAt: $0) } ?? []
    }

    /// The ranges of a list's elements.
    private static func elements(_ bytes: [UInt8], ofListAt start: Int) -> [Range<Int>]? {
        read(bytes, from: start) { cursor throws(JSONCursor.Failure) in
            var elements: [Range<Int>] = []
            _ = try cursor.openList()
            while try cursor.element() {
                let start = cursor.place
                try cursor.skip()
                elements.append(start..<cursor.place)
            }
            return elements
        }
    }

    /// The end of a value.
    private static func end(ofValueAt start: Int, in bytes: [UInt8]) -> Int? {
        read(bytes, from: start) { cursor throws(JSONCursor.Failure) in
            try cursor.skip()
            return cursor.place
        }
    }

    /// Reads from the bytes; nil if they are not what is expected.
    private static func read<Result>(
        _ bytes: [UInt8],
        from start: Int,
        _ body: (inout JSONCursor) throws(JSONCursor.Failure) -> Result
    ) -> Result? {
        bytes.withUnsafeBufferPointer { bytes in
            var cursor = JSONCursor(bytes)
            cursor.move(to: start)
            return try? body(&cursor)
        }
    }

    /// The text of a JSON string, given without its quotes.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        let quote = [UInt8(ascii: "\"")]
        return read(quote + text + quote, from: 0) { cursor throws(JSONCursor.Failure) in try cursor.scalar().string }
            ?? ""
    }

    private static func decodedCount(base64 text: ArraySlice<UInt8>) -> Int {
        text.count / 4 * 3 - text.suffix(2).count { $0 == UInt8(ascii: "=") }
    }

    /// The last place within the limit that is not inside an escape or a Unicode scalar.
    private static func boundary(_ bytes: [UInt8], from start: Int, limit: Int) -> Int {
        var place = start
        while true {
            let length: Int
            switch bytes[place] {
            case UInt8(ascii: "\\"): length = bytes[place + 1] == UInt8(ascii: "u") ? 6 : 2
            case 0..<0x80: length = 1
            case 0xC0..<0xE0: length = 2
            case 0xE0..<0xF0: length = 3
            default: length = 4
            }
            if place + length > start + limit { return place }
            place += length
        }
    }
}
