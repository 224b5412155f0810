import SpanKitOTLP
import SpanKitRecording

/// A span's status, attributes and events in one short line.
package enum FoldedDetails {
    private static let longest = 240
    private static let longestValue = 60
    /// What the tree shows otherwise, and what is on every span.
    static let quiet: Set<String> = [RegionReader.unfinishedKey, HeapAttribute.name]

    /// Between two parts; no part holds it.
    private static let separator = "  "

    /// The line without what the parent says as well, such as the id of a conversation that all spans carry.
    static func line(_ details: String, below parent: String?) -> String {
        guard let parent, !details.isEmpty else { return details }
        let known = Set(parent.split(separator: separator).filter { $0.contains("=") })
        return details.split(separator: separator).filter { !known.contains($0) }.joined(separator: separator)
    }

    package static func text(of span: RecordedSpan) -> String {
        var parts: [String] = []
        if case .error(let message) = span.status, !message.isEmpty { parts.append(shortened(message)) }
        for attribute in span.attributes where !quiet.contains(attribute.key) {
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
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let truth): "\(truth)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .array(let values):
            "[" + values.prefix(4).map(text(of:)).joined(separator: ",") + (values.count > 4 ? ",…]" : "]")
        case .map(let attributes): "{\(attributes.count)}"
        case .null: "null"
        }
    }

    private static func shortened(_ text: String) -> String {
        let head = text.prefix(longestValue).split(separator: " ").joined(separator: " ")
        return text.dropFirst(longestValue).isEmpty ? head : head + "…"
    }
}
