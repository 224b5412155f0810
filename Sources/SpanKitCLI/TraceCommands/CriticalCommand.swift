import ArgumentParser
import SpanKitReports

/// `spankit critical`
struct CriticalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "critical",
        abstract: "Show the critical path: the work that determines how long traces take.",
        discussion: """
            Shows averages over all traces or, with --trace, the steps of one trace. Work that is not on the critical path ran in \
            parallel; shortening it does not shorten the trace. --where, --since and --until select the traces that contain a matching \
            span.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, there is no such trace, or the digits are the \
            beginning of several ids.
            """,
        examples: [
            "critical traces.jsonl", "critical --trace 4bf92f35 traces.jsonl",
            "critical --where 'name=\"GET /cart\"' traces.jsonl",
        ]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions
    @OptionGroup var services: ServiceOptions

    static let rows = RowLimit(noun: "rows", inText: 40)

    @Option(parsing: .unconditional, help: CriticalCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    func run() throws {
        let limit = Self.rows.rows(limit, as: output.format)
        if input.selection.trace != nil {
            let (chosen, names) = try input.readTrace()
            let document = CriticalReport.document(of: chosen, names: names, limit: limit)
            output.format.write(document, zone: input.selection.zone) {
                CriticalReport.text(of: chosen, names: names, limit: limit, style: $0)
            }
            return note(CriticalReport.leftOut(of: chosen))
        }
        var report = CriticalReport(mergesServices: services.mergeServices)
        let names = try input.assemble(.traces) { trace, _ in report.add(trace) }.names
        output.format.write(report.document(names: names, limit: limit)) {
            report.text(names: names, limit: limit, style: $0)
        }
        note(report.leftOut)
    }

    /// Writes sentences to standard error, unless the output is text, which contains them.
    private func note(_ sentences: [String]) {
        if output.format != .text { sentences.forEach(StandardStreams.note) }
    }
}
