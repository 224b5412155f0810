import ArgumentParser
import Foundation
import SpanKitReports

/// `spankit report`: everything about a run on one HTML page.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write one HTML page about a run: tables, distributions, flame graph, traces.",
        discussion: """
            Takes traces (OTLP JSON lines), results files of 'spankit profile', or best both of the same run: results tell what \
            was said and found, traces who waited for whom. The page needs no network and is readable without scripts. --before \
            draws another run beneath it and names what changed.

            Exit status: 0 written, 64 wrong usage, 65 nothing could be read or prices that cannot be used, 73 the page could not be written.
            """
    )

    @OptionGroup var input: TraceInput

    @Option(help: ArgumentHelp("Where the page goes.", valueName: "path"))
    var out = "report.html"

    @Option(
        help: ArgumentHelp("A run to compare with: traces or a results file; '-' is standard input.", valueName: "file")
    )
    var before: String?

    @Option(help: "The heading (default: the names of the files).")
    var title: String?

    @OptionGroup var prices: PriceOptions

    func run() throws {
        try OutputPath(out).checkFile("--out")
        let old = try before.map { try RunInput.read($0) }
        let (results, others) = RunInput.parted(input.files)
        var traces = input
        traces.files = others
        var assembler = TraceAssembler(details: .folded)
        var content = HTMLReport.Content(prices: try prices.modelPrices())
        if results.isEmpty || !traces.files.isEmpty || traces.spool != nil {
            try traces.read { assembler.add($0) { content.add($0, $1) } }
        }
        assembler.finish { content.add($0, $1) }
        assembler.noteParts()
        let files = input.files.map(Self.name)
        let name = title ?? (files.isEmpty ? input.spool ?? "standard input" : files.joined(separator: ", "))
        let report = HTMLReport(
            title: name,
            content,
            names: assembler.names,
            sources: files,
            results: results.isEmpty ? nil : try RunInput.merged(results),
            before: old
        )
        try OutputPath(out).write(report.html)
        StandardStreams.output.write("Report written to \(out)\n")
    }

    private static func name(of file: String) -> String {
        file == "-" ? "standard input" : URL(filePath: file).lastPathComponent
    }
}
