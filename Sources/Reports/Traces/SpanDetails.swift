import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The attributes that reports show elsewhere, or that every span has.
private let hiddenAttributes = Set([RegionReader.unfinishedKey, HeapAttribute.name] + SpanParts.keys)

/// A span's cause of failure, attributes and events on one line. Everything but the cause is shortened.
package enum FoldedDetails {
    private static let longest = 240
    private static let longestValue = 60
    /// Separates the parts of a line. No part contains it.
    private static let separator = "  "

    /// Removes the attributes that the parent also has, such as the id of a conversation.
    static func line(_ details: String, below parent: String?) -> String {
        guard let parent, !details.isEmpty else { return details }
        let known = Set(parent.split(separator: separator).filter { $0.contains("=") })
        return details.split(separator: separator).filter { !known.contains($0) }.joined(separator: separator)
    }

    /// Separates the first part of a line from the others.
    static func split(_ line: String) -> (first: String, rest: String) {
        guard let gap = line.firstRange(of: separator) else { return (line, "") }
        return (String(line[..<gap.lowerBound]), String(line[gap.upperBound...]))
    }

    package static func text(of span: RecordedSpan) -> String {
        let cause = cause(of: span)
        let details = details(of: span)
        return [cause ?? "", details].filter { !$0.isEmpty }.joined(separator: separator)
    }

    /// Why the span failed, with single blanks between words; `nil` if it did not fail, or has neither a type nor a
    /// message.
    private static func cause(of span: RecordedSpan) -> String? {
        FailureCause(span)?.text.map { $0.split(separator: " ").joined(separator: " ") }
    }

    /// The attributes and events.
    private static func details(of span: RecordedSpan) -> String {
        var parts: [String] = []
        for attribute in span.attributes where !hiddenAttributes.contains(attribute.key) {
            parts.append("\(attribute.key)=\(text(of: attribute.value))")
            if parts.count > 16 { break }
        }
        for event in span.events.prefix(3) { parts.append("⚑\(event.name)") }
        if span.events.count > 3 { parts.append("⚑ \(span.events.count - 3) more") }
        let line = parts.joined(separator: separator)
        return line.count > longest ? line.prefix(longest - 1) + "…" : line
    }

    private static func text(of value: AttributeValue) -> String {
        switch value {
        case .string(let text): shortened(text)
        case .array(let values):
            "[" + values.prefix(4).map(text(of:)).joined(separator: ",") + (values.count > 4 ? ",…]" : "]")
        case .map(let attributes): "{\(attributes.count)}"
        default: value.scalarText
        }
    }

    private static func shortened(_ text: String) -> String {
        let head = text.prefix(longestValue).split(separator: " ").joined(separator: " ")
        return text.dropFirst(longestValue).isEmpty ? head : head + "…"
    }
}

/// A span's status, attributes and events in full, one per line. Chat messages are shown as text.
enum FullDetails {
    /// The maximum size of a span's text in bytes.
    private static let longest = 64 * 1_024
    private static let deepest = 16

    static func text(of span: RecordedSpan) -> String {
        var lines: [String] = []
        if case .error(let message) = span.status, !message.isEmpty { lines += titled("reason", message) }
        for attribute in span.attributes where !hiddenAttributes.contains(attribute.key) {
            lines += self.lines(of: attribute)
        }
        for event in span.events {
            lines.append("⚑ \(event.name)")
            lines += event.attributes.flatMap(self.lines(of:)).map { "  " + $0 }
        }
        let text = lines.joined(separator: "\n")
        guard text.utf8.count > longest else { return text }
        return String(decoding: text.utf8.prefix(longest), as: UTF8.self) + "…"
    }

    /// The text of a value. Chat messages have a line for each role.
    static func value(of attribute: Attribute) -> String {
        let text = text(of: attribute.value, depth: 0)
        return messages(in: text)?.map { "\($0.role): \($0.content)" }.joined(separator: "\n") ?? text
    }

    private static func lines(of attribute: Attribute) -> [String] {
        let text = text(of: attribute.value, depth: 0)
        guard let messages = messages(in: text) else { return titled(attribute.key, text) }
        return [attribute.key] + messages.flatMap { titled($0.role, $0.content).map { "  " + $0 } }
    }

    /// A title and a text. A text of one line follows the title; a longer text is written below it.
    private static func titled(_ title: String, _ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return ["\(title): \(text)"] }
        return [title] + lines.map { "  \($0)" }
    }

    private static func text(of value: AttributeValue, depth: Int) -> String {
        switch value {
        case .array where depth >= deepest, .map where depth >= deepest: "…"
        case .array(let values): "[" + values.map { text(of: $0, depth: depth + 1) }.joined(separator: ", ") + "]"
        case .map(let members):
            "{" + members.map { "\($0.key): \(text(of: $0.value, depth: depth + 1))" }.joined(separator: ", ") + "}"
        default: value.scalarText
        }
    }

    // MARK: Chat messages

    /// Parses the chat messages of a JSON text, in the form of OpenTelemetry's conventions for generative AI and of earlier ones:
    /// `[{"role": "user", "content": "…"}]`, or with `parts`.
    /// - Returns: `nil` for any other text.
    static func messages(in text: String) -> [(role: String, content: String)]? {
        guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count <= 4 << 20,
            case .array(let objects)? = JSONValue(Array(text.utf8)), !objects.isEmpty
        else { return nil }
        var messages: [(role: String, content: String)] = []
        for object in objects {
            guard let role = object["role"]?.string, let content = content(object["parts"] ?? object["content"])
            else { return nil }
            messages.append((role, content))
        }
        return messages
    }

    private static func content(_ value: JSONValue?) -> String? {
        guard case .array(let parts)? = value else { return value?.string }
        var contents: [String] = []
        for part in parts {
            guard case .object = part else { return nil }
            let type = part["type"]?.string ?? "part"
            let name = part["name"]?.string.map { "(\(type) \($0))" } ?? "(\(type))"
            contents.append((part["content"] ?? part["text"])?.string ?? name)
        }
        return contents.joined(separator: "\n")
    }
}

extension AttributeValue {
    /// The text of a value that is not a list or a map.
    fileprivate var scalarText: String {
        switch self {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let truth): "\(truth)"
        case .bytes(let bytes): bytes.count == 1 ? "1 byte" : "\(bytes.count) bytes"
        case .null, .array, .map: "null"
        }
    }
}
