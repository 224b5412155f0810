import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// A log record as text: the message, and everything else as `key=value`.
struct LogText {
    /// The maximum size of a message and of an attribute's value in bytes.
    static let longestMessage = 16_384
    private static let longestValue = 4_096

    /// The first line of the message, with the name of an event before it.
    private(set) var message: String
    /// The attributes with values of one line, and the source location.
    private(set) var facts: [String] = []
    /// The other lines of the message, and the attributes with several lines.
    private(set) var rest: [String] = []

    init(_ log: DecodedLog) {
        let body = log.body.map(Self.text)
        var lines = Self.lines(body ?? "", limit: Self.longestMessage)
        message = lines.isEmpty ? "" : lines.removeFirst()
        if !log.eventName.isEmpty { message = "⚑\(log.eventName)" + (message.isEmpty ? "" : " \(message)") }
        rest = lines
        var location = SourceLocation()
        for attribute in log.attributes where !location.take(attribute) {
            let text = Self.text(attribute.value)
            // Bridges of exceptions write the message twice.
            if attribute.key == "exception.message", text == body { continue }
            guard text.utf8.contains(UInt8(ascii: "\n")) else {
                facts.append("\(attribute.key)=\(Self.word(attribute.value, text))")
                continue
            }
            rest.append(attribute.key)
            rest += Self.lines(text, limit: Self.longestMessage).map { "  " + $0 }
        }
        if let text = location.text { facts.append(text) }
        if log.droppedAttributeCount > 0 { facts.append("(\(log.droppedAttributeCount) more dropped)") }
    }

    /// A value as text: a string as it is, a list or a map as JSON.
    static func text(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): text
        case .double(let number): "\(number)"
        default: JSONText(value).compact
        }
    }

    /// A value as one word. A string with blanks, quotation marks or an equals sign is quoted as in JSON.
    private static func word(_ value: AttributeValue, _ text: String) -> String {
        let text = cut(text, longestValue)
        guard case .string = value else { return text }
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D }
        return isPlain ? text : text.jsonQuoted
    }

    private static func lines(_ text: String, limit: Int) -> [String] {
        var lines = cut(text, limit).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { String($0).replacing("\t", with: "    ") }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let head = text.cut(toBytes: limit)
        return head + "… (\(text.utf8.count - head.utf8.count) more bytes)"
    }
}

/// Where a record was written, which swift-log adds to each record as three attributes.
private struct SourceLocation {
    private var file: String?
    private var function: String?
    private var line: Int64?

    /// - Returns: Whether the attribute is a part of the location.
    mutating func take(_ attribute: Attribute) -> Bool {
        switch (attribute.key, attribute.value) {
        case ("code.file.path", .string(let path)): file = path
        case ("code.function.name", .string(let name)): function = name
        case ("code.line.number", .int(let number)): line = number
        default: return false
        }
        return true
    }

    /// `Shop/Cart.swift:42 charge`
    var text: String? {
        let place = [file, line.map { "\($0)" }].compactMap { $0 }.joined(separator: ":")
        let parts = [place, function ?? ""].filter { !$0.isEmpty }
        return parts.isEmpty ? nil : "at " + parts.joined(separator: " ")
    }
}
