import ArgumentParser
import Reports
import Summaries

/// `spankit summary`: the tables of results files.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Print the tables of results files, several taken together.",
        discussion: """
            Reads files that 'spankit profile' wrote. Distributions are merged exactly, so that percentiles of several \
            runs are as right as those of one.

            Exit status: 0 printed, 64 wrong usage, 65 a file cannot be read or is damaged, 73 output could not be written.
            """
    )

    @Argument(help: ArgumentHelp("Results files.", valueName: "results.json"))
    var files: [String]

    @Flag(help: "Print JSON instead of tables.")
    var json = false

    func run() throws {
        for file in files where (try? InputFile(file))?.kind == .spans {
            throw CommandFailure(.data, "\(file): holds traces, not the results of a run; ask 'spankit top'")
        }
        do {
            let results = try files.map { (file: $0, results: try ProfilingResults(contentsOf: $0)) }
            let merged = try MergedResults(results)
            if json {
                StandardStreams.output.write(try merged.json())
            } else {
                let report = SummaryReport(
                    title: SummaryTitle.title(for: merged),
                    detail: SummaryTitle.detail(for: merged),
                    aggregate: merged.aggregate
                )
                StandardStreams.output.write(report.text(style: TerminalStyle(fileDescriptor: 1)))
            }
        } catch let error as ResultsFileError {
            throw CommandFailure(.data, error.description)
        }
    }
}
