import Foundation
import SpanKitRecording
import SpanKitReports
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("spankit cardinality", .generousTimeLimit)
struct CardinalityTests {
    @Test(
        "Names that differ only in an id have one shape",
        arguments: [
            ("GET /users/4711", "GET /users/{n}"),
            ("GET /users/4711/orders/8?full=1&token=x", "GET /users/{n}/orders/{n}?{…}"),
            ("load cd447e35-b8b6-d8fe-442e-3d437204e52d", "load {uuid}"),
            ("job 0af7651916cd43dd8448eb211c80319c", "job {hex}"), ("user4711", "user{n}"),
            ("chat claude-sonnet-4-20250514", "chat claude-sonnet-{n}-{n}"),
            ("conversation_processing_total", "conversation_processing_total"), ("HTTP2 s3 md5", "HTTP2 s3 md5"),
            ("step_7_claude_api_call", "step_{n}_claude_api_call"), ("defaced", "defaced"), ("", ""),
            ("really?", "really?"), ("größe 7 🎯", "größe {n} 🎯"), ("key AbC123dEf456GhI789", "key {id}"),
        ]
    )
    func shapes(name: String, shape: String) {
        #expect(NameShape.shape(of: name) == shape)
    }

    @Test("The worst names come first, with the effect of the limit and advice")
    func report() async throws {
        try await withTemporaryDirectory { directory in
            var spans: [[String: Any]] = []
            for number in 0..<900 {
                let name = number % 3 == 0 ? "GET /users/\(number)" : number % 3 == 1 ? "chat" : "step_7_call"
                let attributes: KeyValuePairs<String, Any> = [
                    "user.id": "u-\(number)", "order.total": number % 450, "http.route": "/users/:id",
                    "http.response.status_code": [200, 404][number % 2],
                ]
                spans.append(SampleLines.span(name, number: number, attributes: attributes))
            }
            try SampleLines.line(service: "shop", spans)
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let outcome = try await SpanKitProcess.run("cardinality", "x.jsonl", "--limit", "100", in: directory)
            #expect(outcome.status == 1 && outcome.error == "")
            try Golden.expect(outcome.output, "cardinality-spans.txt")
            let within = try await SpanKitProcess.run("cardinality", "x.jsonl", in: directory)
            #expect(within.status == 0)
            #expect(within.output.contains("Limit of 500 operations: 302 have separate series"))
            // Ids are counted and never shown.
            #expect(!within.output.contains("u-"))
        }
    }

    @Test(
        "The report at every width, with and without colours",
        arguments: [(80, false), (80, true), (120, false), (120, true)]
    )
    func widths(width: Int, usesColor: Bool) throws {
        var spans = SpanCardinality(limit: 100)
        for number in 0..<600 {
            var span = RecordedSpan(
                name: number % 2 == 0 ? "GET /a/rather/long/route/of/users/\(number)/orders" : "chat",
                context: SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(rawValue: UInt64(number + 1))),
                startUnixNanoseconds: 0,
                endUnixNanoseconds: 1
            )
            span.attributes = [
                Attribute("user.id", .string("u-\(number)")), Attribute("http.route", "/a/rather/long/route"),
            ]
            spans.add(span)
        }
        let style = TerminalStyle(width: width, usesColor: usesColor)
        let text = CardinalityReport(spans: spans, metrics: MetricCardinality(), rowCount: 5, style: style).text
        try Golden.expect(text, "cardinality-\(width)\(usesColor ? "-colour" : "").txt")
        for line in text.split(separator: "\n") {
            #expect(displayWidth(line.replacing(#/\x{1B}\[[0-9]*m/#, with: "")) <= min(width, 100), "\(line)")
        }
    }

    @Test(
        "An attribute that differs in most spans is not a good label",
        arguments: [
            (14, 14, "no: differs in most spans"), (40, 30, "no: differs in most spans"), (40, 2, "possible"),
            (100, 30, "with care"), (3, 3, "unknown: too few spans"), (3, 1, "possible"),
            (400, 101, "no: too many values"),
        ]
    )
    func labels(spanCount: Int, valueCount: Int, verdict: String) {
        var spans = SpanCardinality(limit: 100)
        for number in 0..<spanCount {
            var span = RecordedSpan(
                name: "load",
                context: SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(rawValue: UInt64(number + 1))),
                startUnixNanoseconds: 0,
                endUnixNanoseconds: 1
            )
            span.attributes = [Attribute("tenant", .string("t\(number % valueCount)"))]
            spans.add(span)
        }
        let style = TerminalStyle(width: 100)
        let text = CardinalityReport(spans: spans, metrics: MetricCardinality(), rowCount: 5, style: style).text
        let row = text.split(separator: "\n").first { $0.hasPrefix("tenant ") }
        #expect(row?.contains(verdict) == true, "\(text)")
        #expect(text.contains("tenant: useful for searching traces") == verdict.hasPrefix("no:"))
    }

    @Test("Metrics files: families by series, labels by values")
    func metrics() async throws {
        try await withTemporaryDirectory { directory in
            var text = "# HELP jobs_total Jobs.\n# TYPE jobs_total counter\n"
            for number in 0..<250 { text += "jobs_total{queue=\"q\(number % 5)\",job=\"\(number)\"} 1\n" }
            text += "# HELP up Up.\n# TYPE up gauge\nup 1\n"
            try text.write(to: directory.appending(path: "x.prom"), atomically: true, encoding: .utf8)
            let outcome = try await SpanKitProcess.run("cardinality", "x.prom", in: directory)
            #expect(outcome.status == 0 && outcome.error == "")
            try Golden.expect(outcome.output, "cardinality-metrics.txt")
        }
    }

    @Test("Unreadable input is reported, and the rest is shown")
    func damage() async throws {
        try await withTemporaryDirectory { directory in
            try "up 1\nup{a=\"1\" 2\n".write(to: directory.appending(path: "x.prom"), atomically: true, encoding: .utf8)
            let torn = try await SpanKitProcess.run("cardinality", "x.prom", in: directory)
            #expect(torn.status == 65 && torn.error.hasPrefix("spankit: x.prom: line 2"), "\(torn.error)")
            #expect(torn.output.contains("1 series in 1 metric"))
            let missing = try await SpanKitProcess.run("cardinality", "none.jsonl", in: directory)
            #expect(missing.status == 65 && missing.error.contains("none.jsonl: no such file"), "\(missing.error)")
            let usage = try await SpanKitProcess.run("cardinality", "x.prom", "--limit", "many", in: directory)
            #expect(usage.status == 64)
        }
    }
}
