import SpanKit
import SpanKitGenAI
import SpanKitInputs
import SpanKitPrometheusText
import SpanKitTestSupport
import Testing

@Suite("Metrics of language models")
struct GenAIMetricsTests {
    @Test("durations and tokens are counted with OpenTelemetry's bucket bounds")
    func golden() throws {
        let metrics = GenAIMetrics()
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
        let text = try ExpositionText.encode(
            metrics.metrics(.classic).map { metric in
                var metric = metric
                for place in metric.points.indices {
                    metric.points[place].attributes.append(Attribute("service", "okr-coach"))
                }
                return metric
            }
        )
        try Golden.expect(String(decoding: text, as: UTF8.self), "genai.prom")
    }

    @Test("without calls there are no metrics, and unknown token counts are left out")
    func unknown() {
        let metrics = GenAIMetrics()
        #expect(metrics.metrics(.classic) == [])
        var call = GenAICall(operationName: "chat", providerName: "anthropic")
        call.inputTokens = -1
        metrics.record(call, nanoseconds: 1)
        #expect(metrics.metrics(.classic).map(\.name) == ["gen_ai.client.operation.duration"])
    }

    @Test("calls beyond the limit share one series, and hostile model names are escaped")
    func limit() throws {
        let metrics = GenAIMetrics(maximumLabelSets: 5)
        var random = SplitMix64(seed: 3)
        for number in 0..<100 {
            var call = GenAICall(operationName: "chat", providerName: "anthropic")
            call.requestModel = "\(number)" + HostileText.make(&random, 0...200)
            metrics.record(call, nanoseconds: 1)
        }
        let written = metrics.metrics(.classic)
        let points = written.flatMap(\.points)
        func count(_ point: Metric.Point) -> UInt64 {
            guard case .histogram(let histogram) = point.value else { return 0 }
            return histogram.count
        }
        #expect(points.count == 6 && points.reduce(0) { $0 + count($1) } == 100)
        #expect(points.contains { $0.attributes == [Attribute("otel.metric.overflow", true)] && count($0) == 95 })
        #expect(try ExpositionText.problems(in: ExpositionText.encode(written)) == [])
    }
}
