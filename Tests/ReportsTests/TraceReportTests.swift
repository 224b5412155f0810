import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Trace reports")
struct TraceReportTests {
    static let styles: [(name: String, style: TerminalStyle)] = [
        ("80", style(80)), ("80-colour", style(80, usesColor: true)), ("120", style(120)),
        ("120-colour", style(120, usesColor: true)), ("ascii", TerminalStyle(width: 80, usesUnicode: false)),
    ]

    private static func style(_ width: Int, usesColor: Bool = false) -> TerminalStyle {
        TerminalStyle(width: width, widest: TerminalStyle.widestTraces, usesColor: usesColor)
    }

    @Test("The waterfall of a trace", arguments: styles)
    func tree(name: String, style: TerminalStyle) throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request, details: .folded)
        let text = TreeReport(try #require(traces.first), names: names).text(style: style)
        try Golden.expect(text, "tree-\(name).txt")
        expectFits(text, style)
    }

    @Test("The waterfall with all details shows chat messages as text", arguments: styles)
    func fullTree(name: String, style: TerminalStyle) throws {
        let input = """
            [{"role":"system","parts":[{"type":"text","content":"You are a coach.\\nBe brief."}]},
            {"role":"user","content":"Grow \\u001b[31mrevenue by 20 %"},
            {"role":"assistant","parts":[{"type":"tool_call","name":"lookup"}]}]
            """
        let spans = [
            SampleTraces.span(1, "request", 0, 9_000, attributes: [Attribute("note", "first\nsecond")]),
            SampleTraces.span(
                2,
                parent: 1,
                "chat claude",
                1_000,
                8_000,
                isError: true,
                attributes: [
                    Attribute("gen_ai.request.model", "claude"), Attribute("gen_ai.input.messages", .string(input)),
                    Attribute("list", .array([1, "two", .map([Attribute("three", 3)])])),
                ]
            ),
        ]
        let (traces, names) = SampleTraces.assemble(spans, details: .full)
        let text = TreeReport(try #require(traces.first), names: names, isFull: true).text(style: style)
        try Golden.expect(text, "tree-full-\(name).txt")
        expectFits(text, style)
    }

    @Test(
        "A text that is not a list of chat messages is not changed",
        arguments: ["[1]", "[]", "[{}]", "[{\"role\":1}]", "[x", "{}"]
    )
    func noMessages(text: String) {
        #expect(FullDetails.messages(in: text) == nil)
    }

    @Test("An attribute with the same value in parent and child is shown once")
    func inherited() throws {
        let id = Attribute("gen_ai.conversation.id", "c-1")
        let spans = [
            SampleTraces.span(1, "request", 0, 9_000, attributes: [id, Attribute("note", "two  words")]),
            SampleTraces.span(2, parent: 1, "chat", 1_000, 8_000, attributes: [id, Attribute("tokens", 7)]),
            SampleTraces.span(3, parent: 2, "attempt", 2_000, 3_000, attributes: [id]),
        ]
        let (traces, names) = SampleTraces.assemble(spans, details: .folded)
        let text = TreeReport(try #require(traces.first), names: names).text(style: TerminalStyle(width: 100))
        #expect(text.components(separatedBy: "c-1").count == 2, "\(text)")
        #expect(text.contains("note=two words"))
        #expect(text.contains("tokens=7"))
    }

    @Test("The cost of each operation", arguments: styles)
    func top(name: String, style: TerminalStyle) throws {
        let text = TopReport(SampleTraces.totals(SampleTraces.request)).text(style: style)
        try Golden.expect(text, "top-\(name).txt")
        expectFits(text, style)
    }

    @Test("The critical path", arguments: styles)
    func critical(name: String, style: TerminalStyle) throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request)
        var report = CriticalReport()
        for trace in traces { report.add(trace) }
        let text =
            report.text(names: names, style: style)
            + CriticalReport.text(of: try #require(traces.first), names: names, style: style)
        try Golden.expect(text, "critical-\(name).txt")
        expectFits(text, style)
    }

    @Test("Slow traces and errors", arguments: styles)
    func lists(name: String, style: TerminalStyle) throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request, details: .causes)
        var slowest = SlowestTraces(limit: 5, keeping: TraceFacts.init)
        var failures = FailureGroups()
        for trace in traces {
            slowest.add(trace)
            failures.add(trace)
        }
        let text =
            slowest.text(title: "Slowest traces", slowest.listing(names: names), empty: "No spans.", style: style)
            + FailureReport(failures, names: names, limit: 5).text(style: style)
        try Golden.expect(text, "lists-\(name).txt")
        expectFits(text, style)
    }

    @Test("A slow trace is listed with enough digits of its id, and its self time with the name of the span")
    func slowTracesInLittleRoom() throws {
        let ids = ["00000001", "00000002", "fffffff0"].map { UInt64($0 + "00000000", radix: 16) ?? 0 }
        let spans = ids.enumerated().flatMap { place, trace in
            [
                SampleTraces.span(1, "conversation_processing_total", 0, 10_000 - Int64(place), high: trace),
                SampleTraces.span(2, parent: 1, "step_7_claude_api_call", 0, 8_000, high: trace),
            ]
        }
        let (traces, names) = SampleTraces.assemble(spans)
        var slowest = SlowestTraces(limit: 5, keeping: TraceFacts.init)
        for trace in traces { slowest.add(trace) }
        let listing = slowest.listing(names: names)
        func lines(_ width: Int) -> [String] {
            slowest.text(
                title: "Slowest traces",
                listing,
                empty: "",
                style: TerminalStyle(width: width, widest: TerminalStyle.widestTraces)
            )
            .split(separator: "\n").map(String.init)
        }
        #expect(
            lines(130)[1]
                == "Trace                           Start  Root                              Time  Spans  Errors  Most self time in          Self"
        )
        #expect(
            lines(81)[1] == "Trace                           Start  Root                              Time"
        )
        #expect(lines(72)[1] == "Trace     Root                              Time")
        let row = "00000001  1970-01-01 00:00:01.000 UTC  conversation_processing_total  10.0 ms"
        #expect(lines(81)[3].hasPrefix(row))
        for width in 40...100 {
            let header = lines(width)[1]
            #expect(header.contains("Most self time in") || !header.contains("Self"), "\(width)")
        }
        #expect(
            listing.csv.contains("\n00000001000000000000000000000001,1000000000,conversation"),
            "programs get all of it"
        )
        #expect(
            listing.markdown.contains(
                "\n| `00000001000000000000000000000001` | 1970-01-01 00:00:01.000 UTC | conversation"
            )
        )
    }

    private func expectFits(_ text: String, _ style: TerminalStyle) {
        for line in text.split(separator: "\n") {
            let plain = line.replacing(#/\u{1B}\[[0-9]*m/#, with: "")
            #expect(displayWidth(plain) <= style.width, "\(plain)")
            #expect(!plain.unicodeScalars.contains { $0.value < 0x20 }, "nothing in a name moves the cursor")
        }
    }

    @Test("All formats contain the same numbers")
    func forms() throws {
        let report = TopReport(SampleTraces.totals(SampleTraces.request))
        let listing = report.listing
        try Golden.expect(report.document.json.text, "top.json")
        try Golden.expect(listing.csv, "top.csv")
        try Golden.expect(listing.markdown, "top.md")
    }

    @Test("Rows are in the requested order")
    func orders() {
        let totals = SampleTraces.totals(SampleTraces.request)
        func first(_ order: TopReport.Order) -> Listing.Value? {
            TopReport(totals, order: order).listing.rows.first?.first
        }
        #expect(first(.own) == .text("chat claude"))
        #expect(first(.total) == .text("GET /okr"))
        #expect(first(.count) == .text("query"))
        #expect(first(.errors) == .text("chat claude"))
        #expect(first(.name) == .text("GET /okr"))
    }

    @Test("An empty report says so")
    func empty() {
        let style = TerminalStyle(width: 80)
        #expect(TopReport(TraceTotals()).text(style: style) == "No spans.\n")
        #expect(CriticalReport().text(names: NameTable(), style: style) == "No spans.\n")
        #expect(
            RunComparison(RunStatistics(name: "a", []), RunStatistics(name: "b", [])).text(style: style).contains(
                "No change."
            )
        )
    }

    @Test(
        "An operation that usually has a parent and sometimes none is reported",
        arguments: [
            (below: 20, alone: 3, isNamed: true), (20, 5, false), (9, 1, false), (30, 0, false), (0, 30, false),
        ]
    )
    func lostParents(below: Int, alone: Int, isNamed: Bool) {
        var spans: [DecodedSpan] = []
        for number in 0..<UInt64(below) {
            let parent = 1_000 + number
            spans.append(SampleTraces.span(parent, "request", 0, 100))
            spans.append(SampleTraces.span(2_000 + number, parent: parent, "load user", 10, 20))
        }
        for number in 0..<UInt64(alone) { spans.append(SampleTraces.span(3_000 + number, "load user", 10, 20)) }
        let text = TopReport(SampleTraces.totals(spans)).text(style: TerminalStyle(width: 200, usesUnicode: false))
        let line = "load user started \(alone) of \(below + alone) times without a parent"
        #expect(text.contains(line) == isNamed, "\(text)")
        #expect(!text.contains("request started"))
    }

    @Test("Compact JSON ends neither a script element nor a line, whatever a name contains")
    func hostileJSON() {
        let json = JSONText.object([("a", .string("</script>\u{2028}\n\"\\\u{0}é"))]).compact
        #expect(json == #"{"a":"\u003c/script>\u2028\n\"\\\u0000é"}"#)
    }
}
