import ArgumentParser
import SpanKitReports

/// `spankit critical`
struct CriticalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "critical",
        abstract: "Show the critical path: the work that determines how long traces take.",
        discussion: """
            Shows averages over all traces or, with --trace, the steps of one trace. Work that is not on the critical path ran in \
            parallel; shortening it does not shorten the trace.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, or there is no such trace.
            """,
        examples: ["critical traces.jsonl", "critical --trace 4bf92f35 traces.jsonl"]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Show the trace whose id begins with these digits.", valueName: "id"))
    var trace: String?

    static let rows = RowLimit(noun: "rows", inText: 40)

    @Option(parsing: .unconditional, help: CriticalCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    func run() throws {
        let limit = Self.rows.rows(limit, as: output.format)
        if trace != nil {
            let (chosen, names) = try input.readTrace(beginningWith: trace)
            return output.format.write(CriticalReport.document(of: chosen, names: names, limit: limit)) {
                CriticalReport.text(of: chosen, names: names, limit: limit, style: $0)
            }
        }
        var report = CriticalReport()
        let names = try input.assemble { trace, _ in report.add(trace) }.names
        output.format.write(report.document(names: names, limit: limit)) {
            report.text(names: names, limit: limit, style: $0)
        }
    }
}
