import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitTestSupport
import Testing

@testable import SpanKit

@Suite("Variables of metrics")
struct MetricConfigurationTests {
    private func configuration(_ variables: [String: String]) -> TelemetryConfiguration {
        .environment(["OTEL_METRICS_EXPORTER": "otlp"].merging(variables) { $1 })
    }

    /// Only metrics, which are sent by a flush and at the shutdown, however long the test takes.
    private func onDemand(_ server: FaultServer) -> TelemetryConfiguration {
        configuration([
            "OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            "OTEL_METRIC_EXPORT_INTERVAL": "3600000",
        ])
    }

    @Test("each variable has its effect")
    func effects() throws {
        let configuration = configuration([
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "Delta",
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "explicit_bucket_histogram",
            "OTEL_METRICS_EXEMPLAR_FILTER": "ALWAYS_OFF", "OTEL_METRIC_EXPORT_INTERVAL": "1000",
            "OTEL_METRIC_EXPORT_TIMEOUT": "2000", "SPANKIT_PROCESS_METRICS": "true",
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "3000",
        ])
        #expect(configuration.warnings == [])
        let reader = try #require(configuration.metricReaders.first)
        #expect(reader.temporality == .delta && reader.histogramAggregation == .explicit)
        #expect(reader.interval == .seconds(1) && reader.timeout == .seconds(2))
        #expect(reader.exporter.receiver?.timeout == .seconds(3))
        #expect(configuration.metrics.exemplarFilter == .alwaysOff && configuration.processMetrics)
    }

    @Test("without variables, metrics are cumulative, exponential and at most 160 buckets wide")
    func defaults() throws {
        let configuration = configuration([:])
        let reader = try #require(configuration.metricReaders.first)
        #expect(reader == MetricReaderConfiguration(OTLPExporter(url: "http://localhost:4318/v1/metrics")))
        #expect(reader.temporality == .cumulative && reader.histogramAggregation == .exponential)
        #expect(reader.maximumBuckets == 160 && reader.interval == .seconds(60) && reader.timeout == .seconds(30))
        #expect(configuration.metrics.exemplarFilter == .traceBased && !configuration.processMetrics)
        #expect(TelemetryConfiguration.environment([:]).metricReaders.isEmpty)
    }

    @Test("a bad value is reported, and the default is used")
    func badValues() throws {
        let configuration = configuration([
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "monthly",
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "pie", "OTEL_METRICS_EXEMPLAR_FILTER": "best",
            "OTEL_METRIC_EXPORT_TIMEOUT": "soon",
        ])
        #expect(
            Set(configuration.warnings) == [
                "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'monthly' is not one of cumulative, delta, lowmemory; using cumulative",
                "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'pie' is not one of base2_exponential_bucket_histogram, "
                    + "explicit_bucket_histogram; using base2_exponential_bucket_histogram",
                "OTEL_METRICS_EXEMPLAR_FILTER: 'best' is not one of always_off, always_on, trace_based; using trace_based",
                "OTEL_METRIC_EXPORT_TIMEOUT: 'soon' is not a whole number of milliseconds of at least 0; using the default",
            ]
        )
        #expect(configuration.metricReaders.first?.temporality == .cumulative)
    }

    @Test("several exporters of metrics, each once")
    func exporters() {
        let configuration = configuration(["OTEL_METRICS_EXPORTER": "console, otlp/stdout,console,none,jaeger"])
        #expect(
            configuration.metricReaders.map(\.exporter) == [.console, .linesFile(LinesFileConfiguration(path: "-"))]
        )
        #expect(
            configuration.warnings == [
                "OTEL_METRICS_EXPORTER: 'jaeger' is not one of otlp, console, otlp/stdout, none; it is left out"
            ]
        )
    }

    @Test("metrics are sent without an exporter of spans, and a flush sends a reading")
    func withoutSpans() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(
            onDemand(server),
            log: .silent
        )
        telemetry.metrics.counter("orders").add(3)
        await telemetry.flush(within: .generous)
        #expect(server.requests.count == 1)
        telemetry.metrics.counter("orders").add(4)
        await telemetry.shutdown(within: .generous)
        let bodies = server.requests.map { String(decoding: $0.decodedBody ?? [], as: UTF8.self) }
        #expect(bodies.count == 2 && server.requests.allSatisfy { $0.path == "/v1/metrics" })
        #expect(bodies.first?.contains(#""asInt":"3""#) == true && bodies.last?.contains(#""asInt":"7""#) == true)
        #expect(bodies.last?.contains(#""name":"otel.sdk.exporter.metric_data_point.exported""#) == true)
        let account = try #require(telemetry.metricsAccount.first)
        #expect(account.exported > 2 && account.undelivered == 0 && account.droppedCount == 0)
    }

    @Test("redaction applies to attributes of instruments, and series that become the same are added up")
    func redaction() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var configuration = onDemand(server)
        configuration.redaction = .standard
        let lines = Locked<[String]>([])
        let telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
        )
        let counter = telemetry.metrics.counter("logins", description: "Of anna@example.com.")
        let gauge = telemetry.metrics.gauge("age")
        for (number, name) in ["anna", "bert"].enumerated() {
            counter.add(Int64(number + 1), attributes: ["user": .string("\(name)@example.com")])
            gauge.set(Double(number), attributes: ["user": .string("\(name)@example.com")])
        }
        await telemetry.shutdown(within: .generous)
        let body = String(decoding: server.requests.last?.decodedBody ?? [], as: UTF8.self)
        #expect(!body.contains("example.com"))
        #expect(body.contains(#""asInt":"3""#), "1 and 2")
        #expect(lines.withLock { $0 }.contains { $0.contains("the metric 'age' has series with the same attributes") })
    }
}
