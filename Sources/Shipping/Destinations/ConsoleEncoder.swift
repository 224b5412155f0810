import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Writes each span as a line of text: start time, duration, name, status and attributes. Events and links follow,
/// indented.
final class ConsoleEncoder: SpanEncoder {
    private var output = Output(capacity: 4_096)
    private var source: (any SpanSource)?
    private var lengthBeforeLast = 0
    private(set) var spanCount = 0

    var bytes: UnsafeRawBufferPointer { output.bytes }

    func begin(_ source: any SpanSource) {
        self.source = source
        output.truncate(to: 0)
        spanCount = 0
    }

    func append(_ record: SpanRecord) {
        guard let source else { return }
        lengthBeforeLast = output.count
        let lines = Self.lines(record.recordedSpan(texts: source.text(of:), scopes: source.scope(of:)))
        output.append(Array((spanCount > 0 ? "\n" + lines : lines).utf8))
        spanCount += 1
    }

    func removeLast() {
        output.truncate(to: lengthBeforeLast)
        spanCount -= 1
    }

    func finish() {}

    func shrink() {
        output.truncate(to: 0)
        output.shrink(to: 4_096)
    }

    static func lines(_ span: RecordedSpan) -> String {
        let duration = UInt64(max(0, span.endUnixNanoseconds &- span.startUnixNanoseconds))
        var line = "\(CivilTime.text(unixNanoseconds: span.startUnixNanoseconds))  "
        let time = ReadableDuration(nanoseconds: duration).description
        line += String(repeating: " ", count: max(0, 8 - time.count)) + time
        line += "  \(ConsoleText.printable(span.name))"
        if span.kind != .internal { line += " (\(span.kind))" }
        switch span.status {
        case .unset: break
        case .ok: line += "  ok"
        case .error(let description):
            line += "  ERROR\(description.isEmpty ? "" : ": \(ConsoleText.printable(description))")"
        }
        for attribute in span.attributes { line += "  \(ConsoleText.attribute(attribute))" }
        if let scope = span.scope {
            let name = scope.version.isEmpty ? scope.name : "\(scope.name) \(scope.version)"
            line += "  scope=\(ConsoleText.printable(name))"
        }
        line += "  trace=\(span.context.traceID) span=\(span.context.spanID)"
        if let parent = span.parentSpanID { line += " parent=\(parent)" }
        for event in span.events {
            let offset = UInt64(max(0, event.unixNanoseconds &- span.startUnixNanoseconds))
            line += "\n    + \(ReadableDuration(nanoseconds: offset))  \(ConsoleText.printable(event.name))"
            for attribute in event.attributes { line += "  \(ConsoleText.attribute(attribute))" }
        }
        for link in span.links { line += "\n    → trace=\(link.context.traceID) span=\(link.context.spanID)" }
        return line
    }
}

/// Names and values as text for people.
enum ConsoleText {
    static func attribute(_ attribute: Attribute) -> String {
        "\(printable(attribute.key))=\(value(attribute.value))"
    }

    static func value(_ value: AttributeValue) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let text): quoted(text)
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .array(let elements): "[" + elements.map(Self.value).joined(separator: ", ") + "]"
        case .map(let elements):
            "{" + elements.map { "\(printable($0.key))=\(Self.value($0.value))" }.joined(separator: ", ") + "}"
        case .null: "null"
        }
    }

    /// The text in one line, quoted if it would be ambiguous, and truncated after 200 characters.
    private static func quoted(_ text: String) -> String {
        let shown =
            text.count > 200 ? printable(String(text.prefix(200))) + "… (\(text.utf8.count) bytes)" : printable(text)
        return text.isEmpty || text.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "=" })
            ? "\"\(shown)\"" : shown
    }

    /// The text without characters that control a terminal.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.steersTerminal) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            switch scalar {
            case "\n": shown += "\\n"
            case "\t": shown += "\\t"
            case _ where scalar.steersTerminal: shown += "\u{FFFD}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
    }
}
