import ArgumentParser
import SpanKitReports
import SpanKitSummaries

/// `spankit tree`
struct TreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "tree",
        abstract: "Show one trace as a waterfall: the call tree with start times and durations.",
        discussion: """
            Without --trace the slowest trace is shown, or the slowest one with a span that matches --where, --since and --until. Spans that were open when their process ended are marked "unfinished". Log records of the trace are shown inside their spans in the order of their times.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, there is no such trace, or the digits are the \
            beginning of several ids.
            """,
        examples: [
            "tree --trace 4bf92f35 --full traces.jsonl",
            "tree --where 'error and name~GET' traces.jsonl",
            "tree --format speedscope traces.jsonl > trace.speedscope.json",
        ]
    )

    @OptionGroup var input: TraceInput

    @Option(help: "The output format: text, json, csv, md or speedscope (for https://www.speedscope.app).")
    var format = Format.text

    static let rows = RowLimit(noun: "spans, of which the longest are shown with their ancestors", inText: 200)

    @Option(parsing: .unconditional, help: TreeCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    @Flag(help: "Show every attribute and event on a separate line, all log records, and chat messages as text.")
    var full = false

    func run() throws {
        let details: TraceSpan.DetailLevel = format == .json || format == .csv ? .typed : full ? .full : .folded
        let (chosen, names) = try input.readTrace(details: details, readsLogs: true)
        if let common = OutputFormat(rawValue: format.rawValue) {
            let report = TreeReport(chosen, names: names, limit: Self.rows.rows(limit, as: common), isFull: full)
            return common.write(report.document, zone: input.selection.zone) { report.text(style: $0) }
        }
        let profile = SpeedscopeProfile(chosen, names: names)
        StandardStreams.output.write(profile.json.compact + "\n")
        if profile.leftOutCount > 0 {
            let spans = Readable.count(profile.leftOutCount, of: "span", "is", "are")
            StandardStreams.note("\(spans) left out because too many spans ran at the same time")
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv, md, speedscope
    }
}
