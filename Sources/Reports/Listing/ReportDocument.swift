import SpanKitSummaries

/// The name and the version of the schema of a JSON document. `docs/schemas` has a JSON Schema for each.
///
/// Members may be added without a new version. The version increases when a member is removed, renamed, or changes its type or
/// meaning.
package enum ReportSchema: String, Sendable, CaseIterable {
    case top = "spankit.top/1"
    /// `spankit top --by` with a property of spans.
    case topGroups = "spankit.top-groups/1"
    /// `spankit top` of metric data.
    case metrics = "spankit.metrics/1"
    case models = "spankit.models/1"
    case conversations = "spankit.conversations/1"
    case slow = "spankit.slow/1"
    case errors = "spankit.errors/1"
    case tree = "spankit.tree/1"
    case logs = "spankit.logs/1"
    case critical = "spankit.critical/1"
    /// The steps of one trace: `spankit critical --trace`.
    case criticalPath = "spankit.critical-path/1"
    case diff = "spankit.diff/1"
    case analyze = "spankit.analyze/1"
    /// The content of results files, which also contain their `formatVersion`.
    case summary = "spankit.summary/1"
    case profile = "spankit.profile/1"
    /// The rows are open spans.
    case live = "spankit.live/1"
    case ship = "spankit.ship/1"
    case doctor = "spankit.doctor/1"
    case settings = "spankit.doctor-settings/1"
    case redaction = "spankit.doctor-redaction/1"
    case promCheck = "spankit.prom-check/1"
    case cardinality = "spankit.cardinality/1"
    /// The files of `spankit sql`.
    case sqlFiles = "spankit.sql-files/1"
    /// The rows of a query, whose columns are those of the query.
    case sql = "spankit.sql/1"

    /// The name of the file in `docs/schemas`.
    package var fileName: String { "\(rawValue.dropFirst("spankit.".count).prefix { $0 != "/" }).json" }
}

/// The machine-readable output of a command: the version of its schema, facts about the whole, and rows.
///
/// JSON contains everything. CSV and Markdown contain the rows.
package struct ReportDocument: Sendable {
    package let schema: ReportSchema
    /// Members of the document in addition to the rows. Their names are machine names that contain the unit.
    package let facts: [(String, JSONText)]
    package var rows: Listing

    package init(_ schema: ReportSchema, facts: [(String, JSONText)] = [], _ rows: Listing) {
        self.schema = schema
        self.facts = facts
        self.rows = rows
    }

    package var json: JSONText {
        let start: [(String, JSONText)] = [("schema", .string(schema.rawValue))]
        return .object(
            start + facts + [
                ("total", .count(rows.rows.count + rows.leftOutCount)), ("truncated", .bool(rows.leftOutCount > 0)),
                ("rows", rows.json),
            ]
        )
    }
}

/// The content of a results file after the name of its schema.
package struct DocumentedContent: Encodable {
    private let schema: ReportSchema
    private let content: any Encodable

    private enum CodingKeys: CodingKey {
        case schema
    }

    package init(_ schema: ReportSchema, _ content: any Encodable) {
        self.schema = schema
        self.content = content
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(schema.rawValue, forKey: .schema)
        try content.encode(to: encoder)
    }

    package func json() throws -> [UInt8] { try readableJSON(self) }
}
