/// A table for a terminal: aligned, never wider than the style says.
///
/// When the columns do not fit, bars shrink, then the columns of the highest ``Column/priority`` go, then names are cut in the
/// middle.
package struct Table: Sendable {
    /// One column.
    package struct Column: Sendable {
        /// Where the text stands in its column.
        package enum Kind: Sendable, Equatable {
            case name
            case number
            /// A share bar of at most this width; shrinks to four columns before others go.
            case bar(widest: Int)
        }

        package let title: String
        package let kind: Kind
        /// Zero stays whatever happens; the highest goes first.
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

    /// What stands in one cell.
    package enum Cell: Sendable {
        case text(String, TerminalStyle.Role = .normal)
        case bar(ShareBar)
    }

    package let columns: [Column]
    /// As many cells as columns each; missing ones are empty.
    package var rows: [[Cell]] = []

    package init(columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row of plain texts.
    package mutating func add(_ cells: Cell...) {
        rows.append(cells)
    }

    /// Whether a column of that title has its place at this width.
    package func shows(_ title: String, style: TerminalStyle) -> Bool {
        TableLayout(table: self, style: style).shown.contains { columns[$0.index].title == title }
    }

    /// The lines, without trailing blanks: header, rule, rows.
    package func lines(style: TerminalStyle) -> [String] {
        let layout = TableLayout(table: self, style: style)
        let header = layout.shown.map { column in
            TableLine.Piece(text: style.printable(columns[column.index].title), role: .quiet)
        }
        let rule = String(repeating: style.usesUnicode ? "─" : "-", count: layout.totalWidth)
        return [TableLine(layout: layout, table: self, style: style).text(header), style.paint(rule, .quiet)]
            + rows.map { row in
                TableLine(layout: layout, table: self, style: style).text(pieces(of: row, in: layout, style))
            }
    }

    private func pieces(of row: [Cell], in layout: TableLayout, _ style: TerminalStyle) -> [TableLine.Piece] {
        layout.shown.map { column in
            switch column.index < row.count ? row[column.index] : .text("") {
            case .text(let text, let role):
                return TableLine.Piece(
                    text: style.printable(truncatedInTheMiddle(style.printable(text), to: column.width)),
                    role: role
                )
            case .bar(let bar):
                return TableLine.Piece(text: bar.text(width: column.width, usesUnicode: style.usesUnicode), role: .bar)
            }
        }
    }
}

/// Puts the pieces of one line next to each other.
private struct TableLine {
    struct Piece {
        let text: String
        let role: TerminalStyle.Role
    }

    let layout: TableLayout
    let table: Table
    let style: TerminalStyle

    func text(_ pieces: [Piece]) -> String {
        var line = ""
        var pendingBlanks = 0
        for (column, piece) in zip(layout.shown, pieces) {
            let blanks = max(0, column.width - displayWidth(piece.text))
            let alignsRight = table.columns[column.index].kind == .number
            if column.index != layout.shown.first?.index { pendingBlanks += TableLayout.gap }
            if alignsRight { pendingBlanks += blanks }
            if !piece.text.isEmpty {
                line += String(repeating: " ", count: pendingBlanks) + style.paint(piece.text, piece.role)
                pendingBlanks = 0
            }
            if !alignsRight { pendingBlanks += blanks }
        }
        return line
    }
}
