import Foundation
import SpanKitTestSupport
import Testing

@Suite("From a run to an alert", .generousTimeLimit)
struct PrometheusChainTests {
    /// The configuration as users get it, with the two addresses and the interval of a test, and all the rules.
    static func configuration(port: UInt16) throws -> String {
        let text = try PackageFiles.text("collector-config/prometheus/prometheus.yml")
        // Collectors do not run here.
        let end = try #require(text.range(of: "  # The collectors' own counters"))
        let rules = PackageFiles.url("collector-config/prometheus/rules").path
        return String(text[..<end.lowerBound])
            .replacing("_interval: 15s", with: "_interval: 500ms")
            .replacing("- rules/", with: "- \(rules)/")
            .replacing("localhost:9100", with: "127.0.0.1:\(port)")
    }

    @Test(
        "A slow scenario fires the latency alert through file, node_exporter, Prometheus and rules",
        .needs(.prometheus, .nodeExporter)
    )
    func slowScenario() async throws {
        try await withTemporaryDirectory { directory in
            let textfiles = directory.appending(path: "textfiles")
            try FileManager.default.createDirectory(at: textfiles, withIntermediateDirectories: false)
            let exporter = try await NodeExporter(directory: textfiles.path)
            defer { exporter.stop() }
            let prometheus = try await PrometheusServer(configuration: Self.configuration(port: exporter.port))
            defer { prometheus.stop() }
            try await prometheus.query("up{job=\"node\"}") { $0.first?.value == 1 }
            #expect(try prometheus.alerts() == [])

            // Answers that take about 3.6 s, where two are promised.
            let run = try SpanKitProcess(
                ["profile", "--scenario", "1", "--latency-scale", "1.5", "--quiet", "--prom", textfiles.path],
                in: directory,
                environment: ["OTEL_METRIC_EXPORT_INTERVAL": "250"]
            )
            try run.start()
            let firing = try await eventually("the latency alert fires", try prometheus.alerts()) { alerts in
                alerts.contains { $0.labels["alertname"] == "SpanKitLatencyBudgetBurnsFast" && $0.state == "firing" }
            }
            let outcome = try await run.end()
            #expect(outcome.status == 0, "\(outcome.error)")
            let ruleErrors = try prometheus.ruleErrors()
            #expect(ruleErrors == [])
            let fired = try #require(firing.first { $0.state == "firing" })
            #expect(fired.labels["process"] == "okr-coach" && fired.labels["severity"] == "page")
            #expect(fired.annotations["summary"]?.hasPrefix("okr-coach is so slow") == true)
            // Nothing failed, nothing was lost, no file is old.
            let others = try prometheus.alerts().filter { $0.state == "firing" && $0.labels["severity"] == "page" }
            #expect(others.map { $0.labels["alertname"] } == ["SpanKitLatencyBudgetBurnsFast"])
            let p50 = "process_operation:spankit_span_duration_seconds:p50_5m{operation=\"step_7_claude_api_call\"}"
            let recorded = try #require(try prometheus.query(p50).first?.value)
            // Seconds: a busy machine takes longer, but not as long as another unit would.
            #expect(recorded > 2 && recorded < 1_000)
        }
    }
}
