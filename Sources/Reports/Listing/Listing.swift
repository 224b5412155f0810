import SpanKitPlatform
import SpanKitSummaries

/// A table for a terminal, for Markdown, for HTML, and as JSON or CSV for programs: the same numbers in every form.
package struct Listing: Sendable {
    /// The kind of a column's values.
    package enum Unit: Sendable {
        /// A name in the first column.
        case name
        /// Text in another column.
        case text
        /// An id, of which tables show the first digits; JSON, CSV and Markdown contain all of them.
        case identifier(digits: Int)
        /// A whole number.
        case count
        /// Nanoseconds.
        case duration
        /// 0…1, shown as a percentage.
        case share
        /// 0…1, shown as a bar. JSON and CSV leave it out; they contain the share.
        case bar
        /// A relative change: 0.1 is 10 % more.
        case change
        /// A factor, such as `3.4 ×`.
        case ratio
        /// A number with one decimal.
        case decimal
        /// A change of memory in bytes.
        case bytes
        /// An amount of money. The title contains the currency.
        case amount
        /// A time in nanoseconds since 1970-01-01 UTC.
        case moment
        /// A value that only JSON and CSV contain.
        case detail
    }

    package struct Column: Sendable {
        /// The name in JSON and CSV, such as `p95Nanoseconds`.
        package let key: String
        /// The heading in tables.
        package let title: String
        package let unit: Unit
        /// The order in which columns are dropped from a narrow table; see ``Table/Column/priority``.
        package let priority: Int

        package init(_ key: String, _ title: String, _ unit: Unit, priority: Int = 0) {
            self.key = key
            self.title = title
            self.unit = unit
            self.priority = priority
        }
    }

    /// A column, and how its value is read from the element of a row.
    package struct Field<Element> {
        let column: Column
        let value: (Element) -> Value

        package init(
            _ key: String,
            _ title: String,
            _ unit: Unit,
            priority: Int = 0,
            _ value: @escaping (Element) -> Value
        ) {
            column = Column(key, title, unit, priority: priority)
            self.value = value
        }

        /// The column for elements that contain the column's own elements.
        package func mapped<Other>(_ element: @escaping (Other) -> Element) -> Field<Other> {
            .init(column.key, column.title, column.unit, priority: column.priority) { value(element($0)) }
        }
    }

    package enum Value: Sendable, Equatable {
        case text(String, TerminalStyle.Role = .normal)
        case number(Double, TerminalStyle.Role = .normal)
        /// A whole number of any size. JSON and CSV contain all of its digits.
        case whole(Int128, TerminalStyle.Role = .normal)
        /// An unknown value, or one that is not meaningful because there are too few runs.
        case none
    }

    package let columns: [Column]
    package var rows: [[Value]] = []
    /// The number of rows without a limit; `nil` if there is no limit.
    package var total: Int?

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Creates a listing with a row for each element.
    package init<Element>(_ elements: some Sequence<Element>, _ fields: [Field<Element>]) {
        columns = fields.map(\.column)
        rows = elements.map { element in fields.map { $0.value(element) } }
    }

    /// Creates a listing with a row for each of the first elements.
    package init<Element>(_ elements: some Collection<Element>, limit: Int, _ fields: [Field<Element>]) {
        self.init(elements.prefix(limit), fields)
        total = elements.count
    }

    /// The number of rows that the limit leaves out.
    package var leftOutCount: Int { max(0, (total ?? 0) - rows.count) }

    /// A whole number as a cell.
    package static func whole(_ value: some BinaryInteger, _ role: TerminalStyle.Role = .normal) -> Value {
        .whole(Int128(clamping: value), role)
    }

    /// A number as a cell; ``Value/none`` for `nil`.
    package static func number(_ value: Double?) -> Value { value.map { .number($0) } ?? .none }

    /// A whole number as a cell; ``Value/none`` for `nil`.
    package static func number(_ value: (some BinaryInteger)?) -> Value { value.map { whole($0) } ?? .none }

    /// A text as a cell; ``Value/none`` for `nil`.
    package static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .none }

    /// A number of errors as a cell: red if there are any.
    package static func errors(_ count: some BinaryInteger) -> Value { whole(count, count > 0 ? .bad : .quiet) }

    // MARK: Tables

    /// The indices of the columns in tables.
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
        case .whole(let number, let role): .text(readable(Double(number), unit), role)
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
        case .moment: Readable.moment(Int64(clamping: wholeNanoseconds(number)))
        default: number < 0 ? "−" + Readable.count(UInt64(-number)) : Readable.count(wholeNanoseconds(number))
        }
    }

    /// The listing as a Markdown table.
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
                case .whole(let number, _): Self.readable(Double(number), columns[place].unit).trimmedEnd
                }
            }
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: JSON and CSV

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
        case .whole(let number, _): return "\(number)"
        case .text(let text, _):
            guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
            return "\"" + text.replacing("\"", with: "\"\"") + "\""
        }
    }

    /// An object for each row; unknown values are `null`.
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
                        case .whole(let number, _): return (column.key, .whole(number))
                        }
                    }
                )
            }
        )
    }

    /// A number as text, without an exponent if it is whole.
    package static func plain(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return number.isFinite ? "\(number)" : ""
    }
}

extension Listing.Unit: Equatable {
    fileprivate var isText: Bool { isCode || self == .text }

    /// Whether Markdown shows the value as code.
    fileprivate var isCode: Bool {
        switch self {
        case .name, .identifier: true
        default: false
        }
    }
}

extension String {
    /// The text as Markdown code, or escaped if it contains a character that would end the code or the table cell.
    package var codeInMarkdown: String {
        let isPlain = !isEmpty && unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0 != "`" && $0 != "|" }
        return isPlain && first != " " && last != " " ? "`\(self)`" : escapedForMarkdown
    }

    /// The text with Markdown's special characters escaped, and without control characters.
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

    /// The text without blanks at its end.
    var trimmedEnd: String { String(prefix(upTo: lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)) }
}
