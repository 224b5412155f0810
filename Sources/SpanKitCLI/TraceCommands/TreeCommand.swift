import ArgumentParser
import SpanKitRecording
import SpanKitReports

/// `spankit tree`: one trace as a waterfall.
struct TreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Show one trace as a waterfall: who called whom, when, and for how long.",
        discussion: """
            Without --trace the slowest trace is shown. Spans that were open when their process ended are marked \
            "unfinished".

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, or no such trace.
            """
    )

    @OptionGroup var input: TraceInput

    @Option(help: "text, json, csv, md or speedscope (for https://www.speedscope.app).")
    var format = Format.text

    @Option(help: ArgumentHelp("The trace with this id, or with an id that begins so.", valueName: "id"))
    var trace: String?

    @Option(parsing: .unconditional, help: "Spans shown at most; the longest are.", transform: WholeNumber.atLeast(1))
    var limit = 200

    @Flag(help: "Show every attribute and event on lines of their own, chat messages as text.")
    var full = false

    func run() throws {
        let (chosen, names) = try input.readTrace(beginningWith: trace, details: full ? .full : .folded)
        guard let common = format.common else { return writeSpeedscope(chosen, names) }
        let report = TreeReport(chosen, names: names, limit: limit, isFull: full)
        common.write(report.listing) { report.text(style: $0) }
    }

    /// What the other commands can write, and what only a trace can become.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv, md, speedscope

        /// Nil for ``speedscope``.
        var common: OutputFormat? { OutputFormat(rawValue: rawValue) }
    }

    private func writeSpeedscope(_ trace: Trace, _ names: NameTable) {
        let profile = SpeedscopeProfile(trace, names: names)
        StandardStreams.output.write(profile.json.compact + "\n")
        if profile.leftOutCount > 0 {
            TraceInput.note("\(profile.leftOutCount) spans are left out: more ran at one time than there are lanes")
        }
    }
}

extension TraceInput {
    /// The trace whose id begins so, or the slowest.
    func readTrace(
        beginningWith prefix: String?,
        details: TraceSpan.DetailLevel = .folded
    ) throws -> (Trace, NameTable) {
        var assembler = TraceAssembler(details: details)
        var slowest = TraceList(.slowest, limit: 1) { $0 }
        let wanted = prefix?.lowercased()
        try read { span in
            if let wanted, !"\(span.span.context.traceID)".hasPrefix(wanted) { return }
            assembler.add(span) { trace, _ in slowest.add(trace) }
        }
        assembler.finish { trace, _ in slowest.add(trace) }
        guard let trace = slowest.traces.first else {
            throw CommandFailure(.data, "no trace begins with '\(prefix ?? "")'")
        }
        assembler.noteParts()
        return (trace, assembler.names)
    }
}
