/// A problem in a `.prom` file, and what node_exporter does because of it.
package struct ExpositionProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line, counted from 1.
    package let line: Int
    /// The column, counted from 1 in Unicode scalars, as editors do.
    package let column: Int
    /// What is wrong and, if it is not obvious, what to write instead.
    package let reason: String
    package let outcome: NodeExporterOutcome
    /// The version of node_exporter that has this outcome.
    package let version: NodeExporterVersion

    /// The position, the reason and the outcome: `line 3, column 7: …; node_exporter 1.9.0 loses the whole file`.
    package var description: String {
        "line \(line), column \(column): \(reason); \(version) \(outcome)"
    }
}

/// What node_exporter's textfile collector does because of a problem, the worst first.
package enum NodeExporterOutcome: Int, Sendable, CaseIterable, CustomStringConvertible {
    /// node_exporter crashes, so all metrics of the machine are missing.
    case panics
    /// None of the file's metrics are served, and `node_textfile_scrape_error` is 1. Other files are served.
    case losesFile
    /// The sample is missing. Often `node_textfile_scrape_error` does not show it either.
    case dropsSample
    /// A value or type is served that the file does not contain.
    case misreads
    /// The file is served unchanged.
    case serves

    /// Whether part of the file is lost or changed.
    package var losesSomething: Bool { self != .serves }

    /// The end of a sentence that begins with "node_exporter".
    package var description: String {
        switch self {
        case .panics: "panics, and no metrics of the machine are served"
        case .losesFile: "loses the whole file"
        case .dropsSample: "drops the sample silently"
        case .misreads: "serves something other than the file says"
        case .serves: "serves it unchanged"
        }
    }
}
