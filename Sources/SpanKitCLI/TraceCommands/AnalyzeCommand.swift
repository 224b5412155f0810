import ArgumentParser
import SpanKitReports

/// `spankit analyze`
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "analyze",
        abstract: "Find bottlenecks and the improvements with the best gain for effort.",
        discussion: """
            Reads traces (OTLP JSON lines), results files, or both of the same runs. Repeated calls and calls that could run in \
            parallel are found only in traces.

            Impact is how much shorter a trace would be if the operation took no time of its own. Work that runs while other work \
            runs has no impact. Each piece of advice names a measurement, what its gain assumes, and a trace to look at. \
            docs/analyzing-traces.md lists the rules. --where, --since and --until select the traces that contain a matching span.

            Exit status: 0 written, 64 wrong usage, 65 nothing could be read, 73 the output could not be written.
            """,
        examples: [
            "analyze traces.jsonl", "analyze --limit 5 traces.jsonl",
            "analyze --out BOTTLENECK_ANALYSIS.md traces.jsonl",
        ]
    )

    @Argument(
        help: ArgumentHelp(
            "Results files and files of OTLP JSON lines, optionally compressed with gzip; '-' is standard input.",
            valueName: "files"
        )
    )
    var files: [String] = []

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Write the analysis as Markdown to this file.", valueName: "path"))
    var out: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var services: ServiceOptions

    static let rows = RowLimit(noun: "operations", inText: 20, limitsMarkdown: true)

    @Option(parsing: .unconditional, help: AnalyzeCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    func run() throws {
        if let out { try OutputPath(out).checkFile("--out") }
        let address = try server.address()
        guard files.isEmpty == (address != nil) else {
            throw CommandFailure(.usage, "give files, or --server URL")
        }
        var wanted = try selection.selection()
        wanted.isPreselected = address != nil
        let selected = wanted
        var results: [RunInput.File] = []
        var totals = TraceTotals()
        var patterns = TracePatterns(mergesServices: services.mergeServices)
        let read = try TraceInput.assemble(
            selected,
            .traces,
            zone: selection.zone,
            from: { add in
                if let address { _ = try ServerReading(address, selected).read(add) }
                for file in files {
                    guard case .results(let one) = try RunInput.read(file, add) else { continue }
                    try selection.rejectResults(file)
                    results.append(one)
                }
            }
        ) {
            totals.add($0, names: $1)
            patterns.add($0)
        }
        totals.mergedOperations.report()
        let analysis: BottleneckAnalysis
        if results.isEmpty {
            guard read.spanCount > 0 else {
                throw CommandFailure(
                    .data,
                    "the input contains no results or spans; give results files or OTLP JSON lines"
                )
            }
            let sources = address.map { [$0.description] } ?? files.map(RunInput.name)
            if services.mergeServices { totals = totals.mergingServices }
            analysis = BottleneckAnalysis(sources: sources, totals, patterns, names: read.names)
        } else {
            guard let known = try RunInput.merged(results).analysis else {
                let names = results.map(\.name).joined(separator: ", ")
                throw CommandFailure(.data, "\(names): there are durations, but no call tree; give traces")
            }
            analysis = read.spanCount > 0 ? known.adding(patterns, read.names) : known
        }
        // The Markdown is a page for people, as the text is.
        let isPage = out != nil || output.format == .md
        let report = BottleneckReport(analysis, limit: Self.rows.rows(limit, as: isPage ? .md : output.format))
        guard let out else {
            if isPage { return StandardStreams.output.write(report.markdown) }
            output.format.write(report.document) { report.text(style: $0) }
            // The text and the Markdown contain them.
            if output.format != .text { for line in analysis.limits { StandardStreams.note(line) } }
            return
        }
        try OutputPath(out).write(report.markdown)
        StandardStreams.output.write("Analysis written to \(out)\n")
    }
}
