import SpanKitPlatform

/// A JSON value that keeps the order of its keys.
package indirect enum JSONText: Sendable {
    case object([(String, JSONText)])
    case list([JSONText])
    case string(String)
    case number(Double)
    /// A whole number with all of its digits.
    case whole(Int128)
    case bool(Bool)
    case null

    /// The JSON text, indented by two spaces for each level, with a line feed at the end.
    package var text: String {
        var text = ""
        append(to: &text, indent: 0)
        return text + "\n"
    }

    /// The JSON text on one line. It is safe inside an HTML script element.
    package var compact: String {
        var text = ""
        append(to: &text, indent: nil)
        return text
    }

    /// The value as a field of comma-separated values; empty for `null`.
    var csvField: String {
        let field: String
        switch self {
        case .null: return ""
        case .string(let text): field = text
        default: field = compact
        }
        guard field.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0.value < 0x20 }) else { return field }
        var quoted = "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        quoted.unicodeScalars.append("\"")
        return quoted
    }

    private func append(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let value): text += value.isFinite ? Listing.plain(value) : "null"
        case .whole(let value): text += "\(value)"
        case .string(let value): Self.append(value, to: &text)
        case .list(let values):
            Self.append("[", "]", values, to: &text, indent) { $0.append(to: &$1, indent: $2) }
        case .object(let members):
            Self.append("{", "}", members, to: &text, indent) { member, text, indent in
                Self.append(member.0, to: &text)
                text += indent == nil ? ":" : ": "
                member.1.append(to: &text, indent: indent)
            }
        }
    }

    private static func append<Element>(
        _ open: String,
        _ close: String,
        _ elements: [Element],
        to text: inout String,
        _ indent: Int?,
        _ body: (Element, inout String, Int?) -> Void
    ) {
        text += open
        let inner = indent.map { $0 + 1 }
        for (place, element) in elements.enumerated() {
            if place > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: "  ", count: inner) }
            body(element, &text, inner)
        }
        if let indent, !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
        text += close
    }

    /// The approximate size of the text in bytes, computed without creating the text.
    var byteCount: Int {
        switch self {
        case .string(let text): text.utf8.count + 2
        case .list(let values): values.reduce(2) { $0 + $1.byteCount + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.0.utf8.count + $1.1.byteCount + 4 }
        default: 8
        }
    }

    /// Also escapes `<`, so that no string ends an enclosing script element, and control characters.
    private static func append(_ string: String, to text: inout String) {
        let quoted = string.jsonQuoted
        guard !quoted.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "<") }) else {
            return text += quoted
        }
        for scalar in quoted.unicodeScalars {
            if scalar == "<" || scalar.steersTerminal {
                text += "\\u" + UInt64(scalar.value).hexadecimalDigits.suffix(4)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension JSONText: Equatable {
    package static func == (left: JSONText, right: JSONText) -> Bool { left.compact == right.compact }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }

    /// A whole number with all of its digits.
    package static func count(_ value: some BinaryInteger) -> JSONText { .whole(Int128(clamping: value)) }

    /// A whole number, or `null`.
    package static func count(_ value: (some BinaryInteger)?) -> JSONText { value.map { count($0) } ?? .null }

    /// A text, or `null`.
    package static func text(_ value: String?) -> JSONText { value.map { .string($0) } ?? .null }
}
