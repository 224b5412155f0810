import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// Builds HTML. Text is always escaped; only ``raw(_:)`` adds markup.
package struct HTMLText: Sendable {
    private(set) var html = ""

    /// Adds markup, unescaped. It must not contain text from the input.
    package mutating func raw(_ markup: String) {
        html += markup
    }

    /// Adds a text, escaped.
    package mutating func text(_ text: String) {
        html += Self.escaped(text)
    }

    /// Adds an element that contains a text.
    package mutating func element(_ tag: String, _ text: String, _ attributes: String = "") {
        html += "<\(tag)\(attributes.isEmpty ? "" : " " + attributes)>\(Self.escaped(text))</\(tag)>"
    }

    /// Escapes a text for elements and for attribute values in double quotes. Control characters become U+FFFD.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || "&<>\"'".utf8.contains($0) || $0 >= 0x7F }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Adds a table with a header. The script makes it sortable.
    package mutating func table(_ listing: Listing, caption: String) {
        // A span's id is part of the link to its trace.
        let spanColumn = listing.columns.firstIndex { $0.key == "span_id" }
        let shown = listing.shown.filter { $0 != spanColumn }
        let cut = listing.leftOutCount > 0
        let whole = cut ? "; \(Readable.count(listing.rows.count)) of \(Readable.count(listing.total ?? 0)) rows" : ""
        raw(
            "<div class=\"scroll\"><table class=\"sortable\"><caption>\(Self.escaped(caption + whole))</caption><thead><tr>"
        )
        for place in shown {
            let column = listing.columns[place]
            raw("<th scope=\"col\" data-key=\"\(column.key)\"\(column.unit.isText ? "" : " class=\"n\"")>")
            if column.unit == .bar { raw("<span class=\"hidden\">share</span>") } else { text(column.title) }
            raw("</th>")
        }
        raw("</tr></thead><tbody>")
        for row in listing.rows {
            raw("<tr>")
            for place in shown {
                if listing.columns[place].key == "trace_id", case .text(let trace, _) = row[place] {
                    traceLink(trace, span: spanColumn.map { row[$0] })
                } else {
                    cell(row[place], listing.columns[place].unit)
                }
            }
            raw("</tr>")
        }
        raw("</tbody></table></div>")
    }

    /// A link that selects a trace and a span in the explorer.
    private mutating func traceLink(_ trace: String, span: Listing.Value?) {
        var target = "trace=\(trace)"
        if case .text(let span, _)? = span { target += "&span=\(span)" }
        raw(
            "<td><a href=\"#\(Self.escaped(target))\" title=\"\(Self.escaped(trace))\">\(Self.escaped(String(trace.prefix(8))))…</a></td>"
        )
    }

    /// A time in UTC, which the script shows in the reader's time zone.
    private mutating func moment(_ time: Int64) {
        raw(
            "<td class=\"n\" data-v=\"\(time)\"><time data-ns=\"\(time)\">\(Self.escaped(Readable.moment(time, in: .utc)))</time></td>"
        )
    }

    private mutating func cell(_ value: Listing.Value, _ unit: Listing.Unit) {
        switch value {
        case .none: raw(unit.isText ? "<td>–</td>" : "<td class=\"n\" data-v=\"-1\">–</td>")
        case .text(let text, let role):
            raw(unit.isText ? "<td\(Self.role(role))>" : "<td class=\"n\">")
            self.text(text)
            raw("</td>")
        case .flag, .json: cell(.text(Listing.readable(value, unit)), unit)
        case .whole(let number, _) where unit == .moment: moment(Int64(clamping: number))
        case .whole(let number, let role): cell(.number(Double(number), role), unit)
        case .number(let number, let role):
            if unit == .moment { return moment(Int64(clamping: wholeNanoseconds(number))) }
            if unit == .bar {
                let percent = Readable.fixed(min(max(number, 0), 1) * 100, decimals: 2)
                return raw(
                    "<td class=\"bar\" data-v=\"\(Listing.plain(number))\"><i style=\"width:\(percent)%\"></i></td>"
                )
            }
            raw(
                "<td class=\"n\(role == .bad ? " bad" : role == .good ? " good" : "")\" data-v=\"\(Listing.plain(number))\">"
            )
            text(Listing.readable(number, unit).trimmedEnd)
            raw("</td>")
        }
    }

    private static func role(_ role: TerminalStyle.Role) -> String {
        switch role {
        case .bad: " class=\"bad\""
        case .good: " class=\"good\""
        case .caution: " class=\"caution\""
        default: ""
        }
    }
}
