import SpanKitReports
import SpanKitTestSupport
import Testing

@testable import SpanKitCoachProfiling

@Suite("The analysis of a run's results")
struct MarkdownTests {
    @Test("The Markdown lists the model's call first and five hypotheses")
    func markdown() throws {
        let json = try SampleResults.results().json()
        let analysis = try #require(try CoachResults.read([(file: "results.json", json: json)]).analysis)
        #expect(analysis.findings.first?.operation.name == "step_7_claude_api_call")
        #expect(analysis.background.tables.first?.rows.rows.count == 5)
        try Golden.expect(BottleneckReport(analysis).markdown, "analysis.md")
    }
}
