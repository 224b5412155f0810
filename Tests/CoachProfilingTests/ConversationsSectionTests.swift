import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("Conversations on the HTML page")
struct ConversationsSectionTests {
    private func report(of results: ProfilingResults) throws -> String {
        HTMLReport(
            title: "results.json",
            HTMLReport.Content(),
            names: NameTable(),
            results: try CoachResults.read([(file: "results.json", json: try results.json())])
        ).html
    }

    @Test("A page from results only shows texts, findings, tokens and costs")
    func resultsAlone() throws {
        let html = try report(of: SampleResults.results())
        #expect(html.contains("<p>Message 3: we want to be &lt;better&gt;</p><p>by the end of the quarter.</p>"))
        #expect(html.contains("<b class=\"high\">no number</b> <q>be &lt;better&gt;</q>"))
        #expect(html.contains("410 tokens read (73.2 % from cache) · 120 written · 0.0030 USD"))
        #expect(html.contains("<li>1 900 output tokens, 15.8 × the median; message 5 of discovery-simple</li>"))
        #expect(html.contains("Costs are from the price table 2026-11-01."))
        #expect(html.contains(">0.0720</td>"), "24 messages")
        #expect(html.contains("message 13: the model answered HTTP 529"), "why a scenario ended")
        #expect(!html.contains("id=\"flame-graph\"") && !html.contains("href=\"#traces\""))
        #expect(html.contains("<td>step_7_claude_api_call</td>"))
    }

    @Test("A page from results without texts says so and shows the numbers")
    func withoutTexts() throws {
        var results = try SampleResults.results()
        for scenario in results.scenarios.indices {
            for message in results.scenarios[scenario].messages.indices {
                results.scenarios[scenario].messages[message].exchange = nil
            }
        }
        let html = try report(of: results)
        #expect(html.contains("The results file does not contain the texts."))
        #expect(html.contains("Found: no number, vague words."))
        #expect(html.contains("0.0720 USD"))
        #expect(!html.contains("we want to be"))
    }
}
