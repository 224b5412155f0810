import Foundation
import SpanKitInputs
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Running, queued and suspended times in reports", .generousTimeLimit)
struct TaskTimeReportTests {
    /// A span of 10 ms with parts in ms.
    private static func span(
        _ id: UInt64,
        parent: UInt64 = 0,
        _ name: String,
        _ start: Int64,
        _ end: Int64,
        running: Int64,
        queued: Int64,
        forActor: Int64 = 0,
        suspended: Int64,
        trace: UInt64 = 1
    ) -> DecodedSpan {
        var attributes = [
            Attribute(SpanParts.runningKey, .int(running * 1_000_000)),
            Attribute(SpanParts.queuedKey, .int(queued * 1_000_000)),
            Attribute(SpanParts.suspendedKey, .int(suspended * 1_000_000)),
        ]
        if forActor > 0 { attributes.append(Attribute(SpanParts.actorKey, .int(forActor * 1_000_000))) }
        return SampleTraces.span(
            id,
            parent: parent,
            name,
            start * 1_000,
            end * 1_000,
            attributes: attributes,
            trace: trace
        )
    }

    /// A request that reads from a cache in an actor, a file on the pool, and a database.
    private static func request(trace: UInt64 = 1) -> [DecodedSpan] {
        [
            span(1, "GET /okr", 0, 100, running: 20, queued: 40, forActor: 30, suspended: 40, trace: trace),
            span(2, parent: 1, "cache", 0, 40, running: 10, queued: 30, forActor: 30, suspended: 0, trace: trace),
            span(3, parent: 1, "file", 40, 60, running: 10, queued: 10, suspended: 0, trace: trace),
            span(4, parent: 1, "query", 60, 100, running: 0, queued: 0, suspended: 40, trace: trace),
        ]
    }

    private static let wide = TerminalStyle(width: 160, widest: 160)

    @Test("tree draws the parts of each span, and says what they are")
    func tree() throws {
        let (traces, names) = SampleTraces.assemble(Self.request(), details: .folded)
        let text = TreeReport(try #require(traces.first), names: names).text(style: Self.wide)
        let lines = text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " || $0 == "│" } }
        let cache = try #require(lines.first { $0.contains("cache") })
        // A quarter of the bar is running, the rest is queued.
        let (running, queued) = (cache.count { $0 == "█" }, cache.count { $0 == "▓" })
        #expect(running > 3 && queued == 3 * running && !cache.contains("░"), "\(text)")
        #expect(cache.contains("█▓") && lines.contains("10.0 ms running + 30.0 ms queued for an actor"), "\(text)")
        #expect(lines.contains("10.0 ms running + 10.0 ms queued for a thread"), "\(text)")
        #expect(
            lines.contains { $0.contains("query") && $0.contains("░░░░") } && text.contains("40.0 ms suspended"),
            "\(text)"
        )
        #expect(text.contains("█ running, ▓ queued for an actor or a thread, ░ suspended."), "\(text)")
        #expect(!lines.contains { $0.contains("spankit.") })
    }

