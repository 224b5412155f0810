import ArgumentParser
import SpanKitReports

/// `spankit top`
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "top",
        abstract: "Show the cost of each operation: runs, errors, percentiles and self time.",
        discussion: """
            Self time is the time in which none of a span's children ran; its shares add up to 100 %. The command needs a bounded \
            amount of memory for input of any size.

            Calls of language models (gen_ai.* attributes) are listed in a separate table with tokens, cache use, the time to the \
            first token and, with --prices, cost. Outliers are listed below it. --by model and --by conversation show only that \
            table, also as JSON or CSV.

            Instead of traces, the files may be results files. Several results files are merged.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, or the prices cannot be used.
            """,
        examples: [
            "top traces.jsonl", "top --sort p95 --format csv traces.jsonl",
            "top --by model --prices prices.json traces.jsonl",
        ]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(help: "The subject of a row: operation, model or conversation.")
    var by = Subject.operation

    @Option(help: "The order of operations: self, total, count, errors, p95, max or name.")
    var sort = TopReport.Order.own

    @OptionGroup var prices: PriceOptions

    static let rows = RowLimit(noun: "rows", inText: 40)

    @Option(parsing: .unconditional, help: TopCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case operation, model, conversation
    }

    func run() throws {
        var totals = TraceTotals()
        var calls = ModelCallTotals(prices: try prices.modelPrices())
        var results: [RunInput.File] = []
        let spanCount = try TraceInput.assemble(from: { results = try input.readRuns($0) }) { trace, names in
            totals.add(trace, names: names)
            calls.add(trace)
        }.spanCount
        guard !results.isEmpty else { return write(totals, calls) }
        guard spanCount == 0 else {
            throw CommandFailure(.usage, "give either results files or traces, because they contain the same runs")
        }
        let run = try RunInput.merged(results)
        write(run.totals, run.calls)
    }

    private func write(_ totals: TraceTotals, _ calls: ModelCallTotals) {
        let limit = Self.rows.rows(limit, as: output.format)
        guard by == .operation else {
            let report = ModelCallReport(calls, by: by == .model ? .model : .conversation, limit: limit)
            output.format.write(report.listing) { report.text(style: $0) }
            // The text contains them.
            if output.format != .text { for line in report.assumptions { StandardStreams.note(line) } }
            return
        }
        let report = TopReport(totals, order: sort, limit: limit, calls: calls)
        output.format.write(report.listing) { report.text(style: $0) }
    }
}

extension TopReport.Order: ExpressibleByArgument {}
