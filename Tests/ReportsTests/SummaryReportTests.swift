import Reports
import TestSupport
import Testing

@Suite("The printed reports")
struct SummaryReportTests {
    @Test("A whole run is printed the same way at every width", arguments: [80, 100])
    func wholeRun(width: Int) throws {
        try Golden.expect(try text(TerminalStyle(width: width)), "summary-\(width).txt")
    }

    @Test("Without UTF-8 the same report is plain ASCII")
    func ascii() throws {
        let text = try text(TerminalStyle(width: 90, usesUnicode: false))
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        try Golden.expect(text, "summary-ascii.txt")
    }

    @Test("Colour changes nothing but colour")
    func colour() throws {
        let coloured = try text(TerminalStyle(usesColor: true))
        #expect(coloured.contains("\u{1B}["))
        #expect(coloured.replacing(#/\x{1B}\[[0-9]*m/#, with: "") == (try text(TerminalStyle())))
    }

    @Test(
        "No line is wider than the terminal, nor than 100 columns",
        arguments: [20, 40, 57, 72, 80, 91, 100, 132, 200]
    )
    func fits(width: Int) throws {
        for line in try text(TerminalStyle(width: width)).split(separator: "\n") {
            #expect(displayWidth(line) <= max(40, min(width, 100)), "\(line)")
        }
    }

    @Test("A real model has no projected column")
    func realModel() throws {
        let results = try SampleResults.results(scale: nil)
        let report = SummaryReport(title: "All", detail: "", aggregate: results.aggregate)
        #expect(!report.text(style: TerminalStyle()).lowercased().contains("projected"))
    }

    @Test("A scenario shows its top ten and what went wrong")
    func scenario() throws {
        let results = try SampleResults.results()
        let style = TerminalStyle(width: 100)
        try Golden.expect(
            results.scenarios.map { ScenarioReport($0).text(style: style) }.joined(separator: "\n"),
            "scenarios.txt"
        )
    }

    @Test("Any program can print its operations")
    func operations() throws {
        let snapshots = try SampleResults.results().aggregate.operations.map(\.snapshot)
        try Golden.expect(OperationSummary.text(for: snapshots, width: 100), "operations.txt")
        #expect(OperationSummary.text(for: []) == "No operation was recorded.\n")
    }

    private func text(_ style: TerminalStyle) throws -> String {
        let results = try SampleResults.results()
        return SummaryReport(
            title: "All scenarios",
            detail: "24 messages · offline model at latency scale 0.02",
            aggregate: results.aggregate
        ).text(style: style)
    }
}
