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
            percentiles of several runs are as exact as those of one.

            Exit status: 0 printed, 64 wrong usage, 65 a file cannot be read or is damaged, 73 output could not be written.
            """,
        examples: ["summary results.json", "summary --json monday.json tuesday.json"]
    )

    @Argument(help: ArgumentHelp("Results files.", valueName: "results.json"))
    var files: [String]

    @Flag(help: "Print JSON instead of tables.")
    var json = false

    func run() throws {
        for file in files where (try? InputFile(file))?.kind == .spans {
            throw CommandFailure(.data, "\(file): contains traces, not the results of a run; use 'spankit top'")
        }
        let results: RunResults
        do {
            var read: [(file: String, json: [UInt8])] = []
            for file in files { read.append((file, try ResultsFile.bytes(of: file))) }
            results = try RunResults(read, reader: SpanKitCommand.resultsReader)
        } catch {
            throw CommandFailure(.data, error.description)
        }
        guard !json else { return StandardStreams.output.write(try results.json()) }
        StandardStreams.output.write(results.summary(TerminalStyle(fileDescriptor: 1)))
    }
}
