import SpanKitPlatform
import SpanKitRecording

/// Everything a span says, a line each: the reason of its failure, attributes, events. Chat messages become text.
enum FullDetails {
    /// A span's text ends here; nobody reads on in a terminal.
    private static let longest = 64 * 1_024
    private static let deepest = 16

    static func text(of span: RecordedSpan) -> String {
        var lines: [String] = []
        if case .error(let message) = span.status, !message.isEmpty { lines += titled("reason", message) }
        for attribute in span.attributes where !FoldedDetails.quiet.contains(attribute.key) {
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

    private static func lines(of attribute: Attribute) -> [String] {
        let text = text(of: attribute.value, depth: 0)
        guard let messages = messages(in: text) else { return titled(attribute.key, text) }
        return [attribute.key] + messages.flatMap { titled($0.role, $0.content).map { "  " + $0 } }
    }

    /// A short text behind its title, a long one below it.
    private static func titled(_ title: String, _ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return ["\(title): \(text)"] }
        return [title] + lines.map { "  \($0)" }
    }

    private static func text(of value: AttributeValue, depth: Int) -> String {
        switch value {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let truth): "\(truth)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .null: "null"
        case .array where depth >= deepest, .map where depth >= deepest: "…"
        case .array(let values): "[" + values.map { text(of: $0, depth: depth + 1) }.joined(separator: ", ") + "]"
        case .map(let members):
            "{" + members.map { "\($0.key): \(text(of: $0.value, depth: depth + 1))" }.joined(separator: ", ") + "}"
        }
    }

    // MARK: Chat messages

    /// The messages of a conversation in JSON, as OpenTelemetry's conventions for generative AI and its forerunners write them:
    /// `[{"role": "user", "content": "…"}]`, or with `parts`; nil for anything else.
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
