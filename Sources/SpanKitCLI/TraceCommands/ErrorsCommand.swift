import ArgumentParser
import SpanKitReports

/// `spankit errors`: what failed.
struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "List what failed, where it began.",
        discussion: """
            A failure that went up through its parents is shown once, at the innermost span with the status error. The \
            slowest traces with errors come first.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(parsing: .unconditional, help: "Traces at most.", transform: WholeNumber.atLeast(1))
    var limit = 20

    func run() throws {
        var assembler = TraceAssembler(details: .folded)
        var failed = TraceList(.withErrors, limit: limit, keeping: TraceFailures.init)
        try input.read { span in
            assembler.add(span) { trace, _ in failed.add(trace) }
        }
        assembler.finish { trace, _ in failed.add(trace) }
        let names = assembler.names
        output.write(failed.errors(names: names)) {
            failed.text(title: "Errors", failed.errors(names: names), empty: "No errors.", style: $0)
        }
        assembler.noteParts()
    }
}
