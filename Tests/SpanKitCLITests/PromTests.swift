import Foundation
import SpanKitTestSupport
import Testing

@Suite("spankit and metrics files", .generousTimeLimit)
struct PromTests {
    @Test(
        "node_exporter serves every sample of a run's metrics file",
        .needs(.nodeExporter)
    )
    func run() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--latency-scale",
                "0",
                "--quiet",
                "--prom",
                "metrics.prom",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let check = try await SpanKitProcess.run(
                "prom",
                "check",
                "--node-exporter",
                "1.9",
                "metrics.prom",
                in: directory
            )
            #expect(check.status == 0, "\(check.output)")
            #expect(check.output == "1 file: node_exporter 1.9 serves everything\n")
            let text = try String(contentsOf: directory.appending(path: "metrics.prom"), encoding: .utf8)
            let written = Self.samples(text)
            for step in ProfileTests.steps {
                let labels = "operation=\"\(step)\",process=\"metrics\""
                #expect(written["spankit_span_duration_seconds_count{\(labels)}"] == 39)
            }
            let sampled = "otel_span_sampling_result=\"RECORD_AND_SAMPLE\",process=\"metrics\""
            #expect(written["otel_sdk_span_started_total{\(sampled)}"] == 546)
            let exporter = try await NodeExporter(directory: directory.path)
            defer { exporter.stop() }
            let served = try Self.samples(exporter.metrics())
            for (series, value) in Self.samples(text) { #expect(served[series] == value, "\(series)") }
            #expect(served["node_textfile_scrape_error"] == 0)
        }
    }

    @Test("A file that node_exporter loses is found behind any number of harmless problems")
    func manyProblems() async throws {
        try await withTemporaryDirectory { directory in
            let lines = (0..<120).map { "metric_\($0) 1\n" }.joined() + "=broken\n"
            try lines.write(to: directory.appending(path: "x.prom"), atomically: true, encoding: .utf8)
            let check = try await SpanKitProcess.run("prom", "check", "x.prom", in: directory)
            #expect(check.status == 1, "\(check.error)")
            #expect(
                check.output.contains(#/line 121, column 1: .* loses the whole file/#),
                "\(check.output.suffix(500))"
            )
            #expect(check.output.split(separator: "\n").filter { $0.contains("has no HELP line") }.count == 120)
        }
    }

    @Test("A metrics file can be made from results, and damage is reported")
    func makeAndCheck() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run("profile", "--latency-scale", "0", "--quiet", in: directory)
            let results = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let make = try await SpanKitProcess.run("prom", "make", results, "--out", "x.prom", in: directory)
            #expect(make.status == 0, "\(make.error)")
            let file = directory.appending(path: "x.prom")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains("spankit_span_calls_total"))
            try (text + "x{a=\"1\" 2\n").write(to: file, atomically: true, encoding: .utf8)
            let check = try await SpanKitProcess.run("prom", "check", "x.prom", in: directory)
            #expect(check.status == 1)
            #expect(check.output.contains(#/node_exporter [0-9.]+ loses the whole file/#), "\(check.output)")
            try "{\"a.b\"} 1\n".write(to: file, atomically: true, encoding: .utf8)
            for (version, effect) in [
                ("1.5.0", "loses the whole file"), ("1.9", "panics"), ("1.11.1", "loses the whole file"),
            ] {
                let check = try await SpanKitProcess.run(
                    "prom",
                    "check",
                    "--node-exporter",
                    version,
                    "x.prom",
                    in: directory
                )
                #expect(
                    check.status == 1 && check.output.contains("node_exporter \(version) \(effect)"),
                    "\(check.output)"
                )
            }
            let wrong = try await SpanKitProcess.run("prom", "check", "--node-exporter", "new", "x.prom", in: directory)
            #expect(wrong.status == 64 && wrong.error.contains("'new' is not a version such as 1.9"), "\(wrong.error)")
            let missing = try await SpanKitProcess.run("prom", "check", "none.prom", in: directory)
            #expect(missing.status == 65)
            let name = try await SpanKitProcess.run("prom", "make", results, "--out", "x.txt", in: directory)
            #expect(name.status == 64)
            #expect(name.error.contains("does not end in .prom"))
        }
    }

    /// Series with sorted labels, and their values. Bounds are written in one way, as node_exporter writes large ones in another.
    static func samples(_ text: String) -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            let series = line[..<space]
            let name = series.prefix { $0 != "{" }
            let labels = series.dropFirst(name.count).dropFirst().dropLast().split(separator: ",").map(bound).sorted()
            samples["\(name){\(labels.joined(separator: ","))}".replacingOccurrences(of: "{}", with: "")] = value
        }
        return samples
    }

    /// `le="1.048576e+06"` as `le="1048576"`; other labels as they are.
    private static func bound(_ label: Substring) -> String {
        guard let text = label.wholeMatch(of: /le="(.+)"/)?.1, let number = Double(text), number.magnitude < 1e15,
            number == number.rounded()
        else { return String(label) }
        return "le=\"\(Int(number))\""
    }
}
