import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitSummaries

/// The input of the commands that read traces.
struct TraceInput: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Files of OTLP JSON lines, optionally compressed with gzip; '-' is standard input.",
            valueName: "files"
        )
    )
    var files: [String] = []

    @Option(help: ArgumentHelp("Read the spans in a spool without removing them.", valueName: "directory"))
    var spool: String?

    @OptionGroup var selection: SelectionOptions

    /// Passes all spans on, and reports on standard error what cannot be read.
    /// - Returns: The results files, each with its content.
    /// - Throws: ``CommandFailure`` with status 65 if there is neither a span nor a results file.
    func readRuns(
        acceptsResults: Bool = true,
        _ sink: SpanSink
    ) throws -> [RunInput.File] {
        var count = 0
        let counted = sink.with { spans in
            count += spans.count
            try sink.take(spans)
        }
        var problemCount = 0
        var results: [RunInput.File] = []
        if let spool {
            let both = CommandFailure(.usage, "give either files or --spool, not both")
            guard files.isEmpty || acceptsResults else { throw both }
            for file in files {
                guard case .results(let read) = try RunInput.read(file, sink.with { if $0.count > 0 { throw both } })
                else { throw both }
                try selection.rejectResults(file)
                results.append(read)
            }
            problemCount = try SpoolReading(directory: spool).read(counted)
        } else {
            for file in try inputs {
                switch try RunInput.read(file, counted) {
                case .traces(let count): problemCount += count
                case .results(let read) where acceptsResults:
                    try selection.rejectResults(file)
                    results.append(read)
                case .results: throw Self.isResultsFile(file)
                }
            }
        }
        guard count == 0, results.isEmpty else { return results }
        throw CommandFailure(
            .data,
            problemCount > 0
                ? "no spans could be read; see the problems above"
                : "the input contains no spans; give OTLP JSON lines"
        )
    }

    private static func isResultsFile(_ file: String) -> CommandFailure {
        let advice = "give OTLP JSON lines, or use 'spankit top'"
        return CommandFailure(.data, "\(file): is a results file, which contains no traces; \(advice)")
    }

    private var inputs: [String] {
        get throws {
            if !files.isEmpty { return files }
            guard isatty(STDIN_FILENO) == 0 else {
                throw CommandFailure(.usage, "there is no input; give files of OTLP JSON lines, '-' or --spool DIR")
            }
            return ["-"]
        }
    }

    /// How a command uses a selection of spans.
    enum Scope {
        /// Only the selected spans count. The other spans of their traces are passed on because times depend on them.
        case spans
        /// All spans count whose trace contains a selected span.
        case traces
    }

    /// Passes every trace with a selected span to a closure.
    func assemble(
        _ scope: Scope,
        details: TraceSpan.DetailLevel = .none,
        _ body: @escaping (Trace, NameTable) -> Void
    ) throws -> TraceAssembler {
        try Self.assemble(
            try selection.selection(),
            scope,
            details: details,
            zone: selection.zone,
            from: { _ = try readRuns(acceptsResults: false, $0) },
            body
        )
    }

    /// Assembles traces from the spans of a source and passes those with a selected span to a closure. Reports on standard error
    /// what is left out.
    /// - Parameters:
    ///   - zone: The zone of times in messages.
    ///   - run: The name of the run in messages, if there are several.
    static func assemble(
        _ wanted: SpanSelection,
        _ scope: Scope,
        details: TraceSpan.DetailLevel = .none,
        grouping: SpanGrouping? = nil,
        zone: DisplayZone,
        run: String? = nil,
        from source: (SpanSink) throws -> Void,
        _ body: @escaping (Trace, NameTable) -> Void
    ) throws -> TraceAssembler {
        var selection = wanted
        var assembler = TraceAssembler(details: details, grouping: grouping)
        var selectedCount = 0
        func deliver(_ trace: Trace, _ names: NameTable) {
            guard trace.hasSelection else { return }
            selectedCount += 1
            body(scope == .traces && wanted.selectsSpans ? trace.selectingAll : trace, names)
        }
        let reader = ParallelReader<PreparedSpans>(
            make: { PreparedSpans(wanted, details: details, grouping: grouping) },
            add: { $0.add($1) }
        )
        try source(
            SpanSink(reader: reader) { spans in
                selection.add(spans)
                assembler.add(spans, deliver)
            }
        )
        assembler.finish(deliver)
        try selection.checkTrace()
        selection.leaveOutRepeated(of: assembler)
        assembler.reportProblems()
        for (service, namespaces) in assembler.servicesOfSeveralNamespaces {
            StandardStreams.note(
                "service '\(service)' is in \(namespaces.count) namespaces (\(namespaces.prefix(5).joined(separator: ", "))), which "
                    + "count as one; select one with --where 'service.namespace=\(namespaces[0])'"
            )
        }
        selection.report(
            traceCounts: scope == .traces ? (selectedCount, assembler.traceCount) : nil,
            run: run,
            zone: zone
        )
        return assembler
    }

    /// Reads one file.
    /// - Returns: The number of problems.
    static func read(_ file: String, _ sink: SpanSink) throws -> Int {
        switch try RunInput.read(file, sink) {
        case .traces(let problemCount): return problemCount
        case .results: throw isResultsFile(file)
        }
    }

    /// Reads the slowest of the traces with a selected span.
    func readTrace(details: TraceSpan.DetailLevel = .folded) throws -> (Trace, NameTable) {
        var slowest = SlowestTraces(limit: 1) { $0 }
        let names = try assemble(.traces, details: details) { trace, _ in slowest.add(trace) }.names
        guard let trace = slowest.traces.first else {
            throw CommandFailure(.data, "no trace contains a span that matches")
        }
        return (trace, names)
    }
}

