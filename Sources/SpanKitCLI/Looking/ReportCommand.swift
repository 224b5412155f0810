import ArgumentParser
import Foundation
import Reports

/// `spankit report`: everything about a run on one HTML page.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write one HTML page about a run: tables, distributions, flame graph, traces.",
        discussion: """
            The page needs no network and is readable without scripts. --before draws another run beneath it and names what \
            changed.

            Exit status: 0 written, 64 wrong usage, 65 nothing could be read, 73 the page could not be written.
            """
    )

    @OptionGroup var input: TraceInput

    @Option(help: ArgumentHelp("Where the page goes.", valueName: "path"))
    var out = "report.html"

    @Option(help: ArgumentHelp("A run to compare with: traces or a results file.", valueName: "file"))
    var before: String?

    @Option(help: "The heading (default: the names of the files).")
    var title: String?

    func run() throws {
        let old = try before.map { try RunInput.read($0) }
        var assembler = TraceAssembler(details: .folded)
        var content = HTMLReport.Content()
        try input.read { assembler.add($0) { content.add($0, $1) } }
        assembler.finish { content.add($0, $1) }
        assembler.noteParts()
        let files = input.files.map { $0 == "-" ? "standard input" : URL(filePath: $0).lastPathComponent }
        let name = title ?? (files.isEmpty ? input.spool ?? "standard input" : files.joined(separator: ", "))
        let analysis = BottleneckAnalysis(sources: files, content.totals, content.patterns, names: assembler.names)
        let report = HTMLReport(title: name, content, names: assembler.names, analysis: analysis, before: old)
        do {
            try Data(report.html.utf8).write(to: URL(filePath: out), options: .atomic)
        } catch {
            throw CommandFailure(.cannotCreate, "\(out): cannot be written: \(error.localizedDescription)")
        }
        StandardStreams.output.write("Report written to \(out)\n")
    }
}
