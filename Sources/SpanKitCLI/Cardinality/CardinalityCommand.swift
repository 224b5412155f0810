import ArgumentParser
import SpanKitPrometheusText
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// `spankit cardinality`
struct CardinalityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "cardinality",
        abstract: "Find the span names, attributes and labels that make too many series.",
        discussion: """
            Reads OTLP JSON lines of spans and metrics, and .prom files, optionally compressed with gzip; '-' is standard input. Names that differ only \
            in a number or an id are shown as one shape with their number.

            Exit status: 0 every operation has separate series, 1 some would share the overflow series, 64 wrong usage, 65 a file \
            cannot be read completely.
            """,
        examples: ["cardinality traces.jsonl", "cardinality --rows 5 app.prom"]
    )

    @Argument(help: ArgumentHelp("OTLP JSON lines or .prom files.", valueName: "files"))
    var files: [String]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum number of operations with separate series.", valueName: "number"),
        transform: WholeNumber.atLeast(0)
    )
    var limit = SpanMetrics.Configuration().maximumLabelSets

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The maximum number of rows of each table (default: 15 as text, all in other formats).",
            valueName: "number"
        ),
        transform: WholeNumber.atLeast(1)
    )
    var rows: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var spans = SpanCardinality(limit: limit)
        var metrics = MetricCardinality()
        var isDamaged = false
        for file in files {
            do {
                let reading = try InputFile(file).readElements(keepsText: true) { element in
                    switch element {
                    case .span(let span): spans.add(span.span)
                    case .metric(let metric): metrics.add(metric)
                    }
                }
                switch reading.content {
                case .traces:
                    isDamaged = reading.reportProblems() > 0 || isDamaged
                case .json(let text), .text(let text?):
                    if let failure = reading.failure { StandardStreams.note("\(failure)") }
                    isDamaged = isDamaged || reading.failure != nil
                    let families = ExpositionText.readableFamilies(in: text)
                    guard !families.isEmpty || InputFile.firstVisibleByte(of: text) != InputFile.brace else {
                        StandardStreams.note("\(reading.name): is neither OTLP JSON nor a metrics file")
                        isDamaged = true
                        continue
                    }
                    let problems = ExpositionText.problems(in: text, maximumProblems: .max)
                        .filter(\.outcome.losesSomething)
                    for problem in problems.prefix(5) { StandardStreams.note("\(reading.name): \(problem)") }
                    if problems.count > 5 {
                        let more = Readable.count(problems.count - 5, of: "more problem")
                        StandardStreams.note("\(reading.name): \(more); see 'spankit prom check'")
                    }
                    isDamaged = isDamaged || !problems.isEmpty
                    metrics.add(families)
                case .text(nil):
                    let limit = "\(ResultsFile.largestBytes >> 20) MiB"
                    StandardStreams.note("\(reading.name): is larger than \(limit) and contains no spans; split it")
                    isDamaged = true
                }
            } catch {
                StandardStreams.note("\(error)")
                isDamaged = true
            }
        }
        let style = TerminalStyle(fileDescriptor: 1)
        let rowCount = rows ?? (output.format == .text ? 15 : .max)
        let report = CardinalityReport(spans: spans, metrics: metrics, rowCount: rowCount, style: style)
        if spans.spanCount == 0 && metrics.families.isEmpty {
            StandardStreams.note(
                "\(files.joined(separator: ", ")): no spans or metrics found; "
                    + "give OTLP JSON lines or metrics files"
            )
            throw ExitCode(ExitStatus.data.rawValue)
        }
        if output.format == .text {
            StandardStreams.output.write(report.text)
        } else {
            output.format.write(report.document, limitOption: "--rows")
        }
        if isDamaged { throw ExitCode(ExitStatus.data.rawValue) }
        if report.exceedsLimit { throw ExitCode(1) }
    }
}
