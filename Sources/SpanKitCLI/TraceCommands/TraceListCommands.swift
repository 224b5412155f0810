import ArgumentParser
import SpanKitReports

/// `spankit slow`
struct SlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "slow",
        abstract: "List the slowest traces and the slowest span of each.",
        discussion: """
            'spankit tree --trace ID' shows one of the traces.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """,
        examples: ["slow traces.jsonl", "slow --limit 3 --format json traces.jsonl"]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(parsing: .unconditional, help: "The maximum number of traces.", transform: WholeNumber.atLeast(1))
    var limit = 10

    func run() throws {
        var slowest = TraceList(.slowest, limit: limit, keeping: TraceFacts.init)
        let names = try input.assemble { trace, _ in slowest.add(trace) }.names
        let listing = slowest.listing(names: names)
        output.format.write(listing) {
            slowest.text(title: "Slowest traces", listing, empty: "No spans.", style: $0)
        }
    }
}

/// `spankit errors`
struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "errors",
        abstract: "List the spans that failed.",
        discussion: """
            An error that is passed on to parent spans is listed once, at the innermost span with the status error. The slowest \
            traces come first.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """,
        examples: ["errors traces.jsonl", "errors --format csv traces.jsonl"]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(parsing: .unconditional, help: "The maximum number of traces.", transform: WholeNumber.atLeast(1))
    var limit = 20

    func run() throws {
        var failed = TraceList(.withErrors, limit: limit, keeping: TraceFailures.init)
        let names = try input.assemble(details: .folded) { trace, _ in failed.add(trace) }.names
        let listing = failed.listing(names: names)
        output.format.write(listing) { failed.text(title: "Errors", listing, empty: "No errors.", style: $0) }
    }
}
