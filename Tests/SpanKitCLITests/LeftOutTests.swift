import Foundation
import SpanKitTestSupport
import Testing

/// What the commands say on standard error about numbers that are not complete.
@Suite("What commands leave out", .generousTimeLimit)
struct LeftOutTests {
    /// A span of times in milliseconds.
    private func span(
        _ name: String,
        trace: Int,
        span: Int,
        parent: Int? = nil,
        from start: Int,
        to end: Int?
    ) -> [String: Any] {
        func moment(_ milliseconds: Int) -> String { "\(1_790_000_000_000_000_000 + milliseconds * 1_000_000)" }
        var result: [String: Any] = [
            "traceId": String(format: "%032x", trace), "spanId": String(format: "%016x", span), "name": name,
            "startTimeUnixNano": moment(start),
        ]
        if let end { result["endTimeUnixNano"] = moment(end) }
        if let parent { result["parentSpanId"] = String(format: "%016x", parent) }
        return result
    }

    private func write(_ spans: [[String: Any]], to name: String, in directory: URL) throws {
        try Data(SampleLines.line(service: "shop", spans).utf8).write(to: directory.appending(path: name))
    }

    @Test("A comparison of nothing does not pass a condition")
    func emptyComparison() async throws {
        try await withTemporaryDirectory { directory in
            try write([span("load", trace: 1, span: 1, from: 0, to: 9)], to: "x.jsonl", in: directory)
            for condition in ["p95(*) > 1.2x", "errors(*) > 0"] {
                let run = try await SpanKitProcess.run(
                    "diff",
                    "--where",
                    "name=absent",
                    "--fail-if",
                    condition,
                    "x.jsonl",
                    "x.jsonl",
                    in: directory
                )
                #expect(run.status == 65)
                #expect(
                    run.complaints.last == "spankit: --fail-if: '\(condition)': no operation in x.jsonl",
                    "\(run.error)"
                )
            }
        }
    }

    @Test("A condition that was not checked for all operations says so")
    func partlyChecked() async throws {
        try await withTemporaryDirectory { directory in
            let spans =
                (1...30).map { span("load", trace: $0, span: 1, from: 0, to: 9) }
                + [span("once", trace: 31, span: 1, from: 0, to: 9)]
            try write(spans, to: "x.jsonl", in: directory)
            let run = try await SpanKitProcess.run(
                "diff",
                "--fail-if",
                "p95(*) > 1.2x",
                "x.jsonl",
                "x.jsonl",
                in: directory
            )
            #expect(run.status == 0)
            #expect(
                run.error
                    == "spankit: --fail-if: 'p95(*) > 1.2x': 1 operation was not checked: 'once' ran fewer than 20 times in a run, "
                    + "which is too few to compare; use a value, such as p95(once) > 250ms\n"
            )
        }
    }

    @Test("Merged names are reported with all formats, but not by commands that show no names")
    func mergedNames() async throws {
        try await withTemporaryDirectory { directory in
            let spans = (1...20_002).map { span("job \($0)", trace: $0, span: 1, from: 0, to: 1) }
            try write(spans, to: "x.jsonl", in: directory)
            let note =
                "spankit: 2 spans of 2 more names count as '(other names)', because only 20 000 names are kept apart; record names "
                + "without ids, or read fewer files at a time"
            for format in ["text", "json", "csv"] {
                let run = try await SpanKitProcess.run("top", "x.jsonl", "--format", format, in: directory)
                #expect(run.status == 0)
                #expect(run.complaints == [note], "\(format)")
            }
            let grouped = try await SpanKitProcess.run("top", "x.jsonl", "--by", "kind", in: directory)
            #expect(grouped.error == "")
        }
    }

    @Test("The critical path says what it leaves out, below the table or on standard error")
    func criticalPath() async throws {
        try await withTemporaryDirectory { directory in
            let spans = [
                span("A", trace: 1, span: 1, from: 0, to: 1_000), span("B", trace: 1, span: 2, from: 1_000, to: 1_900),
                span("B1", trace: 1, span: 3, parent: 2, from: 1_100, to: 1_800),
                span("A", trace: 2, span: 1, from: 0, to: nil),
            ]
            try write(spans, to: "x.jsonl", in: directory)
            let sentences = [
                "2 spans are left out, because only what is below the longest root of a trace is examined.",
                "1 trace is left out, because the root has no start or no end.",
            ]
            let untimed =
                "spankit: 1 span has no start or no end ('A'); it is counted, but not included in any duration"
            let text = try await SpanKitProcess.run("critical", "x.jsonl", in: directory)
            #expect(text.output.hasPrefix("Critical path  1 trace, 1.00 s on average\n"), "\(text.output)")
            #expect(text.output.hasSuffix(sentences.joined(separator: "\n") + "\n"), "\(text.output)")
            #expect(text.complaints == [untimed])
            for format in ["json", "csv", "md"] {
                let run = try await SpanKitProcess.run("critical", "x.jsonl", "--format", format, in: directory)
                #expect(run.complaints == [untimed] + sentences.map { "spankit: \($0)" }, "\(format)")
            }
            let one = try await SpanKitProcess.run(
                "critical",
                "--trace",
                "00000000000000000000000000000001",
                "x.jsonl",
                in: directory
            )
            #expect(one.output.split(separator: "\n").first?.hasSuffix(" · 1.00 s") == true, "\(one.output)")
            #expect(one.output.hasSuffix(sentences[0] + "\n"))
            let slow = try await SpanKitProcess.run("slow", "x.jsonl", "--format", "json", in: directory)
            #expect(try slow.rows().map { $0["duration_ns"] as? Int } == [1_900_000_000, nil])
        }
    }

    @Test("Repeated spans do not count as matches")
    func repeatedMatches() async throws {
        try await withTemporaryDirectory { directory in
            let spans = [
                span("a", trace: 1, span: 1, from: 0, to: 9), span("b", trace: 1, span: 2, parent: 1, from: 0, to: 9),
            ]
            try write(spans, to: "x.jsonl", in: directory)
            let run = try await SpanKitProcess.run("top", "--where", "name=a", "x.jsonl", "x.jsonl", in: directory)
            #expect(run.complaints.contains("spankit: 1 of 2 spans matches"), "\(run.error)")
        }
    }

    @Test("The help of analyze says that Markdown has as many rows as text")
    func help() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run("help", "analyze", in: directory)
            let words = run.output.split { $0.isWhitespace }.joined(separator: " ")
            #expect(words.contains("(default: 20 as text and Markdown, all in other formats)"), "\(run.output)")
        }
    }
}
