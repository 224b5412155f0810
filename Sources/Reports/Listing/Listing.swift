import SpanKitPlatform
import SpanKitSummaries

/// Rows with named columns that can be shown to people and given to programs: the same numbers in every form.
package struct Listing: Sendable {
    /// What the values of a column are.
    package enum Unit: Sendable {
        /// A name, on the left.
        case name
        /// A name, where it is not the first column.
        case text
        /// What is looked up by its beginning: people see as many digits as it takes, programs and documents all.
        case identifier(digits: Int)
        /// A whole number.
        case count
        /// Nanoseconds.
        case duration
        /// 0…1, shown as per cent.
        case share
        /// 0…1, shown as a bar; not given to programs, which have the share.
        case bar
        /// A change as a part of what was: 0.1 is 10 % more.
        case change
        /// How many times as much, shown like `3.4 ×`.
        case ratio
        /// A number with one decimal.
        case decimal
        /// A change of memory in bytes.
        case bytes
        /// Money, in the unit that the title names.
        case amount
        /// What programs get and people do not see in the table.
        case detail
    }

    /// A column.
    package struct Column: Sendable {
        /// As programs know it, such as `p95Nanoseconds`.
        package let key: String
        /// As people read it.
        package let title: String
        package let unit: Unit
        /// As in ``Table/Column/priority``.
        package let priority: Int

        package init(_ key: String, _ title: String, _ unit: Unit, priority: Int = 0) {
            self.key = key
            self.title = title
            self.unit = unit
            self.priority = priority
        }
    }

    /// A cell.
    package enum Value: Sendable, Equatable {
        case text(String, TerminalStyle.Role = .normal)
        case number(Double, TerminalStyle.Role = .normal)
        /// Not known, or not meaningful for so few.
        case none
    }

    package let columns: [Column]
    package var rows: [[Value]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// A whole number as a cell.
    package static func whole(_ value: some BinaryInteger, _ role: TerminalStyle.Role = .normal) -> Value {
        .number(Double(value), role)
    }

    // MARK: For people

    /// The places of the columns that people see.
    var shown: [Int] { columns.indices.filter { columns[$0].unit != .detail } }

    package var table: Table {
        let shown = shown
        var table = Table(
            columns: shown.map { place in
                let column = columns[place]
                let kind: Table.Column.Kind =
                    switch column.unit {
                    case .name, .text, .identifier: .name
                    case .bar: .bar(widest: 14)
                    default: .number
                    }
                return Table.Column(column.title, kind, priority: column.priority)
            }
        )
        table.rows = rows.map { row in shown.map { Self.cell(row[$0], columns[$0].unit) } }
        return table
    }

    private static func cell(_ value: Value, _ unit: Unit) -> Table.Cell {
        switch value {
        case .none: .text("–", .quiet)
        case .text(let text, let role):
            if case .identifier(let digits) = unit {
                .text(String(text.prefix(digits)), role)
            } else {
                .text(text, role)
            }
        case .number(let number, let role):
            unit == .bar ? .bar(ShareBar(share: number)) : .text(readable(number, unit), role)
        }
    }

    static func readable(_ number: Double, _ unit: Unit) -> String {
        switch unit {
        case .duration: Readable.duration(wholeNanoseconds(number))
        case .share: Readable.percent(number)
        case .change: Readable.change(number)
        case .amount: Readable.fixed(number, decimals: 4)
        case .ratio: Readable.ratio(number)
        case .decimal: Readable.oneDecimal(number)
        case .bytes: Readable.signedBytes(number)
        default: number < 0 ? "−" + Readable.count(UInt64(-number)) : Readable.count(wholeNanoseconds(number))
        }
    }

    /// A table of Markdown.
    package var markdown: String {
        let shown = shown.filter { columns[$0].unit != .bar }
        var lines = ["| " + shown.map { columns[$0].title }.joined(separator: " | ") + " |"]
        lines.append("|" + shown.map { columns[$0].unit.isText ? "---|" : "---:|" }.joined())
        for row in rows {
            let cells = shown.map { place -> String in
                switch row[place] {
                case .none: "–"
                case .text(let text, _): columns[place].unit.isCode ? text.codeInMarkdown : text.escapedForMarkdown
                case .number(let number, _): Self.readable(number, columns[place].unit).trimmedEnd
                }
            }
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: For programs

    /// Comma-separated values with a header (RFC 4180, lines ended by a line feed).
    package var csv: String {
        let shown = columns.indices.filter { columns[$0].unit != .bar }
        var lines = [shown.map { columns[$0].key }.joined(separator: ",")]
        for row in rows { lines.append(shown.map { Self.field(row[$0]) }.joined(separator: ",")) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func field(_ value: Value) -> String {
        switch value {
        case .none: return ""
        case .number(let number, _): return plain(number)
        case .text(let text, _):
            guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
            return "\"" + text.replacing("\"", with: "\"\"") + "\""
        }
    }

    /// An object for each row; what is not known is null.
    package var json: JSONText {
        .list(
            rows.map { row in
                .object(
                    zip(columns, row).compactMap { column, value in
                        guard column.unit != .bar else { return nil }
                        switch value {
                        case .none: return (column.key, .null)
                        case .text(let text, _): return (column.key, .string(text))
                        case .number(let number, _): return (column.key, .number(number))
                        }
                    }
                )
            }
        )
    }

    /// A number without an exponent where it is whole.
    package static func plain(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return number.isFinite ? "\(number)" : ""
    }
}

extension Listing.Unit: Equatable {
    fileprivate var isText: Bool { isCode || self == .text }

    /// Whether documents show it as code.
    fileprivate var isCode: Bool {
        switch self {
        case .name, .identifier: true
        default: false
        }
    }
}

extension String {
    /// A name as code, where it holds nothing that would end the code or the cell.
    package var codeInMarkdown: String {
        let isPlain = !isEmpty && unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0 != "`" && $0 != "|" }
        return isPlain && first != " " && last != " " ? "`\(self)`" : escapedForMarkdown
    }

    /// Without what Markdown or a terminal would take for more than text.
    package var escapedForMarkdown: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "|", "\\", "`", "*", "_", "<", ">", "[", "]", "#": text += "\\" + String(scalar)
            case _ where scalar.steersTerminal: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
