import ArgumentParser
import SpanKitReports
import SpanKitSummaries

/// `spankit summary`
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "summary",
        abstract: "Print the tables of results files; several files are merged.",
        discussion: """
            Reads the files of 'spankit profile' and of a profiler's exportJSON(). Distributions are merged exactly, so the \
            percentiles of several runs are as exact as those of one. For CSV and Markdown, use 'spankit top'.

            Exit status: 0 printed, 64 wrong usage, 65 a file cannot be read or is damaged, 73 output could not be written.
            """,
        examples: ["summary results.json", "summary --format json monday.json tuesday.json"]
    )

    @Argument(help: ArgumentHelp("Results files.", valueName: "results.json"))
    var files: [String]

    @Option(help: "The output format: text or json.")
    var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func run() throws {
        let results: RunResults
        do {
            let read = try files.map { (file: $0, json: try Self.bytes(of: $0)) }
            results = try RunResults(read, reader: SpanKitCommand.additions.resultsReader)
        } catch let error as ResultsFileError {
            throw CommandFailure(.data, error.description)
        }
        guard format == .text else {
            return StandardStreams.output.write(try DocumentedContent(.summary, results.content).json())
        }
        StandardStreams.output.write(results.summary(TerminalStyle(fileDescriptor: 1)))
    }

    private static func bytes(of file: String) throws -> [UInt8] {
        let traces = CommandFailure(.data, "\(file): contains traces, not the results of a run; use 'spankit top'")
        let input: InputFile
        do { input = try InputFile(file) } catch { throw CommandFailure(.data, error.description) }
        let reading = try input.read(keepsText: true) { _ in throw traces }
        if let failure = reading.failure { throw CommandFailure(.data, failure.description) }
        switch reading.content {
        case .traces: throw traces
        case .json(let bytes), .text(let bytes?): return bytes
        case .text(nil): throw ResultsFileError.tooLarge(file: file, limitBytes: ResultsFile.largestBytes)
        }
    }
}
