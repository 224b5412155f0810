import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The rows of an answer in ClickHouse's format `JSONCompact`, as a report.
struct SQLAnswer {
    let columns: [(name: String, type: String)]
    let rows: [[JSONValue]]

    /// - Throws: ``CommandFailure`` with status 65 if it is not an answer with rows.
    init(_ bytes: [UInt8]) throws(CommandFailure) {
        guard bytes.contains(where: { $0 > 0x20 }) else {
            throw CommandFailure(.data, "the query returned no table; write a query that begins with 'select'")
        }
        guard let value = JSONValue(bytes), case .array(let meta)? = value["meta"],
            case .array(let data)? = value["data"]
        else {
            throw CommandFailure(
                .data,
                "the answer is not in the expected format; leave FORMAT out, and choose one with --format"
            )
        }
        columns = meta.map { ($0["name"]?.string ?? "", $0["type"]?.string ?? "") }
        rows = data.map { if case .array(let cells) = $0 { cells } else { [] } }
    }

    /// The rows as a table. The end of a column's name says its unit, as in all documents.
    var listing: Listing {
        var seen: Set<String> = []
        var listing = Listing(
            columns.enumerated().map { place, column in
                // Columns of one name would be one member of a JSON object.
                let key = seen.insert(column.name).inserted ? column.name : "\(column.name)_\(place + 1)"
                return Listing.Column(
                    key,
                    Self.title(column.name),
                    Self.unit(column.name, column.type, isFirst: place == 0)
                )
            }
        )
        listing.rows = rows.map { row in
            columns.indices.map { $0 < row.count ? Self.cell(row[$0], columns[$0].type) : .none }
        }
        return listing
    }

    func text(title: String, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !rows.isEmpty else {
            page.paragraph("No rows.", role: .quiet)
            return page.text
        }
        page.heading(title, Readable.count(rows.count, of: "row"))
        page.table(listing.table)
        return page.text
    }

    /// The type without what only changes how values are stored.
    private static func plain(_ type: String) -> Substring {
        var type = type[...]
        let wrapper = /(?:Nullable\(|LowCardinality\(|SimpleAggregateFunction\(\w+, )(.*)\)/
        while let inner = type.wholeMatch(of: wrapper) { type = inner.1 }
        return type
    }

    private static func title(_ name: String) -> String {
        for (suffix, word) in [("_unix_ns", ""), ("_ns", ""), ("_fraction", " share")] where name.hasSuffix(suffix) {
            return name.dropLast(suffix.count).replacing("_", with: " ") + word
        }
        return name.replacing("_", with: " ")
    }

    private static func unit(_ name: String, _ type: String, isFirst: Bool) -> Listing.Unit {
        let type = plain(type)
        let isNumber = ["Int", "UInt", "Float", "Decimal"].contains { type.hasPrefix($0) }
        let isWhole = type.hasPrefix("Int") || type.hasPrefix("UInt")
        guard isNumber else {
            if type == "Bool" { return .flag }
            guard isText(type) else { return .json }
            if name == "trace_id" || name == "span_id" { return .identifier(digits: 8) }
            return isFirst && name == "name" ? .name : .text
        }
        if name.hasSuffix("_unix_ns") { return .moment }
        if name.hasSuffix("_ns") { return .duration }
        if name.hasSuffix("_fraction") { return .share }
        if name.hasSuffix("_change") { return .change }
        if name.hasSuffix("_ratio") { return .ratio }
        if name == "cost" { return .amount }
        return isWhole ? .count : .json
    }

    /// Whether values of a type are text in JSON.
    private static func isText(_ type: Substring) -> Bool {
        ["String", "FixedString", "UUID", "Enum", "Date", "IPv"].contains { type.hasPrefix($0) }
    }

    private static func cell(_ value: JSONValue, _ type: String) -> Listing.Value {
        let type = plain(type)
        switch value {
        case .null: return .none
        case .bool(let flag): return .flag(flag)
        case .text(let text) where isText(type): return .text(text)
        case .text(let digits), .number(let digits):
            if let whole = Int128(digits) { return .whole(whole) }
            // A whole number beyond Int128 keeps its digits.
            if type.contains("Int") { return .text(digits) }
            guard let number = Double(digits), number.isFinite else { return .none }
            return .number(number)
        case .array, .object: return .json(JSONText(value))
        }
    }
}

extension JSONText {
    /// A value that was read, with the members of objects sorted.
    fileprivate init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .text(let text): self = .string(text)
        case .number(let digits): self = Int128(digits).map { .whole($0) } ?? .number(Double(digits) ?? .nan)
        case .array(let values): self = .list(values.map { JSONText($0) })
        case .object(let members):
            self = .object(members.sorted { $0.key < $1.key }.map { ($0.key, JSONText($0.value)) })
        }
    }
}
