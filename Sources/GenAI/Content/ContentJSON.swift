import Foundation
import SpanKit
import SpanKitPlatform

/// Writes the content of messages as valid JSON of limited length.
///
/// If the content is too long, all values longer than a common limit are cut to that limit. So a prompt of 30 MB is
/// cut, but a short question after it is not.
struct ContentJSON {
    private let type: SpanType
    private let conventions: Conventions
    private let content: CallContent
    /// The maximum length of a value in bytes, after escaping.
    private let level: Int
    private(set) var trimmedCount = 0

    init(_ content: CallContent, maximumBytes: Int, _ type: SpanType, _ conventions: Conventions) {
        (self.type, self.conventions) = (type, conventions)
        self.content = content
        let sizes = content.texts.map { Self.escapedBytes($0) }
        var frame = ContentJSON(content, level: 0, type, conventions)
        let frameBytes = frame.attributes(isFrame: true).reduce(0) { $0 + $1.1.utf8.count }
        level = Self.level(for: sizes, room: maximumBytes - frameBytes)
    }

    private init(_ content: CallContent, level: Int, _ type: SpanType, _ conventions: Conventions) {
        (self.type, self.conventions) = (type, conventions)
        self.content = content
        self.level = level
    }

    /// Returns the attributes with their JSON, and counts the values that were cut.
    mutating func attributes() -> [(String, String)] { attributes(isFrame: false) }

    /// Returns the attributes with their JSON.
    /// - Parameter isFrame: whether to leave out all values, so that the size of everything else can be measured.
    private mutating func attributes(isFrame: Bool) -> [(String, String)] {
        var attributes: [(String, String)] = []
        if !content.system.isEmpty, let name = type.name(of: .systemInstructions, in: conventions) {
            attributes.append((name, list(content.system) { part($0, isFrame) }))
        }
        if !content.input.isEmpty, let name = type.name(of: .inputMessages, in: conventions) {
            attributes.append((name, list(content.input) { message($0, isFrame, isOutput: false) }))
        }
        if !content.output.isEmpty, let name = type.name(of: .outputMessages, in: conventions) {
            attributes.append((name, list(content.output) { message($0, isFrame, isOutput: true) }))
        }
        for (name, part) in content.parts.sorted(by: { $0.key < $1.key }) {
            let isCut = Self.escapedBytes(part.text) > level
            let text = isFrame ? "" : cut(part.text)
            // Cut JSON becomes a JSON string, so that it stays valid.
            attributes.append((name, isCut && part.isJSON && !isFrame ? text.jsonQuoted : text))
        }
        return attributes
    }

    private func list<Element>(_ elements: [Element], _ json: (Element) -> String) -> String {
        "[" + elements.map(json).joined(separator: ",") + "]"
    }

    private mutating func message(_ message: ModelMessage, _ isFrame: Bool, isOutput: Bool) -> String {
        var json = "{\"role\":\"\(message.role.rawValue)\",\"parts\":"
        json += "[" + message.parts.map { part($0, isFrame) }.joined(separator: ",") + "]"
        if let name = message.name { json += ",\"name\":\(name.jsonQuoted)" }
        // v0.1.0 relies on the span's attribute for it.
        if isOutput, conventions == .v1_41_1 {
            json += ",\"finish_reason\":\((message.finishReason ?? "stop").jsonQuoted)"
        }
        return json + "}"
    }