/// Prepares spans on several threads, and takes them in the order of the input.
struct SpanSink {
    let reader: ParallelReader<PreparedSpans>
    let take: (PreparedSpans) throws -> Void

    /// A copy that passes spans to another closure.
    func with(_ take: @escaping (PreparedSpans) throws -> Void) -> SpanSink { SpanSink(reader: reader, take: take) }
}

extension MergedTexts {
    /// Reports on standard error which names, services or values are merged because there are too many.
    func report() {
        if let sentence { StandardStreams.note(sentence) }
    }
}

extension TraceAssembler {
    /// Reports on standard error what the numbers leave out.
    /// - Parameters:
    ///   - untimed: What happens to spans without times.
    ///   - showsNames: Whether the output contains names from the assembler's table.
    func reportProblems(untimed: String = "counted, but not included in any duration", showsNames: Bool = true) {
        if partedTraceCount > 0 {
            let parted = (isPartedLowerBound ? "at least " : "") + Readable.count(partedTraceCount)
            let all = Readable.count(traceCount - laterPartCount, of: "trace")
            StandardStreams.note(
                "\(parted) of \(all) \(partedTraceCount == 1 ? "was" : "were") evaluated before all spans of \(partedTraceCount == 1 ? "it" : "them") were "
                    + "read, to limit memory; the later spans count as separate traces"
            )
        } else if isPartedLowerBound {
            StandardStreams.note(
                "more than \(Readable.count(TraceAssembler.earlyLimit)) traces were evaluated before the end of the input, to limit memory; "
                    + "later spans of some of them may count as separate traces; read fewer files at a time"
            )
        }
        if showsNames { for merged in mergedTexts { merged.report() } }
        if duplicateCount > 0 {
            let spans = Readable.count(duplicateCount, of: "repeated span", "was", "were")
            StandardStreams.note("\(spans) left out: equal to another span in all values")
        }
        if untimedCount > 0 {
            let spans = Readable.count(untimedCount, of: "span", "has", "have")
            let names = untimedNames.map(\.quoted).joined(separator: ", ")
            StandardStreams.note(
                "\(spans) no start or no end (\(names)); \(untimedCount == 1 ? "it is" : "they are") \(untimed)"
            )
        }
    }
}
