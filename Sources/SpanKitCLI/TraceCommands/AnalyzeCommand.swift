import ArgumentParser
import Foundation
import SpanKitReports

/// `spankit analyze`: what is worth doing first.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Find the bottlenecks, and what is worth doing about them first.",
        discussion: """
            Takes results files of 'spankit profile', traces (OTLP JSON lines), or both of the same runs: only traces show the \
            same call again and again, and calls one after the other that might run side by side.

            Strategies follow from the kind of work, the shape of its distribution, the number of calls, and their order; the \
            rules stand in docs/analyzing-traces.md.

            Exit status: 0 written, 64 wrong usage, 65 nothing could be read, 73 the output could not be written.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Results files, and OTLP JSON lines, gzip or not; '-' is traces on standard input.",
            valueName: "files"
        )
    )
    var files: [String]

    @Option(help: ArgumentHelp("Write the analysis as Markdown, as BOTTLENECK_ANALYSIS.md.", valueName: "path"))
    var out: String?

    @OptionGroup var output: OutputOptions

    @Option(parsing: .unconditional, help: "Operations at most.", transform: WholeNumber.atLeast(1))
    var limit = 20

    func run() throws {
        if let out { try OutputPath(out).checkFile("--out") }
        let (results, others) = RunInput.parted(files)
        var assembler = TraceAssembler()
        var totals = TraceTotals()
        var patterns = TracePatterns()
        var calls = ModelCallTotals()
        func take(_ trace: Trace, _ names: NameTable) {
            totals.add(trace, names: names)
            patterns.add(trace)
            calls.add(trace)
        }
        for file in others { _ = try TraceInput.read(file) { assembler.add($0, take) } }
        assembler.finish(take)
        guard !results.isEmpty || assembler.spanCount > 0 else {
            throw CommandFailure(
                .data,
                "no file holds results or spans; give what 'spankit profile' wrote, or OTLP JSON lines"
            )
        }
        assembler.noteParts()
        let analysis: BottleneckAnalysis
        if results.isEmpty {
            let names = files.map { URL(filePath: $0).lastPathComponent }
            analysis = BottleneckAnalysis(sources: names, totals, patterns, calls: calls, names: assembler.names)
        } else {
            guard let known = try RunInput.merged(results).analysis else {
                let reason = "tell how long operations took, and not which contains which; give traces"
                throw CommandFailure(.data, "\(results.map(\.name).joined(separator: ", ")): \(reason)")
            }
            analysis = assembler.spanCount > 0 ? known.adding(patterns, assembler.names) : known
        }
        let report = BottleneckReport(analysis, limit: limit)
        guard let out else {
            if output.format == .md { return StandardStreams.output.write(report.markdown) }
            return output.write(report.listing) { report.text(style: $0) }
        }
        try OutputPath(out).write(report.markdown)
        StandardStreams.output.write("Analysis written to \(out)\n")
    }
}