    @Test("tree without such spans is as before")
    func plainTree() throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request, details: .folded)
        let text = TreeReport(try #require(traces.first), names: names).text(style: Self.wide)
        #expect(!text.contains("running") && !text.contains("▓") && !text.contains("░"))
    }

    /// A report of the request, and of a longer trace without parts.
    private static func report() -> HTMLReport {
        let (traces, names) = SampleTraces.assemble(
            Self.request() + [SampleTraces.span(9, "other", 0, 200_000, trace: 2)],
            details: .page
        )
        var content = HTMLReport.Content()
        for trace in traces { content.add(trace, names) }
        return HTMLReport(title: "x", content, names: names)
    }

    @Test("the page of a report has the parts of the spans that have them")
    func page() throws {
        let columns = try PageColumns(try #require(Self.report().traces))
        let first = try #require(columns.names("names").firstIndex(of: "GET /okr"))
        #expect(columns.numbers("partSpans") == (first..<first + 4).map { $0 })
        let milliseconds = columns.numbers("partTimes").map { $0 / 1_000_000 }
        #expect(milliseconds == [20, 30, 10, 40, 10, 30, 0, 0, 10, 0, 10, 0, 0, 0, 0, 40])
    }

    @Test("the waterfall of a report draws them, with a key if the trace has any", .needs(.chromium))
    func waterfall() async throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        try folder.put("report.html", Array(Self.report().html.utf8))
        let visit = try await PageVisit(
            URL(filePath: folder.path("report.html")),
            driver: """
                const seen=()=>[...[...document.querySelectorAll("#waterfall .bar")].map(bar=>[...bar.children].map(b=>b.className+" "
                  +5*Math.round(20*b.offsetWidth/bar.clientWidth)).join(", ")),document.getElementById("part-key").hidden].join(" | ");
                verdict.plain=seen();
                openTrace(view.shown[1]);verdict.measured=seen();
                """
        )
        #expect(visit.problems.isEmpty, "\(visit.problems)")
        #expect(visit.text("plain") == " | true", "the slowest trace is open")
        let parts = [
            "running 20, queued 40, suspended 40", "running 25, queued 75", "running 50, queued 50", "suspended 100",
        ]
        #expect(visit.text("measured") == parts.joined(separator: " | ") + " | false")
    }

    @Test("top has columns for them on request")
    func top() throws {
        let totals = SampleTraces.totals(Self.request() + [SampleTraces.span(1, "other", 0, 10, trace: 2)])
        let report = TopReport(totals, showsStates: true)
        let rows = report.listing.rows
        #expect(report.text(style: Self.wide).contains("Queued p95"))
        let keys = report.listing.columns.map(\.key)
        #expect(keys.suffix(4) == ["running_ns", "queued_ns", "queued_p95_ns", "suspended_ns"])
        #expect(rows.count == 5)
        #expect(!TopReport(totals).listing.columns.map(\.key).contains("queued_ns"))
        let none = TopReport(SampleTraces.totals(SampleTraces.request), showsStates: true).text(style: Self.wide)
        #expect(none.contains("No span has running, queued and suspended times."))
    }

    @Test("critical tells an actor from a thread and from anything else")
    func critical() throws {
        var report = CriticalReport()
        let (traces, names) = SampleTraces.assemble(Self.request())
        for trace in traces { report.add(trace) }
        let text = report.text(names: names, style: Self.wide)
        func shares(_ name: String) throws -> [Substring] {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name) })
            return line.split(separator: " ").suffix(6).filter { $0 != "%" }
        }
        #expect(try shares("cache") == ["75.0", "0.0", "0.0"], "\(text)")
        #expect(try shares("file") == ["0.0", "50.0", "0.0"], "\(text)")
        #expect(try shares("query") == ["0.0", "0.0", "100.0"], "\(text)")
        #expect(text.contains("Suspended: it waited for anything else, such as I/O"))
    }

    @Test("analyze names a contended actor and a blocked pool, with what was measured")
    func analysis() throws {
        let analysis = SampleTraces.analysis((1...20).flatMap { Self.request(trace: $0) })
        func advice(_ rule: ImprovementRule) -> (operation: OperationProfile, rule: ImprovementRule, gain: Double)? {
            analysis.advice().first { $0.rule == rule }
        }
        let actor = try #require(advice(.actorContention))
        #expect(actor.operation.name == "cache" && actor.gain == 20 * 30e6)
        #expect(actor.rule.evidence(actor.operation) == "waits for an actor in 75.0 % of its own time")
        let pool = try #require(advice(.blockedPool))
        #expect(pool.operation.name == "file" && pool.gain == 20 * 10e6)
        #expect(pool.rule.evidence(pool.operation) == "waits for a thread of the pool in 50.0 % of its own time")
        // A suspended task computes nothing.
        #expect(!analysis.advice().contains { $0.rule == .computation && $0.operation.name == "query" })
    }
}
