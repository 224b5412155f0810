import Foundation
import SpanKitInputs
import SpanKitReports

/// Reads a run from traces or results files.
enum RunInput {
    /// A results file with its name.
    typealias File = (name: String, json: [UInt8])

    /// Reads a results file, a trace file or a server. Of traces, only the selected spans count.
    /// - Parameter server: The server whose spans to read. The file is then a filter of its spans.
    static func read(_ file: String, _ filter: FilterOptions, server: ServerAddress? = nil) throws -> RunStatistics {
        var totals = TraceTotals()
        var problemCount = 0
        var results: File?
        var selection = try filter.selection()
        if server != nil {
            try selection.narrow(to: file)
            selection.isPreselected = true
        }
        let wanted = selection
        let spanCount = try TraceInput.assemble(
            wanted,
            .spans,
            zone: filter.zone,
            run: name(of: file),
            from: { add in
                if let server {
                    problemCount = try ServerReading(server, wanted).read(add)
                    return
                }
                switch try read(file, add) {
                case .results(let read):
                    try filter.rejectResults(file)
                    results = read
                case .traces(let count): problemCount = count
                }
            }
        ) {
            totals.add($0, names: $1)
        }.spanCount
        totals.mergedOperations.report()
        if let results {
            // Only durations are compared, so the reader of other content is not needed.
            return RunStatistics(name: results.name, try merged([results], reader: nil).operations)
        }
        guard spanCount > 0 else {
            let reason = problemCount > 0 ? "no spans could be read" : "contains no spans"
            if let server { throw CommandFailure(.data, "\(server): no span matches '\(file)'") }
            throw CommandFailure(.data, "\(file): \(reason); give OTLP JSON lines or a results file")
        }
        return RunStatistics(name: name(of: file), totals)
    }

    /// The name of a file in reports.
    static func name(of file: String) -> String {
        if ServerAddress.isURL(file) { return (try? ServerAddress(file).description) ?? file }
        return file == "-" ? "standard input" : URL(filePath: file).lastPathComponent
    }

    /// What a file was read as.
    enum Reading {
        case results(File)
        /// Traces, and the number of problems, which were reported.
        case traces(problemCount: Int)
    }

    /// Reads a file once, or all spans of a server if it is a URL. Passes the spans on, and reports on standard error what cannot be read.
    static func read<Product: SourceProduct>(_ file: String, _ sink: SourceSink<Product>) throws -> Reading {
        if ServerAddress.isURL(file) {
            return .traces(problemCount: try ServerReading(ServerAddress(file)).read(sink))
        }
        if ClickHouseServer.isAddress(file) {
            throw CommandFailure(
                .usage,
                "the address of a ClickHouse server is not a file; use 'spankit top --from', 'spankit diff' or 'spankit sql --from'"
            )
        }
        let input: InputFile
        do { input = try InputFile(file) } catch { throw CommandFailure(.data, error.description) }
        let reading = try input.read(sink.reader, sink.take)
        if case .json(let json) = reading.content, RunResults.isReadable(json) {
            if let failure = reading.failure { StandardStreams.note("\(failure)") }
            return .results((name(of: file), json))
        }
        return .traces(problemCount: reading.reportProblems())
    }

    /// Merges results files into one run.
    static func merged(
        _ files: [File],
        reader: RunResults.Reader? = SpanKitCommand.additions.resultsReader
    ) throws(CommandFailure) -> RunResults {
        do { return try RunResults(files.map { (file: $0.name, json: $0.json) }, reader: reader) } catch {
            throw CommandFailure(.data, error.description)
        }
    }
}
