import ArgumentParser
import Reports

/// `spankit top`: what every operation costs.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show what every operation costs: runs, errors, percentiles, its own time.",
        discussion: """
            Own time ("Self") is the time in which none of a span's children ran; its shares add up to 100 %. Memory is \
            bounded, however large the input.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read.
            """
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var output: OutputOptions

    @Option(help: "Order by self, total, count, errors, p95, max or name.")
    var sort = TopReport.Order.own

    @Option(help: "Rows at most.")
    var limit = 40

    func run() throws {
        var assembler = TraceAssembler()
        var totals = TraceTotals()
        try input.read { span in
            assembler.add(span) { totals.add($0, names: $1) }
        }
        assembler.finish { totals.add($0, names: $1) }
        let report = TopReport(totals, order: sort, limit: limit)
        output.write(report.listing) { report.text(style: $0) }
        assembler.noteParts()
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
