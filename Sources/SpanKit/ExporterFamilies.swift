import PrometheusText
import Recording
import Shipping

/// What the exporter tells of itself, for a textfile. Names are those of the OpenTelemetry conventions in Prometheus' form;
/// they are in development and may change.
enum ExporterFamilies {
    static func families(_ account: ShippingAccount, _ recording: RecordingAccount) -> [MetricFamily] {
        var families = [
            counter(
                "otel_sdk_span_started_total",
                "Spans that were started.",
                [
                    (["otel_span_sampling_result": "RECORD_AND_SAMPLE"], recording.started &- recording.unsampled),
                    (["otel_span_sampling_result": "DROP"], recording.unsampled),
                ]
            ),
            gauge("otel_sdk_span_live", "Spans that have not ended.", [([:], recording.live)]),
        ]
        guard !account.destinations.isEmpty else { return families }
        var exported: [(labels: [String: String], value: UInt64)] = []
        var waiting: [(labels: [String: String], value: UInt64)] = []
        for (number, destination) in account.destinations.enumerated() {
            let component = "otlp_http_json_span_exporter/\(number)"
            exported.append((["otel_component_name": component, "error_type": ""], destination.exported))
            for (reason, count) in destination.dropped {
                exported.append((["otel_component_name": component, "error_type": reason.name], count))
            }
            waiting.append((["otel_component_name": component], destination.undelivered))
        }
        families.append(
            counter(
                "otel_sdk_exporter_span_exported_total",
                "Spans whose export is over; those with an error_type were lost.",
                exported
            )
        )
        families.append(
            gauge("otel_sdk_exporter_span_inflight", "Spans that wait or are under way.", waiting)
        )
        families.append(
            counter(
                "spankit_exporter_body_bytes_total",
                "Bytes of request bodies before and after compression.",
                [(["form": "plain"], account.bodyBytes.plain), (["form": "sent"], account.bodyBytes.sent)]
            )
        )
        return families
    }

    private static func counter(
        _ name: String,
        _ help: String,
        _ values: [(labels: [String: String], value: UInt64)]
    ) -> MetricFamily {
        MetricFamily(name: name, help: help, type: .counter, metrics: values.map(metric))
    }

    private static func gauge(
        _ name: String,
        _ help: String,
        _ values: [(labels: [String: String], value: UInt64)]
    ) -> MetricFamily {
        MetricFamily(name: name, help: help, type: .gauge, metrics: values.map(metric))
    }

    private static func metric(_ value: (labels: [String: String], value: UInt64)) -> PrometheusText.Metric {
        PrometheusText.Metric(
            labels: value.labels.sorted { $0.key < $1.key }.map { MetricLabel($0.key, $0.value) },
            Double(value.value)
        )
    }
}