    private mutating func part(_ part: ModelMessage.Part, _ isFrame: Bool) -> String {
        func id(_ id: String?) -> String { id.map { ",\"id\":\($0.jsonQuoted)" } ?? "" }
        switch part {
        case .text(let text): return "{\"type\":\"text\",\"content\":\(value(text, isFrame))}"
        case .reasoning(let text): return "{\"type\":\"reasoning\",\"content\":\(value(text, isFrame))}"
        case .toolCall(let callID, let name, let arguments):
            return "{\"type\":\"tool_call\"\(id(callID)),\"name\":\(name.jsonQuoted),"
                + "\"arguments\":\(json(arguments, isFrame))}"
        case .toolResponse(let callID, let response):
            return "{\"type\":\"tool_call_response\"\(id(callID)),\"response\":\(json(response, isFrame))}"
        case .file(let modality, let fileID):
            return "{\"type\":\"file\",\"modality\":\(modality.jsonQuoted),\"file_id\":\(fileID.jsonQuoted)}"
        case .compaction(let compactionID, let text):
            return "{\"type\":\"compaction\"\(id(compactionID)),\"content\":\(value(text, isFrame))}"
        case .uri(let modality, let uri):
            return "{\"type\":\"uri\",\"modality\":\(modality.jsonQuoted),\"uri\":\(uri.jsonQuoted)}"
        }
    }

    /// The text itself if it is JSON and short enough; otherwise the text as a JSON string.
    private mutating func json(_ text: String, _ isFrame: Bool) -> String {
        if !isFrame, Self.escapedBytes(text) <= level, !text.isEmpty,
            (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
        {
            return text
        }
        return value(text, isFrame)
    }

    private mutating func value(_ text: String, _ isFrame: Bool) -> String {
        guard !isFrame else { return "\"\"" }
        return cut(text).jsonQuoted
    }

    /// The text, cut to the limit.
    private mutating func cut(_ text: String) -> String {
        guard Self.escapedBytes(text) > level else { return text }
        trimmedCount += 1
        let mark = Self.mark(text)
        return Self.prefix(of: text, escapedBytes: level - mark.utf8.count) + mark
    }

    // MARK: Cutting

    /// The text that ends a cut value: its original length and its hash.
    private static func mark(_ text: String) -> String {
        var text = text
        let hash = text.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0)) }.prefix(8)
        return "… (trimmed: \(text.utf8.count) bytes, sha256 \(hash.hexadecimalDigits))"
    }

    /// The largest limit for each value with which values of these sizes fit into `room` bytes together; `Int.max` if they fit
    /// without a limit.
    static func level(for sizes: [Int], room: Int) -> Int {
        var left = max(0, room)
        let sorted = sizes.sorted()
        for (position, size) in sorted.enumerated() {
            let share = left / (sorted.count - position)
            if size > share { return share }
            left -= size
        }
        return .max
    }

    /// The longest prefix of a text that takes at most `limit` bytes in JSON and ends at a character boundary.
    static func prefix(of text: String, escapedBytes limit: Int) -> String {
        var bytes = 0
        var end = text.startIndex
        for index in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[index]
            bytes += JSONEscaper.count(of: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            guard bytes <= limit else { break }
            end = text.unicodeScalars.index(after: index)
        }
        // Do not cut inside a character such as a flag or a family. Give up after 32 scalars, for a text of combining marks only.
        for _ in 0..<32 where end > text.startIndex && end.samePosition(in: text) == nil {
            end = text.unicodeScalars.index(before: end)
        }
        return String(text[..<end])
    }

    /// The length of a text as a JSON string in bytes, without the quotes.
    static func escapedBytes(_ text: String) -> Int { JSONEscaper.count(of: text.utf8) }
}

extension CallContent {
    /// Adds the content to a span.
    func record(on span: SpanHandle, _ limits: ContentCapture, _ type: SpanType, _ conventions: Conventions) {
        guard !isEmpty else { return }
        var json = ContentJSON(self, maximumBytes: limits.maximumBytes, type, conventions)
        for (name, text) in json.attributes() { span.set(name, text) }
        if json.trimmedCount > 0 { span.set(GenAIAttribute.trimmedContent.rawValue, json.trimmedCount) }
    }

    /// All values that can be cut.
    fileprivate var texts: [String] {
        parts.values.map(\.text)
            + (system + input.flatMap(\.parts) + output.flatMap(\.parts)).compactMap { part in
                switch part {
                case .text(let text), .reasoning(let text), .toolCall(_, _, let text), .toolResponse(_, let text): text
                case .compaction(_, let text): text
                case .file, .uri: nil
                }
            }
    }
}
