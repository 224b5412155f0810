import SpanKitPrometheusText
import SpanKitTestSupport
import Testing

@testable import SpanKit
@testable import SpanKitRecording

@Suite("Metrics about the exporter")
struct SelfMetricsTests {
    private static let metrics: [Metric] = {
        var destination = ShippingAccount.Destination(name: "traces → http://localhost:4318/v1/traces")
        destination.componentType = "otlp_http_json_span_exporter"
        destination.exported = 7
        destination.dropped = [.queueFull: 2, .tailSampled: 5]
        var account = ShippingAccount()
        account.destinations = [destination]
        account.spooledBytes = 1_000
        account.tailSampling = TailSamplingAccount()
        return SelfMetrics.metrics(account, recording: RecordingAccount(), logBytes: 64)
    }()

    @Test("the names in the textfile are the documented ones")
    func names() {
        #expect(
            Self.metrics.map(MetricName.family(of:)).sorted() == [
                "otel_sdk_exporter_span_exported_total", "otel_sdk_exporter_span_inflight",
                "otel_sdk_processor_span_processed_total", "otel_sdk_processor_span_queue_size", "otel_sdk_span_live",
                "otel_sdk_span_started_total", "spankit_build_info", "spankit_exporter_body_bytes_total",
                "spankit_exporter_possibly_duplicated_spans_total",
                "spankit_exporter_rejected_compressions_total", "spankit_exporter_requests_total",
                "spankit_recording_ignored_calls_total", "spankit_recording_log_bytes", "spankit_spool_bytes",
                "spankit_tail_sampling_spans_total",
            ]
        )
    }

    @Test("dropped spans have a reason, except those of tail sampling")
    func losses() throws {
        let text = String(decoding: try ExpositionText.encode(Self.metrics), as: UTF8.self)
        let component =
            "otel_component_name=\"otlp_http_json_span_exporter/0\",otel_component_type=\"otlp_http_json_span_exporter\""
        #expect(text.contains("otel_sdk_exporter_span_exported_total{\(component)} 7\n"))
        #expect(
            text.contains(
                "otel_sdk_exporter_span_exported_total{error_type=\"\(DropReason.queueFull.name)\",\(component)} 2\n"
            )
        )
        #expect(!text.contains(DropReason.tailSampled.name + "\"} 5"))
        #expect(text.contains("spankit_recording_log_bytes 64\n"))
    }

    @Test("without an export there are no metrics about it")
    func withoutExport() {
        let metrics = SelfMetrics.metrics(ShippingAccount(), recording: RecordingAccount(), logBytes: 0)
        #expect(
            metrics.map(\.name) == [
                "otel.sdk.span.started", "otel.sdk.span.live", "spankit.recording.log",
                "spankit.recording.ignored_calls", "spankit.build_info",
            ]
        )
    }

    @Test("a span processor has its calls, those that did not work, and its time")
    func processors() throws {
        var processor = SpanProcessorAccount(name: "release")
        (processor.calls, processor.failedCalls, processor.skippedCalls, processor.slowCalls) = (10, 3, 2, 1)
        processor.time = .milliseconds(1_500)
        var recording = RecordingAccount()
        recording.processors = [processor]
        let metrics = SelfMetrics.metrics(ShippingAccount(), recording: recording, logBytes: 0)
        let text = String(decoding: try ExpositionText.encode(metrics), as: UTF8.self)
        for line in [
            "spankit_processor_calls_total{processor=\"release\"} 7",
            "spankit_processor_calls_total{error_type=\"error\",processor=\"release\"} 3",
            "spankit_processor_calls_total{error_type=\"skipped\",processor=\"release\"} 2",
            "spankit_processor_slow_calls_total{processor=\"release\"} 1",
            "spankit_processor_duration_seconds_total{processor=\"release\"} 1.5",
        ] {
            #expect(text.contains(line + "\n"), "\(line) is missing in \(text)")
        }
    }

    @Test("stable names replace only those of the conventions")
    func ownNames() {
        let names = SelfMetricNames.spanKit.apply(to: Self.metrics).map(\.name)
        #expect(names.contains("spankit.sdk.span.started") && names.contains("spankit.spool"))
        #expect(!names.contains { $0.hasPrefix("otel.") })
        #expect(SelfMetricNames.none.apply(to: Self.metrics).isEmpty)
    }
}
