/// A version of node_exporter, and what its textfile collector does with invalid files.
///
/// | Version | Parser (prometheus/common) | Change |
/// |---|---|---|
/// | 1.0 to 1.7 | 0.10 to 0.45 | |
/// | 1.8 | 0.53 | the collector itself compares HELP between files, and can panic |
/// | 1.9 | 0.62 | names may be quoted, as in Prometheus 3; many of them make it panic |
/// | from 1.10 | from 0.67 | names are checked while reading; gauge histograms and fractions as counts are read |
///
/// The table was verified with Debian's 1.5.0, 1.9.0 and 1.11.1 (`GeneratedExpositionTests`). Debian builds 1.9.0 with
/// libraries that make it panic at a name such as "a.b", which the upstream build serves.
package struct NodeExporterVersion: Sendable, Equatable, CustomStringConvertible {
    /// What differs between versions.
    struct Rules: Sendable, Equatable {
        /// Names may be quoted and written in the braces: `{"a",b="1"} 1`. HELP may contain `\"`.
        var readsQuotedNames = false
        /// The outcome of a quoted name that Prometheus did not allow before version 3, such as "a.b".
        var invalidName = NodeExporterOutcome.losesFile
        /// The outcome of `{} 1` or `{a="b",} 1` before the first metric of the file.
        var namelessStart = NodeExporterOutcome.losesFile
        /// The type `gaugehistogram`, and `x_count` of a gauge histogram `x`, are known.
        var readsGaugeHistograms = false
        /// The outcome of a negative count in a histogram.
        var negativeCount = NodeExporterOutcome.misreads
        /// After two files with different HELP for a metric, the metric is dropped from all further files. A further
        /// file without HELP causes a panic.
        var comparesHelp = false
    }

    /// The version as it was given, such as `1.9.0`.
    package let text: String
    let rules: Rules

    /// - Parameter text: `1.9` or `1.9.0`, possibly after a `v`.
    /// - Returns: nil if the text is not a version, or is a version before 1.0.
    package init?(_ text: String) {
        let text = text.hasPrefix("v") ? String(text.dropFirst()) : text
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard 2...3 ~= numbers.count, let major = numbers[0], let minor = numbers[1], !numbers.contains(nil),
            let row = Self.rows.last(where: { ($0.major, $0.minor) <= (major, minor) })
        else { return nil }
        self.text = text
        rules = row.rules
    }

    private init(_ text: String, _ rules: Rules) {
        self.text = text
        self.rules = rules
    }

    /// The newest version whose behavior was verified.
    package static let newest = NodeExporterVersion("1.11.1", rows[rows.count - 1].rules)

    package var description: String { "node_exporter \(text)" }

    /// The behavior from a version on.
    private static let rows: [(major: Int, minor: Int, rules: Rules)] = {
        let first = Rules()
        var comparing = first
        comparing.comparesHelp = true
        var quoting = comparing
        quoting.readsQuotedNames = true
        quoting.invalidName = .panics
        quoting.namelessStart = .panics
        var checking = quoting
        checking.invalidName = .losesFile
        checking.namelessStart = .losesFile
        checking.readsGaugeHistograms = true
        checking.negativeCount = .losesFile
        return [(1, 0, first), (1, 8, comparing), (1, 9, quoting), (1, 10, checking)]
    }()
}
