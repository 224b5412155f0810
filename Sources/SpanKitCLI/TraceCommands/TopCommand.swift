import ArgumentParser
import SpanKitReports

/// `spankit top`: what every operation costs.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show what every operation costs: runs, errors, percentiles, its own time.",
        discussion: """
            Own time ("Self") is the time in which none of a span's children ran; its shares add up to 100 %. Memory is \
            bounded, however large the input.

            Calls of language models (gen_ai.* attributes) have a table of their own: tokens, how much came out of the \
            provider's cache, time to the first token, and with --prices what they cost; calls far from the usual are named. \
            --by model or --by conversation shows that table alone, also to programs.

            Instead of traces, FILES may be results of 'spankit profile', several taken together.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, or prices that cannot be used.
            """
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(help: "A row for each operation, model or conversation.")
    var by = Subject.operation

    @Option(help: "Order operations by self, total, count, errors, p95, max or name.")
    var sort = TopReport.Order.own

    @OptionGroup var prices: PriceOptions

    @Option(parsing: .unconditional, help: "Rows at most.", transform: WholeNumber.atLeast(1))
    var limit = 40

    /// What a row is about.
    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case operation, model, conversation

        /// Nil for ``operation``.
        var grouping: ModelCallTotals.Grouping? {
            switch self {
            case .operation: nil
            case .model: .model
            case .conversation: .conversation
            }
        }
    }

    func run() throws {
        let (results, others) = RunInput.parted(input.files)
        if !results.isEmpty {
            guard others.isEmpty, input.spool == nil else {
                throw CommandFailure(.usage, "results files and traces tell of the same runs; give one or the other")
            }
            let run = try RunInput.merged(results)
            return write(run.totals, run.calls)
        }
        var assembler = TraceAssembler()
        var totals = TraceTotals()
        var calls = ModelCallTotals(prices: try prices.modelPrices())
        func take(_ trace: Trace, _ names: NameTable) {
            totals.add(trace, names: names)
            calls.add(trace)
        }
        try input.read { span in
            assembler.add(span, take)
        }
        assembler.finish(take)
        write(totals, calls)
        assembler.noteParts()
    }

    private func write(_ totals: TraceTotals, _ calls: ModelCallTotals) {
        if let grouping = by.grouping {
            let report = ModelCallReport(calls, by: grouping, limit: limit)
            output.write(report.listing) { report.text(style: $0) }
        } else {
            let report = TopReport(totals, order: sort, limit: limit, calls: calls)
            output.write(report.listing) { report.text(style: $0) }
        }
    }
}

extension TopReport.Order: ExpressibleByArgument {}

extension TraceAssembler {
    /// Says what bounded memory has done to the result.
    func noteParts() {
        guard partedTraceCount > 0 else { return }
        TraceInput.note(
            "\(partedTraceCount) of \(traceCount) traces had to be taken before all their spans had come, to keep memory bounded; "
                + "the rest of them counts as traces of their own"
        )
    }
}
