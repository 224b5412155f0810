import Recording

/// An OTLP/JSON body, taken apart into what stands before, between and behind its spans.
struct JSONBody {
    private let bytes: [UInt8]
    private let spans: [Range<Int>]

    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        let key = Array("\"spans\":[".utf8)
        // Within a text its quotes would be escaped, so the first one is the key.
        guard let start = Self.first(key, in: bytes) else { return nil }
        var spans: [Range<Int>] = []
        var place = start + key.count
        while place < bytes.count, bytes[place] == UInt8(ascii: "{") {
            guard let end = Self.endOfObject(bytes, from: place) else { return nil }
            spans.append(place..<end)
            place = end
            if place < bytes.count, bytes[place] == UInt8(ascii: ",") { place += 1 }
        }
        guard !spans.isEmpty else { return nil }
        self.spans = spans
    }

    func halves() -> [(bytes: [UInt8], spanCount: Int)] {
        let middle = spans.count / 2
        guard middle > 0 else { return [] }
        return [0..<middle, middle..<spans.count].map { range in
            let content = bytes[spans[range.lowerBound].lowerBound..<spans[range.upperBound - 1].upperBound]
            return (before + content + behind, range.count)
        }
    }

    /// Cuts long texts in the one span that the body holds, and names them on it.
    func trimmed(to limit: Int) -> [UInt8]? {
        guard spans.count == 1 else { return nil }
        var texts = TruncatedTexts(markedTexts ?? "")
        var cut: [UInt8] = []
        var isCut = false
        var (field, key): (ArraySlice<UInt8>, ArraySlice<UInt8>) = ([], [])
        var place = spans[0].lowerBound
        while place < spans[0].upperBound {
            guard bytes[place] == UInt8(ascii: "\""), let end = Self.endOfText(bytes, from: place) else {
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
                    Self.unescaped(isValue ? key : field),
                    bytes: isBytes ? Self.decodedCount(base64: text) : Self.unescaped(text).utf8.count
                )
                // Base64: whole groups of four, and nothing that is none.
                let kept =
                    isBytes
                    ? place + 1 + limit / 4 * 4
                    : Self.boundary(bytes, from: place + 1, limit: limit - SpanSplitter.ellipsis.utf8.count)
                cut += bytes[place..<kept]
                cut += (isBytes ? "\"" : SpanSplitter.ellipsis + "\"").utf8
                isCut = true
            } else {
                cut += bytes[place..<end]
            }
            place = end
        }
        return isCut ? before + Self.marked(cut, texts) + behind : nil
    }

    /// A key or a trace state that is cut would be another one.
    private static func mayBeCut(_ field: ArraySlice<UInt8>) -> Bool {
        !field.elementsEqual("key".utf8) && !field.elementsEqual("traceState".utf8)
    }

    // MARK: The attribute that names what was cut

    private static let markStart = Array("{\"key\":\"\(TruncatedTexts.key)\",".utf8)

    /// The span with the attribute, in place of an earlier one.
    private static func marked(_ span: [UInt8], _ texts: TruncatedTexts) -> [UInt8] {
        var mark = Output(capacity: 1_024)
        mark.append(markStart)
        mark.append(Array("\"value\":{\"stringValue\":\"".utf8))
        Array(texts.text.utf8).withUnsafeBytes { mark.json(text: $0) }
        mark.append(Array("\"}}".utf8))
        guard let attributes = attributes(span[...]) else {
            return span.dropLast() + Array(",\"attributes\":[".utf8) + Array(mark.bytes) + Array("]}".utf8)
        }
        let elements = elements(span, attributes)
        if let earlier = elements.first(where: { span[$0].starts(with: markStart) }) {
            return Array(span[..<earlier.lowerBound]) + Array(mark.bytes) + Array(span[earlier.upperBound...])
        }
        let start = attributes.lowerBound + 1
        return span[..<start] + Array(mark.bytes) + (elements.isEmpty ? [] : [UInt8(ascii: ",")]) + span[start...]
    }

    /// What the attribute says already; nil where the span has none.
    private var markedTexts: String? {
        guard let attributes = Self.attributes(bytes[spans[0]]),
            let mark = Self.elements(bytes, attributes).first(where: { bytes[$0].starts(with: Self.markStart) })
        else { return nil }
        let start = mark.lowerBound + Self.markStart.count
        let value = Array("\"value\":{\"stringValue\":\"".utf8)
        guard bytes[start..<mark.upperBound].starts(with: value),
            let end = Self.endOfText(bytes, from: start + value.count - 1)
        else { return nil }
        return Self.unescaped(bytes[start + value.count..<end - 1])
    }

    /// Where a span's own attributes are, with their brackets; nil where it has none. Its events and links have others.
    private static func attributes(_ span: ArraySlice<UInt8>) -> Range<Int>? {
        let bytes = Array(span)
        let offset = span.startIndex
        var place = 1
        while place < bytes.count, bytes[place] == UInt8(ascii: "\""), let end = endOfText(bytes, from: place) {
            let isFound = bytes[place..<end].elementsEqual("\"attributes\"".utf8)
            guard let next = endOfValue(bytes, from: end + 1) else { return nil }
            if isFound { return offset + end + 1..<offset + next }
            place = next + 1
        }
        return nil
    }

    /// The elements of a list of objects, given with its brackets.
    private static func elements(_ bytes: [UInt8], _ list: Range<Int>) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var place = list.lowerBound + 1
        while place < list.upperBound - 1, let end = endOfObject(bytes, from: place) {
            elements.append(place..<end)
            place = end + 1
        }
        return elements
    }

    /// Behind a value.
    private static func endOfValue(_ bytes: [UInt8], from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        switch bytes[start] {
        case UInt8(ascii: "\""): return endOfText(bytes, from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfObject(bytes, from: start)
        default: return bytes[start...].firstIndex { ",}]".utf8.contains($0) }
        }
    }

    /// The text between two quotes.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        ([UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]).withUnsafeBufferPointer { buffer in
            var cursor = JSONCursor(buffer)
            return (try? cursor.scalar())?.string ?? ""
        }
    }

    private static func decodedCount(base64 text: ArraySlice<UInt8>) -> Int {
        text.count / 4 * 3 - text.suffix(2).count { $0 == UInt8(ascii: "=") }
    }

    private var before: [UInt8] { Array(bytes[..<spans[0].lowerBound]) }
    private var behind: [UInt8] { Array(bytes[spans[spans.count - 1].upperBound...]) }

    private static func first(_ text: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= text.count else { return nil }
        return (0...bytes.count - text.count).first {
            bytes[$0] == text[0] && bytes[$0..<$0 + text.count].elementsEqual(text)
        }
    }

    /// Behind the closing brace that belongs to the opening one at `start`.
    private static func endOfObject(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var place = start
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard let end = endOfText(bytes, from: place) else { return nil }
                place = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return place + 1 }
            default: break
            }
            place += 1
        }
        return nil
    }

    /// Behind the closing quote that belongs to the opening one at `start`.
    private static func endOfText(_ bytes: [UInt8], from start: Int) -> Int? {
        var place = start + 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""): return place + 1
            default: place += 1
            }
        }
        return nil
    }

    /// The last place within the limit that lies neither in an escape nor in a scalar.
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
