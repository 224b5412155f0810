import SpanKitReports
import SpanKitSummaries

/// Makes answers of a bounded size, and marks what comes from other programs.
struct ToolText {
    /// The maximum size in bytes of the text, and of the JSON.
    let limit: Int

    /// The style of reports: no colours, and every control character is escaped.
    static let style = TerminalStyle(width: 120, widest: TerminalStyle.widestTraces)

    /// An answer with recorded data.
    /// - Parameters:
    ///   - head: What the server says itself.
    ///   - data: Recorded data. Each line gets a mark, so that none of them can pass for the server's words.
    ///   - advice: What to do to see what is cut.
    func answer(_ head: String, data: String, _ content: JSONText, advice: String) -> MCPToolAnswer {
        let lines = data.split(separator: "\n", omittingEmptySubsequences: false).filter { !Self.isRule($0) }
            .map { "| \(Self.shortened($0))\n" }
        var text = head + "\n"
        var shown = 0
        // The last line of a report is empty.
        let count = lines.last == "| \n" ? lines.count - 1 : lines.count
        let room = limit - 160 - advice.utf8.count
        for line in lines.prefix(count) {
            guard text.utf8.count + line.utf8.count <= room else { break }
            text += line
            shown += 1
        }
        if shown < count {
            let left = Readable.count(count - shown, of: "more line", "is", "are")
            text += "\(left) cut. \(advice)\n"
        }
        return MCPToolAnswer(text: text, content: fitting(content))
    }

    /// Whether a line only separates others.
    private static func isRule(_ line: Substring) -> Bool { !line.isEmpty && line.allSatisfy { $0 == "─" } }

    /// A line without bars, and with at most two blanks between its columns: they are for eyes, and each costs an agent something.
    private static func shortened(_ line: Substring) -> String {
        let lead = line.prefix { $0 == " " }
        var text = String(lead)
        var blanks = 0
        for character in line.dropFirst(lead.count) where character != "█" && character != "╵" {
            blanks = character == " " ? blanks + 1 : 0
            if blanks <= 2 { text.append(character) }
        }
        return text
    }

    /// The document with as many of its first rows as fit. `truncated` says whether rows are missing.
    private func fitting(_ content: JSONText) -> JSONText {
        guard case .object(var members) = content, content.compact.utf8.count > limit,
            let place = members.firstIndex(where: { $0.0 == "rows" }), case .list(let rows) = members[place].1
        else { return content }
        members[place].1 = .list([])
        if let flag = members.firstIndex(where: { $0.0 == "truncated" }) {
            members[flag].1 = true
        } else {
            members.append(("truncated", true))
        }
        var room = limit - JSONText.object(members).compact.utf8.count
        var kept: [JSONText] = []
        for row in rows {
            room -= row.compact.utf8.count + 1
            guard room >= 0 else { break }
            kept.append(row)
        }
        members[place].1 = .list(kept)
        let whole = JSONText.object(members)
        guard whole.compact.utf8.count > limit else { return whole }
        // Facts can be large, too, such as the log records outside of all spans.
        return .object([
            members.first { $0.0 == "schema" } ?? ("schema", .null), ("truncated", true), ("rows", .list(kept)),
        ])
    }
}
