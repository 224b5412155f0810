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

    /// Passes every span to a closure, and reports on standard error what cannot be read.
    /// - Throws: ``CommandFailure`` with status 65 if there is no span.
    func read(_ body: (DecodedSpan) throws -> Void) throws {
        _ = try readRuns(acceptsResults: false, body)
    }

    /// Passes every span to a closure, and reports on standard error what cannot be read.
    /// - Returns: The results files, each with its content.
    /// - Throws: ``CommandFailure`` with status 65 if there is neither a span nor a results file.
    func readRuns(
        acceptsResults: Bool = true,
        _ body: (DecodedSpan) throws -> Void
    ) throws -> [RunInput.File] {
        var count = 0
        func counted(_ span: DecodedSpan) throws {
            count += 1
            try body(span)
        }
        var problemCount = 0
        var results: [RunInput.File] = []
        if let spool {
            let both = CommandFailure(.usage, "give either files or --spool, not both")
            guard files.isEmpty || acceptsResults else { throw both }
            for file in files {
                guard case .results(let read) = try RunInput.read(file, { _ in throw both }) else { throw both }
                results.append(read)
            }
            problemCount = try SpoolReading(directory: spool).read(counted)
        } else {
            for file in try inputs {
                switch try RunInput.read(file, counted) {
                case .traces(let count): problemCount += count
                case .results(let read) where acceptsResults: results.append(read)
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

    /// Passes every trace to a closure.
    func assemble(
        details: TraceSpan.DetailLevel = .none,
        _ body: (Trace, NameTable) -> Void
    ) throws -> TraceAssembler {
        try Self.assemble(details: details, from: read, body)
    }

    /// Assembles traces from the spans of a source and passes them to a closure.
    static func assemble(
        details: TraceSpan.DetailLevel = .none,
        from source: @escaping ((DecodedSpan) throws -> Void) throws -> Void,
        _ body: (Trace, NameTable) -> Void
    ) throws -> TraceAssembler {
        var assembler = TraceAssembler(details: details)
        try source { assembler.add($0, body) }
        assembler.finish(body)
        assembler.reportProblems()
        return assembler
    }

    /// Reads one file.
    /// - Returns: The number of problems.
    static func read(_ file: String, _ body: (DecodedSpan) throws -> Void) throws -> Int {
        switch try RunInput.read(file, body) {
        case .traces(let problemCount): return problemCount
        case .results: throw isResultsFile(file)
        }
    }

    /// Reads the trace whose id begins with a prefix or, without one, the slowest trace.
    func readTrace(
        beginningWith prefix: String?,
        details: TraceSpan.DetailLevel = .folded
    ) throws -> (Trace, NameTable) {
        var slowest = SlowestTraces(limit: 1) { $0 }
        let wanted = prefix?.lowercased() ?? ""
        let names = try Self.assemble(
            details: details,
            from: { add in
                try read { if wanted.isEmpty || "\($0.span.context.traceID)".hasPrefix(wanted) { try add($0) } }
            },
            { trace, _ in slowest.add(trace) }
        ).names
        guard let trace = slowest.traces.first else {
            throw CommandFailure(.data, "there is no trace whose id begins with '\(prefix ?? "")'")
        }
        return (trace, names)
    }
}

extension TraceAssembler {
    /// Reports on standard error what the numbers leave out.
    /// - Parameter untimed: What happens to spans without times.
    func reportProblems(untimed: String = "counted, but not included in any duration") {
        if partedTraceCount > 0 {
            StandardStreams.note(
                "\(partedTraceCount) of \(traceCount) traces \(partedTraceCount == 1 ? "was" : "were") evaluated before the last spans were read, to limit memory; "
                    + "the later spans count as separate traces"
            )
        }
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
