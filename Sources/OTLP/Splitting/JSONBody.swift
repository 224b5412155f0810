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

    /// Cuts long texts in the spans. Keys and ids are never that long.
    func trimmed(to limit: Int) -> [UInt8]? {
        var cut: [UInt8] = []
        var isCut = false
        let start = spans[0].lowerBound
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == UInt8(ascii: "\""), let end = Self.endOfText(bytes, from: place) else {
                cut.append(byte)
                place += 1
                continue
            }
            if end - place > limit + 2, place > start {
                if bytes[..<place].suffix(Self.bytesKey.count).elementsEqual(Self.bytesKey) {
                    // Base64: whole groups of four, and nothing that is none.
                    cut.append(contentsOf: bytes[place...place + limit / 4 * 4])
                    cut.append(UInt8(ascii: "\""))
                } else {
                    cut.append(contentsOf: bytes[place..<Self.boundary(bytes, from: place + 1, limit: limit)])
                    cut.append(contentsOf: "…\"".utf8)
                }
                isCut = true
            } else {
                cut.append(contentsOf: bytes[place..<end])
            }
            place = end
        }
        guard isCut, let trimmed = JSONBody(cut) else { return nil }
        return trimmed.marked()
    }

    /// With an attribute that says that texts were cut.
    private func marked() -> [UInt8] {
        let marker = "{\"key\":\"\(SpanSplitter.truncatedKey)\",\"value\":{\"boolValue\":true}}"
        let key = Array(",\"attributes\":[".utf8)
        let span = Array(bytes[spans[0]])
        var body = before
        // The span's own attributes come before those of its events and links.
        if let place = Self.first(key, in: span) {
            let tail = span[(place + key.count)...]
            body += span[..<(place + key.count)]
            body += marker.utf8
            if tail.first != UInt8(ascii: "]") { body.append(UInt8(ascii: ",")) }
            body += tail
        } else {
            body += span.dropLast()
            body += key
            body += "\(marker)]}".utf8
        }
        return body + behind
    }

    private static let bytesKey = Array("\"bytesValue\":".utf8)

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
