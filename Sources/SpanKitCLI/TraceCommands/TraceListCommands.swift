import ArgumentParser
import SpanKitReports
import SpanKitSummaries

/// `spankit slow`
struct SlowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "slow",
        abstract: "List the slowest traces and the slowest span of each.",
        discussion: """
            'spankit tree --trace ID' shows one of the traces. --where, --since and --until select the traces that contain a matching \
            span.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """,
        examples: [
            "slow traces.jsonl", "slow --limit 3 --format json traces.jsonl",
            "slow --where 'http.route=/checkout and error' --since 1h traces.jsonl",
        ]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    static let rows = RowLimit(noun: "traces", inText: 10)

    @Option(parsing: .unconditional, help: SlowCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    func run() throws {
        let limit = Self.rows.rows(limit, as: output.format)
        var slowest = SlowestTraces(limit: limit, keeping: TraceFacts.init)
        let names = try input.assemble(.traces) { trace, _ in slowest.add(trace) }.names
        let listing = slowest.listing(names: names)
        output.format.write(ReportDocument(.slow, listing), zone: input.selection.zone) {
            slowest.text(title: "Slowest traces", listing, empty: "No spans.", style: $0)
        }
    }
}

/// `spankit errors`
struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "errors",
        abstract: "Show why operations failed: causes, counts, times, traces.",
        discussion: """
            A span failed if it has the status error, or an exception and no status. Exceptions are span events or log records; a \
            failure that is recorded as both counts once. An error that is passed on to parent spans \
            counts once, at the innermost span that failed. Failures are grouped by service, operation, type of error and message, \
            in which numbers, ids and quoted values are replaced by '…'. The share is the fraction of the operation's runs. The trace is the \
            one with the last failure. --where, --since and --until select spans; an error counts at the innermost selected span.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """,
        examples: [
            "errors traces.jsonl", "errors --format csv traces.jsonl",
            "errors --where 'service=checkout' --since '2026-11-23 10:15' traces.jsonl",
        ]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions
    @OptionGroup var services: ServiceOptions

    static let rows = RowLimit(noun: "causes", inText: 20)

    @Option(parsing: .unconditional, help: ErrorsCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    func run() throws {
        let limit = Self.rows.rows(limit, as: output.format)
        var failures = FailureGroups(mergesServices: services.mergeServices)
        let assembler = try input.assemble(.spans, details: .causes, readsLogs: true) { trace, _ in failures.add(trace)
        }
        let report = FailureReport(failures, names: assembler.names, limit: limit)
        output.format.write(report.document, zone: input.selection.zone) { report.text(style: $0) }
        if let sentence = failures.ungroupedSentence { StandardStreams.note(sentence) }
        let outside = failures.failureCountOutsideSpans + assembler.leftOutLogs.failureCount
        if outside > 0 {
            let records = Readable.count(outside, of: "log record")
            let verb = outside == 1 ? "is" : "are"
            StandardStreams.note(
                "\(records) with an exception \(verb) in no span of the input and not counted; list exceptions with "
                    + "'spankit logs --where \"exception.type or exception.message\"'"
            )
        }
    }
}
