import ArgumentParser
import SpanKitPrometheusText
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// `spankit cardinality`: which names and labels make too many series.
struct CardinalityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cardinality",
        abstract: "Say which span names, attributes and labels make too many series.",
        discussion: """
            Reads OTLP JSON lines of anybody and metrics files (also gzip, also '-' for standard input). Names that differ \
            only in a number or an id are shown as one shape, and beside it how many there are.

            Exit status: 0 the limit keeps all operations apart, 1 some would share the overflow series, 64 wrong usage, \
            65 a file cannot be read as a whole.
            """
    )

    @Argument(help: ArgumentHelp("OTLP JSON lines or .prom files.", valueName: "files"))
    var files: [String]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many operations a process keeps apart.", valueName: "number"),
        transform: WholeNumber.atLeast(0)
    )
    var limit = SpanMetrics.Configuration().maximumLabelSets

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Rows of each table.", valueName: "number"),
        transform: WholeNumber.atLeast(1)
    )
    var rows = 15

    func run() async throws {
        var spans = SpanCardinality(limit: limit)
        var metrics = MetricCardinality()
        var isDamaged = false
        for file in files {
            do {
                let input = try InputFile(file)
                switch input.kind {
                case .spans:
                    isDamaged = input.readSpans(note: Self.note) { spans.add($0.span) } > 0 || isDamaged
                case .metrics:
                    let text = try input.bytes()
                    let problems = ExpositionText.problems(in: text).filter(\.outcome.losesSomething)
                    for problem in problems.prefix(5) { Self.note("\(file): \(problem)") }
                    if problems.count > 5 {
                        Self.note("\(file): \(problems.count - 5) more problems; see 'spankit prom check'")
                    }
                    isDamaged = isDamaged || !problems.isEmpty
                    metrics.add(ExpositionText.readableFamilies(in: text))
                case .json:
                    Self.note("\(file): is neither OTLP JSON nor a metrics file; give one that holds spans or metrics")
                    isDamaged = true
                }
            } catch {
                Self.note("\(error)")
                isDamaged = true
            }
        }
        let style = TerminalStyle(fileDescriptor: 1)
        let report = CardinalityReport(spans: spans, metrics: metrics, rowCount: rows, style: style)
        if spans.spanCount == 0 && metrics.families.isEmpty {
            Self.note("\(files.joined(separator: ", ")): no span and no metric there")
            throw ExitCode(ExitStatus.data.rawValue)
        }
        StandardStreams.output.write(report.text)
        if isDamaged { throw ExitCode(ExitStatus.data.rawValue) }
        if report.exceedsLimit { throw ExitCode(1) }
    }

    private static func note(_ line: String) {
        StandardStreams.error.write("spankit: \(line)\n")
    }
}
