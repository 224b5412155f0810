import ArgumentParser
import SpanKitReports

/// `spankit critical`: what traces waited for.
struct CriticalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "critical",
        abstract: "Show the critical path: the work that traces waited for.",
        discussion: """
            Of all traces on average, or step by step of one with --trace. What is not on the path ran beside it: making it \
            shorter makes no trace shorter.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, or no such trace.
            """
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Only the trace with this id, or with an id that begins so.", valueName: "id"))
    var trace: String?

    @Option(parsing: .unconditional, help: "Rows at most.", transform: WholeNumber.atLeast(1))
    var limit = 40

    func run() throws {
        if trace != nil {
            let (chosen, names) = try input.readTrace(beginningWith: trace)
            return output.write(CriticalReport.steps(of: chosen, names: names)) {
                CriticalReport.text(of: chosen, names: names, style: $0)
            }
        }
        var assembler = TraceAssembler()
        var report = CriticalReport()
        try input.read { span in
            assembler.add(span) { trace, _ in report.add(trace) }
        }
        assembler.finish { trace, _ in report.add(trace) }
        let names = assembler.names
        output.write(report.listing(names: names, limit: limit)) { report.text(names: names, limit: limit, style: $0) }
        assembler.noteParts()
    }
}
