import Foundation
import SpanKit
import SpanKitPlatform

/// Writes what was said as JSON, no longer than allowed, and valid in any case: cuts are made inside values.
///
/// Every value gets as much as the smallest of those that have to be cut: a prompt of 30 MB loses, the question behind it does not.
struct ContentJSON {
    private let names: AttributeNames
    private let content: CallContent
    /// What each value may take, escaped.
    private let level: Int
    private(set) var trimmedCount = 0

    init(_ content: CallContent, maximumBytes: Int, _ names: AttributeNames) {
        self.names = names
        self.content = content
        let sizes = content.texts.map { Self.escapedBytes($0) }
        var frame = ContentJSON(content, level: 0, names)
        let frameBytes = frame.attributes(isFrame: true).reduce(0) { $0 + $1.1.utf8.count }
        level = Self.level(for: sizes, room: maximumBytes - frameBytes)
    }

    private init(_ content: CallContent, level: Int, _ names: AttributeNames) {
        self.names = names
        self.content = content
        self.level = level
    }

    /// The attributes with their JSON.
    mutating func attributes() -> [(StaticString, String)] { attributes(isFrame: false) }

    /// - Parameter isFrame: leaves all values out, to see what the rest takes.
    private mutating func attributes(isFrame: Bool) -> [(StaticString, String)] {
        var attributes: [(StaticString, String)] = []
        if !content.system.isEmpty {
            attributes.append((names.systemInstructions, list(content.system) { part($0, isFrame) }))
        }
        if !content.input.isEmpty {
            attributes.append((names.inputMessages, list(content.input) { message($0, isFrame, isOutput: false) }))
        }
        if !content.output.isEmpty {
            attributes.append((names.outputMessages, list(content.output) { message($0, isFrame, isOutput: true) }))
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
        if isOutput, names.hasFinishReasonInMessages {
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
        case .uri(let modality, let uri):
            return "{\"type\":\"uri\",\"modality\":\(modality.jsonQuoted),\"uri\":\(uri.jsonQuoted)}"
        }
    }

    /// JSON as it is where it is JSON and fits, a text otherwise.
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
        guard Self.escapedBytes(text) > level else { return text.jsonQuoted }
        trimmedCount += 1
        let mark = Self.mark(text)
        return (Self.prefix(of: text, escapedBytes: level - mark.utf8.count) + mark).jsonQuoted
    }

    // MARK: Cutting

    /// What is said of the rest of a value: its original length, and what to recognise it by.
    private static func mark(_ text: String) -> String {
        var text = text
        let hash = text.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0)) }.prefix(8)
        return "… (trimmed: \(text.utf8.count) bytes, sha256 \(hash.hexadecimalDigits))"
    }

    /// The most every value may have, so that all together fit: none where they do.
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

    /// The start of a text that takes at most so many bytes in JSON, cut at the end of a character as people see it.
    static func prefix(of text: String, escapedBytes limit: Int) -> String {
        var bytes = 0
        var end = text.startIndex
        for index in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[index]
            bytes += JSONEscaper.count(of: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            guard bytes <= limit else { break }
            end = text.unicodeScalars.index(after: index)
        }
        // A letter with a mark on it, a flag, a family: not half of it. But for what is no character, only a pile of marks.
        for _ in 0..<32 where end > text.startIndex && end.samePosition(in: text) == nil {
            end = text.unicodeScalars.index(before: end)
        }
        return String(text[..<end])
    }

    /// What a text takes between its quotes.
    static func escapedBytes(_ text: String) -> Int { JSONEscaper.count(of: text.utf8) }
}

extension CallContent {
    /// Every value that may be cut.
    fileprivate var texts: [String] {
        (system + input.flatMap(\.parts) + output.flatMap(\.parts)).compactMap { part in
            switch part {
            case .text(let text), .reasoning(let text), .toolCall(_, _, let text), .toolResponse(_, let text): text
            case .file, .uri: nil
            }
        }
    }
}
