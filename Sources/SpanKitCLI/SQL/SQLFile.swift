import SpanKitReports

/// A file of `collector-config/clickhouse`: a query, or statements that set up tables. It is compiled into the command.
struct SQLFile: Sendable {
    /// A value that a query needs, `{name:Type}` in its text.
    struct Parameter: Sendable, Equatable {
        let name: String
        /// The value without `--param`; `nil` for a parameter that has to be given.
        let standard: String?
        let meaning: String
    }

    /// The name without the suffix.
    let name: String
    /// The text, which begins with a comment.
    let text: String

    private init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        text = String(decoding: bytes, as: UTF8.self)
    }

    static let functions = SQLFile("functions", PackageResources.functions_sql)
    static let schema = SQLFile("schema", PackageResources.schema_sql)
    static let histograms = SQLFile("histograms", PackageResources.histograms_sql)
    static let fromFiles = SQLFile("from-files", PackageResources.from_files_sql)
    static let buckets = SQLFile("buckets", PackageResources.buckets_sql)

    /// The files that answer a question with rows.
    static let queries = [
        SQLFile("percentiles", PackageResources.percentiles_sql),
        SQLFile("percentiles-raw", PackageResources.percentiles_raw_sql),
        SQLFile("percentiles-files", PackageResources.percentiles_files_sql),
        SQLFile("slowest", PackageResources.slowest_sql), SQLFile("errors", PackageResources.errors_sql),
        SQLFile("critical", PackageResources.critical_sql), SQLFile("compare", PackageResources.compare_sql),
        SQLFile("traces", PackageResources.traces_sql), SQLFile("trace", PackageResources.trace_sql),
        SQLFile("conversations", PackageResources.conversations_sql),
        SQLFile("exponential-histograms", PackageResources.exponential_histograms_sql),
        SQLFile("duplicates", PackageResources.duplicates_sql), buckets,
    ]

    /// The files that create or fill tables.
    static let setUp = [
        functions, schema, histograms, fromFiles, SQLFile("retention", PackageResources.retention_sql),
        SQLFile("cluster", PackageResources.cluster_sql), SQLFile("unsampled", PackageResources.unsampled_sql),
    ]

    /// The Python program that runs statements in chDB.
    static let chDBProgram = String(decoding: PackageResources.chdb_run_py, as: UTF8.self)

    static func named(_ name: String) -> SQLFile? { (queries + setUp).first { $0.name == name } }

    /// The lines of the comment at the beginning, without the dashes.
    private var comment: [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("--") }
            .map { $0.dropFirst(2).drop { $0 == " " } }
    }

    /// The first sentence of the comment, which is the question of a query.
    var subject: String {
        let text = comment.joined(separator: " ")
        guard let end = text.firstMatch(of: /[.?](?= |$)/) else { return text }
        return String(text[..<end.range.upperBound])
    }

    /// The parameters that the comment describes.
    var parameters: [Parameter] {
        comment.compactMap { line in
            line.wholeMatch(of: /Parameter (\w+)(?: \(default (.*?)\))?: (.*)/).map {
                Parameter(
                    name: String($0.1),
                    standard: $0.2.map { $0 == "empty" ? "" : String($0) },
                    meaning: String($0.3)
                )
            }
        }
    }

    /// The statements without comments.
    var statements: [String] {
        let code = text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop { $0 == " " }.hasPrefix("--") }.joined(separator: "\n")
        return code.split(separator: /;(?:\n|$)/).map(String.init).filter { $0.contains { !$0.isWhitespace } }
    }
}

/// The names of the parameters in a statement, such as `since` for `{since:DateTime}`.
func parameterNames(in statement: String) -> Set<String> {
    Set(statement.matches(of: /\{(\w+):/).map { String($0.1) })
}
