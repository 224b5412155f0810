/// What node_exporter's textfile collector does with something in a file, the worst first.
public enum NodeExporterOutcome: Sendable, Equatable, CaseIterable, CustomStringConvertible {
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
    public var losesSomething: Bool { self != .serves }

    /// What follows "node_exporter".
    public var description: String {
        switch self {
        case .panics: "stops with a panic, for all files"
        case .losesFile: "loses the whole file"
        case .dropsSample: "drops the sample without a word"
        case .misreads: "serves something else than the file says"
        case .serves: "serves it as it stands"
        }
    }
}
