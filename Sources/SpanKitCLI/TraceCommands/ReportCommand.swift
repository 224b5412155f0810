import ArgumentParser
import SpanKitReports
import SpanKitSummaries

/// `spankit report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "report",
        abstract: "Write an HTML page to explore a run: operations, errors, traces, flame graph.",
        discussion: """
            Reads traces (OTLP JSON lines), results files, or both of the same run: results files contain conversations, traces \
            contain the call tree. The page needs no network, and its tables are readable without scripts. --before adds an earlier run \
            and the changes since then. --where, --since and --until select the traces that contain a matching span.

            All traces can be searched and opened on the page, up to 200,000 spans; long texts count as several spans. Of a larger \
            input, the page contains the slowest traces, those that the errors name, and a random sample. Its tables always count \
            all spans.

            Exit status: 0 written, 64 wrong usage, 65 nothing could be read, or the prices cannot be used, 73 the page could not be \
            written.
            """,
        examples: ["report traces.jsonl", "report --before before.jsonl --out changes.html after.jsonl"]
    )

    @OptionGroup var input: TraceInput

    @Option(help: ArgumentHelp("The file to write.", valueName: "path"))
    var out = "report.html"

    @Option(
        help: ArgumentHelp(
            "An earlier run to compare with: traces or a results file; '-' is standard input.",
            valueName: "file"
        )
    )
    var before: String?

    @Option(help: "The heading (default: the names of the files).")
    var title: String?

    @Flag(help: "Put all traces and whole texts on the page, without a limit.")
    var complete = false

    @OptionGroup var prices: PriceOptions

    func run() throws {
        try OutputPath(out).checkFile("--out")
        let selection = try input.wanted()
        let old = try before.map { try RunInput.read($0, input.selection.filter) }
        var results: [RunInput.File] = []
        var content = HTMLReport.Content(
            prices: try prices.modelPrices(),
            spanLimit: complete ? .max : nil
        )
        let assembler = try TraceInput.assemble(
            selection,
            .traces,
            details: .page,
            readsLogs: true,
            zone: input.selection.zone,
            from: { results = try input.readRuns(selecting: selection, $0) },
            { content.add($0, $1) }
        )
        for sentence in content.merged { StandardStreams.note(sentence) }
        let files = input.files.map(RunInput.name)
        let report = HTMLReport(
            title: title
                ?? (files.isEmpty
                    ? input.serverName ?? input.spool ?? "standard input" : files.joined(separator: ", ")),
            content,
            names: assembler.names,
            sources: files,
            results: results.isEmpty ? nil : try RunInput.merged(results),
            before: old,
            longestValue: complete ? nil : PageData.longestValue
        )
        let page = report.html
        try OutputPath(out).write(page)
        for note in report.notes { StandardStreams.note("\(out): \(note)") }
        let logs = assembler.leftOutLogs
        if logs.tracelessCount + logs.spanlessCount > 0 {
            let records = Readable.count(logs.tracelessCount + logs.spanlessCount, of: "log record", "is", "are")
            StandardStreams.note(
                "\(out): \(records) not on the page: without a trace in the input; 'spankit logs' lists them"
            )
        }
        StandardStreams.output.write("Report written to \(out), \(Readable.bytes(Double(page.utf8.count)))\n")
    }
}
