import ArgumentParser
import SpanKitReports

/// `spankit slow`: the slowest traces.
struct SlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow",
        abstract: "List the slowest traces, and where each of them spent most.",
        discussion: """
            'spankit tree --trace ID' shows one of them whole.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(parsing: .unconditional, help: "Traces at most.", transform: WholeNumber.atLeast(1))
    var limit = 10

    func run() throws {
        var assembler = TraceAssembler()
        var slowest = TraceList(.slowest, limit: limit, keeping: TraceFacts.init)
        try input.read { span in
            assembler.add(span) { trace, _ in slowest.add(trace) }
        }
        assembler.finish { trace, _ in slowest.add(trace) }
        let names = assembler.names
        output.write(slowest.listing(names: names)) {
            slowest.text(title: "Slowest traces", slowest.listing(names: names), empty: "No spans.", style: $0)
        }
        assembler.noteParts()
    }
}
