import Inputs
import TestSupport
import Testing

@testable import PrometheusText

@Suite("Metrics of language models")
struct GenAIMetricsTests {
    @Test("durations and tokens, at the edges OpenTelemetry asks for")
    func golden() throws {
        let metrics = GenAIMetrics(constantLabels: [MetricLabel("service", "okr-coach")])
        var call = GenAICall(operationName: "chat", providerName: "anthropic")
        call.requestModel = "claude-sonnet-4-5"
        call.responseModel = "claude-sonnet-4-5-20250929"
        call.inputTokens = 1_024
        call.outputTokens = 65
        metrics.record(call, nanoseconds: 2_560_000_000)
        metrics.record(call, nanoseconds: 2_560_000_001)
        var failed = GenAICall(operationName: "chat", providerName: "anthropic")
        failed.requestModel = "claude-sonnet-4-5"
        failed.errorType = "overloaded_error"
        metrics.record(failed, nanoseconds: 90_000_000_000)
        try Golden.expect(try encoded(metrics.families()), "genai.prom")
    }

    @Test("nothing recorded, nothing written; tokens that were not told are not counted")
    func unknown() {
        let metrics = GenAIMetrics()
        #expect(metrics.families() == [])
        var call = GenAICall(operationName: "chat", providerName: "anthropic")
        call.inputTokens = -1
        metrics.record(call, nanoseconds: 1)
        #expect(metrics.families().map(\.name) == ["gen_ai_client_operation_duration_seconds"])
    }

    @Test("beyond the limit calls share one series; hostile model names read back")
    func limit() throws {
        let metrics = GenAIMetrics(maximumLabelSets: 5)
        var random = SplitMix64(seed: 3)
        for number in 0..<100 {
            var call = GenAICall(operationName: "chat", providerName: "anthropic")
            call.requestModel = "\(number)" + HostileText.make(&random, 0...200)
            metrics.record(call, nanoseconds: 1)
        }
        let families = metrics.families()
        let counts = families.flatMap(\.samples).filter { $0.name.hasSuffix("_count") }
        #expect(counts.count == 6 && counts.reduce(0) { $0 + $1.value } == 100)
        #expect(counts.contains { $0.labels == [MetricLabel("otel_metric_overflow", "true")] && $0.value == 95 })
        #expect(try ExpositionText.problems(in: ExpositionText.encode(families)) == [])
    }
}

@Suite("Edges in labels")
struct EdgeTextTests {
    @Test(
        "edges are spelled as Prometheus' own libraries spell them",
        arguments: [
            (0.5, "0.5"), (1, "1"), (262_144, "262144"), (999_999, "999999"), (1_000_000, "1e+06"),
            (1_048_576, "1.048576e+06"), (67_108_864, "6.7108864e+07"), (-2_500_000, "-2.5e+06"),
            (1_234_567.25, "1.23456725e+06"),
            (1e10, "1e+10"), (1e21, "1e+21"), (0x1p-20, "9.5367431640625e-07"), (.infinity, "+Inf"),
        ] as [(Double, String)]
    )
    func spelling(number: Double, text: String) {
        #expect(edgeText(number) == text)
    }
}
