/// Builds a page of text from headings, tables and paragraphs, in one style.
package struct ReportPage {
    package let style: TerminalStyle
    private var lines: [String] = []

    package init(style: TerminalStyle) {
        self.style = style
    }

    /// The text of the page, with a line feed after every line.
    package var text: String { lines.map { $0 + "\n" }.joined() }

    /// Adds a heading with details after it or, if they do not fit, below it.
    package mutating func heading(_ title: String, _ detail: String = "") {
        if !lines.isEmpty { lines.append("") }
        let title = style.printable(title)
        let detail = style.printable(detail)
        let together = detail.isEmpty || displayWidth(title) + 2 + displayWidth(detail) <= style.width
        let gap = detail.isEmpty || !together ? "" : "  "
        lines.append(style.paint(title, .title) + gap + (together ? style.paint(detail, .quiet) : ""))
        if !together { paragraph(detail, role: .quiet) }
    }

    /// Adds lines without wrapping them.
    package mutating func lines(_ more: [String]) {
        lines += more
    }

    package mutating func table(_ table: Table) {
        lines += table.lines(style: style)
    }

    /// Adds a text wrapped at blanks. Continuation lines are indented by the width of `lead`.
    package mutating func paragraph(_ text: String, lead: String = "", role: TerminalStyle.Role = .normal) {
        let room = min(style.width, TerminalStyle.widestText) - displayWidth(lead)
        for (index, line) in wrapped(style.printable(text), to: room).enumerated() {
            let indent = index == 0 ? lead : String(repeating: " ", count: displayWidth(lead))
            self.lines.append(indent + style.paint(line, role))
        }
    }
}

/// Wraps a text at blanks, but not between a number and its unit. A word that is too long gets its own line, cut in the middle.
package func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    for word in unbreakableParts(of: text) {
        let candidate = current.isEmpty ? word : current + " " + word
        if displayWidth(candidate) <= width {
            current = candidate
        } else {
            if !current.isEmpty { lines.append(current) }
            current = truncatedInTheMiddle(word, to: width)
        }
    }
    return current.isEmpty ? lines : lines + [current]
}

private func unbreakableParts(of text: String) -> [String] {
    var parts: [String] = []
    for word in text.split(separator: " ") {
        let isUnit = ["ns", "µs", "us", "ms", "s", "%", "×", "x", "B", "KiB", "MiB", "GiB"].contains(
            word.filter { !",.:;)".contains($0) }
        )
        if isUnit, let last = parts.last, last.last?.isNumber == true {
            parts[parts.count - 1] = last + " " + word
        } else {
            parts.append(String(word))
        }
    }
    return parts
}
