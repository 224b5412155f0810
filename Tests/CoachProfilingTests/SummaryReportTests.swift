import SpanKitReports
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitCoachProfiling

@Suite("The printed reports")
struct SummaryReportTests {
    /// A report has at most 100 columns, even on a terminal of 120.
    static let styles: [(name: String, style: TerminalStyle)] = [
        ("80", TerminalStyle(width: 80)), ("80-colour", TerminalStyle(width: 80, usesColor: true)),
        ("120", TerminalStyle(width: 120)), ("120-colour", TerminalStyle(width: 120, usesColor: true)),
    ]

    @Test("The report on a run is the expected one at every width", arguments: styles)
    func wholeRun(name: String, style: TerminalStyle) throws {
        try Golden.expect(try text(style), "summary-\(name).txt")
    }

    @Test("Without UTF-8, the report is ASCII")
    func ascii() throws {
        let text = try text(TerminalStyle(width: 90, usesUnicode: false))
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        try Golden.expect(text, "summary-ascii.txt")
    }

    @Test("Colour does not change the text")
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

    @Test("The report on a scenario shows its top ten and its failure", arguments: styles)
    func scenario(name: String, style: TerminalStyle) throws {
        let results = try SampleResults.results()
        try Golden.expect(
            results.scenarios.map { ScenarioReport(scenario: $0).text(style: style) }.joined(separator: "\n"),
            "scenarios-\(name).txt"
        )
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
