import SpanKitPlatform
import SpanKitSummaries

/// A table for a terminal, for Markdown, for HTML, and as JSON or CSV for programs: the same values in every form.
package struct Listing: Sendable {
    /// The type of a column's values. JSON and CSV contain the value, and tables a readable form of it.
    package enum Unit: Sendable, Equatable {
        /// A name in the first column.
        case name
        /// Text in another column.
        case text
        /// An id, of which tables show the first digits; JSON, CSV and Markdown contain all of them.
        case identifier(digits: Int)
        /// A whole number.
        case count
        /// Nanoseconds, which JSON and CSV contain as a whole number. The key ends in `_ns`.
        case duration
        /// 0…1, shown as a percentage. The key ends in `_fraction`.
        case share
        /// 0…1, shown as a bar in tables only, next to the share.
        case bar
        /// 0…1, the probability that a difference is random.
        case chance
        /// A relative change: 0.1 is 10 % more.
        case change
        /// A factor, such as `3.4 ×`.
        case ratio
        /// A number with one decimal.
        case decimal
        /// A change of memory in bytes, which JSON and CSV contain as a whole number.
        case bytes
        /// An amount of money. The title contains the currency.
        case amount
        /// A time in nanoseconds since 1970-01-01 UTC. The key ends in `_unix_ns`.
        case moment
        /// True or false.
        case flag
        /// A list or an object. CSV contains its JSON text.
        case json
    }

    /// The forms of a listing that contain a column.
    package enum Place: Sendable {
        case everywhere
        /// Tables for a terminal, Markdown and HTML.
        case tables
        /// JSON and CSV.
        case programs
    }

    package struct Column: Sendable {
        /// The name in JSON and CSV, with the unit, such as `p95_ns`.
        package let key: String
        /// The heading in tables.
        package let title: String
        package let unit: Unit
        /// The order in which columns are dropped from a narrow table; see ``Table/Column/priority``.
        package let priority: Int
        /// The forms that contain the column. A column that is often empty is left out of tables only, so that JSON and
        /// CSV always have the same columns.
        package let place: Place

        package init(_ key: String, _ title: String, _ unit: Unit, priority: Int = 0, in place: Place = .everywhere) {
            self.key = key
            self.title = title
            self.unit = unit
            self.priority = priority
            self.place = unit == .bar ? .tables : place
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
            in place: Place = .everywhere,
            _ value: @escaping (Element) -> Value
        ) {
            self.init(Column(key, title, unit, priority: priority, in: place), value)
        }

        private init(_ column: Column, _ value: @escaping (Element) -> Value) {
            self.column = column
            self.value = value
        }

        /// The column for elements that contain the column's own elements.
        package func mapped<Other>(_ element: @escaping (Other) -> Element) -> Field<Other> {
            .init(column) { value(element($0)) }
        }
    }

    package enum Value: Sendable, Equatable {
        case text(String, TerminalStyle.Role = .normal)
        case number(Double, TerminalStyle.Role = .normal)
        /// A whole number of any size. JSON and CSV contain all of its digits.
        case whole(Int128, TerminalStyle.Role = .normal)
        case flag(Bool, TerminalStyle.Role = .normal)
        case json(JSONText)
        /// An unknown value, or one that is not meaningful because there are too few runs.
        case none
    }

    package let columns: [Column]
    package var rows: [[Value]] = []
    /// The number of rows before the limit was applied; `nil` if there is no limit.
    package var total: Int?
    /// The time zone of times in tables. JSON and CSV contain times in nanoseconds since 1970-01-01 UTC.
    package var zone = DisplayZone.utc

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

    /// A text as a cell; ``Value/none`` for an empty text and for `nil`.
    package static func text(_ value: String?) -> Value { value.flatMap { $0.isEmpty ? nil : .text($0) } ?? .none }

    /// A list or an object as a cell; ``Value/none`` for `nil`.
    package static func json(_ value: JSONText?) -> Value { value.map { .json($0) } ?? .none }

    /// A number of errors as a cell: red if there are any.
    package static func errors(_ count: some BinaryInteger) -> Value { whole(count, count > 0 ? .bad : .quiet) }

    // MARK: Tables

    /// The indices of the columns in tables.
    var shown: [Int] { columns.indices.filter { columns[$0].place != .programs } }

    package var table: Table {
        let shown = shown
        var table = Table(
            columns: shown.map { place in
                let column = columns[place]
                let kind: Table.Column.Kind =
                    column.unit == .bar ? .bar(widest: 14) : column.unit.isText ? .name : .number
                return Table.Column(column.title, kind, priority: column.priority)
            }
        )
        table.rows = rows.map { row in shown.map { cell(row[$0], columns[$0].unit) } }
        return table
    }

    private func cell(_ value: Value, _ unit: Unit) -> Table.Cell {
        switch value {
        case .none: .text("–", .quiet)
        case .number(let number, _) where unit == .bar: .bar(ShareBar(share: number))
        case .text(let text, let role):
            if case .identifier(let digits) = unit {
                .text(String(text.prefix(digits)), role)
            } else {
                .text(text, role)
            }
        case .number(_, let role), .whole(_, let role), .flag(_, let role):
            .text(Self.readable(value, unit, zone), role)
        case .json: .text(Self.readable(value, unit, zone))
        }
    }

    /// The value as tables show it.
    static func readable(_ value: Value, _ unit: Unit, _ zone: DisplayZone = .utc) -> String {
        switch value {
        case .none: "–"
        case .text(let text, _): text
        case .whole(let number, _) where unit == .moment: Readable.moment(Int64(clamping: number), in: zone)
        case .number(let number, _): readable(number, unit)
        case .whole(let number, _): readable(Double(number), unit)
        case .flag(let flag, _): flag ? "yes" : "no"
        case .json(let json): json.compact
        }
    }

    static func readable(_ number: Double, _ unit: Unit) -> String {
        switch unit {
        case .duration: (number < 0 ? "−" : "") + Readable.duration(wholeNanoseconds(abs(number)))
        case .chance: RunComparison.readable(chance: number)
        case .share: Readable.percent(number)
        case .change: Readable.change(number)
        case .amount: Readable.fixed(number, decimals: 4)
        case .ratio: Readable.ratio(number)
        case .decimal: Readable.oneDecimal(number)
        case .bytes: Readable.signedBytes(number)
        case .moment: Readable.moment(Int64(clamping: wholeNanoseconds(number)), in: .utc)
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
                let text = Self.readable(row[place], columns[place].unit, zone)
                switch row[place] {
                case .text: return columns[place].unit.isCode ? text.codeInMarkdown : text.escapedForMarkdown
                case .json: return text.escapedForMarkdown
                default: return text.trimmedEnd
                }
            }
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: JSON and CSV

    /// The columns and the index of each value in a row.
    private var members: [(place: Int, column: Column)] {
        columns.enumerated().filter { $0.element.place != .tables }.map { ($0.offset, $0.element) }
    }

    /// Comma-separated values with a header (RFC 4180, but lines end with a line feed). An unknown value is empty.
    package var csv: String {
        let members = members
        // The columns of a query can have any name.
        var lines = [members.map { JSONText.string($0.column.key).csvField }.joined(separator: ",")]
        for row in rows {
            lines.append(members.map { Self.json(row[$0.place], $0.column.unit).csvField }.joined(separator: ","))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// An object for each row. An unknown value is `null`.
    package var json: JSONText {
        let members = members
        return .list(
            rows.map { row in
                .object(members.map { ($0.column.key, Self.json(row[$0.place], $0.column.unit)) })
            }
        )
    }

    private static func json(_ value: Value, _ unit: Unit) -> JSONText {
        switch value {
        case .none: .null
        case .text(let text, _): .string(text)
        case .number(let number, _) where unit.isWhole: .whole(Int128(clamping: number))
        case .number(let number, _): .number(number)
        case .whole(let number, _): .whole(number)
        case .flag(let flag, _): .bool(flag)
        case .json(let json): json
        }
    }

    /// A number as text, without an exponent if it is whole.
    package static func plain(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return number.isFinite ? "\(number)" : ""
    }
}

extension Listing.Unit {
    /// Whether tables align the value at the left.
    var isText: Bool { isCode || self == .text || self == .json }

    /// Whether JSON and CSV contain whole numbers.
    fileprivate var isWhole: Bool {
        switch self {
        case .count, .duration, .bytes, .moment: true
        default: false
        }
    }

    /// Whether Markdown shows the value as code.
    fileprivate var isCode: Bool {
        switch self {
        case .name, .identifier: true
        default: false
        }
    }
}

extension Int128 {
    /// The nearest whole number; 0 for NaN.
    fileprivate init(clamping number: Double) {
        self = Int128(exactly: number.rounded()) ?? (number > 0 ? .max : number < 0 ? .min : 0)
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
