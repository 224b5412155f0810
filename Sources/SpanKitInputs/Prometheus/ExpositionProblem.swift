/// Something in a `.prom` file that should not be there, and what it costs.
package struct ExpositionProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars, as editors count.
    package let column: Int
    /// What is wrong, and where it is not obvious, what to write instead.
    package let reason: String
    /// What node_exporter does with it.
    package let outcome: NodeExporterOutcome

    /// `line 3, column 7: …; node_exporter loses the whole file`.
    package var description: String {
        "line \(line), column \(column): \(reason); node_exporter \(outcome)"
    }
}

/// What node_exporter's textfile collector does with something in a file, the worst first.
package enum NodeExporterOutcome: Sendable, Equatable, CaseIterable, CustomStringConvertible {
    /// The process ends, and with it all metrics of the machine.
    case panics
    /// Nothing of this file is served; `node_textfile_scrape_error` is 1, and other files are served as before.
    case losesFile
    /// The sample is missing from what is served, the rest is there; often not even `node_textfile_scrape_error` tells.
    case dropsSample
    /// Something is served that the file does not say: another value or type.
    case misreads
    /// It is served as it stands.
    case serves

    /// Whether something of what the file says does not arrive.
    package var losesSomething: Bool { self != .serves }

    /// What follows "node_exporter".
    package var description: String {
        switch self {
        case .panics: "stops with a panic, for all files"
        case .losesFile: "loses the whole file"
        case .dropsSample: "drops the sample without a word"
        case .misreads: "serves something else than the file says"
        case .serves: "serves it as it stands"
        }
    }
}
