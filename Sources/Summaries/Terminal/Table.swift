/// A table for a terminal, at most as wide as the style.
///
/// If the columns do not fit, bars shrink first. Then the columns with the highest ``Column/priority`` are dropped. Then names
/// are cut in the middle.
package struct Table: Sendable {
    package struct Column: Sendable {
        package enum Kind: Sendable, Equatable {
            /// A column of names, aligned to the left.
            case name
            /// A column of numbers, aligned to the right.
            case number
            /// A column with a share bar of at most this width. It shrinks to four columns before other columns are dropped.
            case bar(widest: Int)
        }

        package let title: String
        package let kind: Kind
        /// The column with the highest priority is dropped first. A column of priority 0 is never dropped.
        package let priority: Int

        var isBar: Bool {
            if case .bar = kind { true } else { false }
        }

        package init(_ title: String, _ kind: Kind = .number, priority: Int = 0) {
            self.title = title
            self.kind = kind
            self.priority = priority
        }
    }

    package enum Cell: Sendable {
        case text(String, TerminalStyle.Role = .normal)
        case bar(ShareBar)
    }

    package let columns: [Column]
    /// The rows, with a cell for each column. Missing cells are empty.
    package var rows: [[Cell]] = []

    package init(columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row.
    package mutating func add(_ cells: Cell...) {
        rows.append(cells)
    }

    /// Whether the column with a title is shown at the style's width.
    package func shows(_ title: String, style: TerminalStyle) -> Bool {
        TableLayout(table: self, style: style).shown.contains { columns[$0.index].title == title }
    }

    /// The lines without trailing blanks: header, rule, rows.
    package func lines(style: TerminalStyle) -> [String] {
        let layout = TableLayout(table: self, style: style)
        let header = columns.map { Cell.text($0.title, .quiet) }
        let rule = String(repeating: style.usesUnicode ? "─" : "-", count: layout.totalWidth)
        return [line(header, layout, style), style.paint(rule, .quiet)] + rows.map { line($0, layout, style) }
    }

    private func line(_ cells: [Cell], _ layout: TableLayout, _ style: TerminalStyle) -> String {
        var line = ""
        var pendingBlanks = 0
        for column in layout.shown {
            let (text, role): (String, TerminalStyle.Role) =
                switch column.index < cells.count ? cells[column.index] : .text("") {
                case .text(let text, let role):
                    (style.printable(truncatedInTheMiddle(style.printable(text), to: column.width)), role)
                case .bar(let bar): (bar.text(width: column.width, usesUnicode: style.usesUnicode), .bar)
                }
            let blanks = max(0, column.width - displayWidth(text))
            let alignsRight = columns[column.index].kind == .number
            if column.index != layout.shown.first?.index { pendingBlanks += TableLayout.gap }
            if alignsRight { pendingBlanks += blanks }
            if !text.isEmpty {
                line += String(repeating: " ", count: pendingBlanks) + style.paint(text, role)
                pendingBlanks = 0
            }
            if !alignsRight { pendingBlanks += blanks }
        }
        return line
    }
}

/// A bar whose length shows a share, with a resolution of an eighth of a column.
package struct ShareBar: Sendable, Equatable {
    /// The share, from 0 to 1. Other values are clamped, and NaN becomes 0.
    package let share: Double

    package init(share: Double) {
        self.share = share.isNaN ? 0 : min(max(share, 0), 1)
    }

    /// The bar without padding. A share above 0 has at least the thinnest mark.
    package func text(width: Int, usesUnicode: Bool) -> String {
        guard width > 0, share > 0 else { return "" }
        guard usesUnicode else {
            return String(repeating: "#", count: max(1, Int((share * Double(width)).rounded())))
        }
        let eighths = max(1, Int((share * Double(width) * 8).rounded()))
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
    }
}
