import Foundation
import SpanKitTestSupport
import Testing

@Suite("Metric data in files", .generousTimeLimit)
struct MetricFileTests {
    private func run(_ files: [String: String], _ arguments: String...) async throws -> SpanKitProcess.Outcome {
        try await withTemporaryDirectory { directory in
            for (name, text) in files {
                try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
            }
            let process = try SpanKitProcess(arguments, in: directory, environment: ["COLUMNS": "120", "TZ": "UTC"])
            let outcome = try await process.finish()
            let text = try? String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            return SpanKitProcess.Outcome(
                status: outcome.status,
                output: outcome.output + (text ?? ""),
                error: outcome.error
            )
        }
    }

    private static func json(_ metrics: String, instance: Int = 1) -> String {
        "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}},"
            + "{\"key\":\"service.instance.id\",\"value\":{\"intValue\":\"\(instance)\"}}]},"
            + "\"scopeMetrics\":[{\"metrics\":[\(metrics)]}]}]}\n"
    }

    @Test("top shows counters, gauges and histograms of every kind")
    func top() async throws {
        let vector = try Golden.text("metrics_all_types.json")
        let text = try await run(["x.json": vector], "top", "x.json")
        #expect(text.status == 0 && text.error == "", "\(text.error)")
        try Golden.expect(text.output, "top-metrics.txt")
        let document = try await run(["x.json": vector], "top", "x.json", "--format", "json")
        try Golden.expect(document.output, "top-metrics.json")
        let table = try await run(["x.json": vector], "top", "x.json", "--by", "metric", "--format", "md")
        try Golden.expect(table.output, "top-metrics.md")
        let csv = try await run(["x.json": vector], "top", "x.json", "--format", "csv", "--limit", "3")
        #expect(csv.output.split(separator: "\n").count == 4)
        #expect(csv.error.contains("3 of"))
    }

    @Test("a file with spans and metrics shows both; other formats say how to list the metrics")
    func both() async throws {
        let file =
            try SampleLines.line(service: "shop", [SampleLines.span("pay", number: 1)])
            + Self.json("{\"name\":\"q\",\"gauge\":{\"dataPoints\":[{\"asInt\":\"3\"}]}}")
        let text = try await run(["x.jsonl": file], "top", "x.jsonl")
        #expect(text.status == 0 && text.error == "")
        #expect(text.output.contains("pay") && text.output.contains("Counters and gauges"))
        let json = try await run(["x.jsonl": file], "top", "x.jsonl", "--format", "json")
        #expect(json.output.contains("spankit.top/1"))
        #expect(json.error.contains("1 series of metrics is left out; list them with --by metric"), "\(json.error)")
        // Options of spans leave metrics out, and that is said.
        for options in [["--where", "name=pay"], ["--by", "kind"]] {
            let spans = try await run(["x.jsonl": file], "top", "x.jsonl", options[0], options[1])
            #expect(spans.status == 0 && !spans.output.contains("Counters"))
            #expect(
                spans.error.contains("1 object with metrics or logs is left out; only spans are read"),
                "\(spans.error)"
            )
        }
        let selected = try await run(["x.jsonl": file], "top", "x.jsonl", "--by", "metric", "--where", "name=pay")
        #expect(selected.status == 64 && selected.error.contains("--by metric: metrics contain no spans to select"))
        let nothing = try await run(
            ["x.jsonl": try SampleLines.line(service: "a", [SampleLines.span("b", number: 1)])],
            "top",
            "--by",
            "metric",
            "x.jsonl"
        )
        #expect(nothing.output == "No metrics.\n")
    }

    @Test("delta points are added up over files; a file that is given twice counts once, which is reported")
    func twice() async throws {
        let points = (0..<3).map { number in
            "{\"asInt\":\"5\",\"startTimeUnixNano\":\"\(1_000 + number)000000000\",\"timeUnixNano\":\"\(1_001 + number)000000000\"}"
        }
        let line = Self.json(
            "{\"name\":\"n\",\"sum\":{\"isMonotonic\":true,\"aggregationTemporality\":1,\"dataPoints\":[\(points.joined(separator: ","))]}}"
        )
        let outcome = try await run(["x.jsonl": line], "top", "x.jsonl", "x.jsonl")
        #expect(outcome.output.contains("15"), "\(outcome.output)")
        #expect(
            outcome.error.contains(
                "3 data points were left out, because the same period of the same series was read before"
            )
        )
    }

    @Test("hostile names and values cannot steer the terminal")
    func hostile() async throws {
        let text = "\\u001b[31mred\\r\\n\\u0007|`<script>"
        let line = Self.json(
            "{\"name\":\"\(text)\",\"unit\":\"{\(text)}\",\"description\":\"\(text)\",\"gauge\":{\"dataPoints\":[{\"asInt\":1,\"attributes\":"
                + "[{\"key\":\"\(text)\",\"value\":{\"stringValue\":\"\(text)\"}}]}]}}"
        )
        for format in ["text", "md"] {
            let outcome = try await run(["x.jsonl": line], "top", "x.jsonl", "--format", format)
            #expect(outcome.status == 0)
            #expect(!outcome.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(outcome.output)")
        }
        let prom = try await run(["x.jsonl": line], "prom", "make", "x.jsonl", "--out", "x.prom")
        #expect(prom.status == 0 && prom.error == "", "\(prom.error)")
    }

    @Test("prom make writes metrics as the text format has them")
    func prom() async throws {
        let outcome = try await run(
            ["x.json": try Golden.text("metrics_all_types.json")],
            "prom",
            "make",
            "x.json",
            "--out",
            "x.prom"
        )
        #expect(outcome.status == 0, "\(outcome.error)")
        let stable = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("write_timestamp_seconds{") }.joined(separator: "\n")
        try Golden.expect(stable, "metrics-of-file.prom")
    }

    @Test("cardinality counts the series of OTLP files once")
    func cardinality() async throws {
        let points = (0..<300).map {
            "{\"asInt\":1,\"attributes\":[{\"key\":\"user\",\"value\":{\"intValue\":\"\($0)\"}}]}"
        }
        let line = Self.json("{\"name\":\"logins\",\"gauge\":{\"dataPoints\":[\(points.joined(separator: ","))]}}")
        let outcome = try await run(["x.jsonl": line + line], "cardinality", "x.jsonl")
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
        #expect(outcome.output.contains("300 series in 1 metric"), "\(outcome.output)")
        #expect(outcome.output.contains("label user: 300 values"))
    }
}
