import PrometheusText
import Recording
import Shipping

/// What the exporter tells of itself, for a textfile.
enum ExporterFamilies {
    /// - Parameters:
    ///   - names: under which names.
    ///   - logBytes: what ended spans take that wait to be taken out of the log.
    static func families(
        _ account: ShippingAccount,
        _ recording: RecordingAccount,
        logBytes: UInt64,
        names: SelfMetricNames
    ) -> [MetricFamily] {
        guard names != .none else { return [] }
        let families = ofTheProcess(recording, logBytes) + (account.destinations.isEmpty ? [] : ofTheExport(account))
        guard names == .spanKit else { return families }
        return families.map { family in
            var family = family
            family.name = family.name.replacing(/^otel_sdk_/, with: "spankit_sdk_")
            return family
        }
    }

    private static func ofTheProcess(_ recording: RecordingAccount, _ logBytes: UInt64) -> [MetricFamily] {
        [
            counter(
                "otel_sdk_span_started_total",
                "Spans that were started.",
                [
                    (["otel_span_sampling_result": "RECORD_AND_SAMPLE"], recording.started &- recording.unsampled),
                    (["otel_span_sampling_result": "DROP"], recording.unsampled),
                ]
            ),
            gauge("otel_sdk_span_live", "Spans that have not ended.", [([:], recording.open)]),
            gauge(
                "spankit_recording_log_bytes",
                "Bytes of ended spans that wait in the log.",
                [([:], logBytes)]
            ),
            counter(
                "spankit_recording_ignored_calls_total",
                "Calls on spans that had ended already.",
                [([:], recording.ignoredCalls)]
            ),
            gauge(
                "spankit_build_info",
                "The version of SpanKit; always 1.",
                [(["version": ShippingRelease.version], 1)]
            ),
        ]
    }

    private static func ofTheExport(_ account: ShippingAccount) -> [MetricFamily] {
        var exported: [(labels: [String: String], value: UInt64)] = []
        var inFlight: [(labels: [String: String], value: UInt64)] = []
        var requests: [(labels: [String: String], value: UInt64)] = []
        var repeated: [(labels: [String: String], value: UInt64)] = []
        for (destination, component) in zip(account.destinations, account.componentNames) {
            exported.append((["otel_component_name": component, "error_type": ""], destination.exported))
            for (reason, count) in destination.dropped where reason != .tailSampled {
                exported.append((["otel_component_name": component, "error_type": reason.name], count))
            }
            for (state, count) in destination.pending {
                inFlight.append((["otel_component_name": component, "state": state], count))
            }
            requests.append((["otel_component_name": component], destination.requests))
            repeated.append((["otel_component_name": component], destination.possiblyDuplicated))
        }
        let spool = account.spooledBytes.map {
            gauge("spankit_spool_bytes", "Bytes of request bodies that wait in the spool.", [([:], $0)])
        }
        let tail = account.tailSampling.map { tail in
            counter(
                "spankit_tail_sampling_spans_total",
                "Spans that tail sampling has decided on, by its reason to keep them; those without one were left out.",
                tail.kept.map { (["decision": "kept", "reason": $0.key.rawValue], $0.value) }
                    + [(["decision": "dropped", "reason": ""], tail.dropped)]
            )
        }
        return [
            counter(
                "otel_sdk_exporter_span_exported_total",
                "Spans whose export is over; those with an error_type were lost.",
                exported
            ),
            gauge(
                "otel_sdk_exporter_span_inflight",
                "Spans handed to the exporter that are neither exported nor lost, by where they are.",
                inFlight
            ),
            gauge(
                "otel_sdk_processor_span_queue_size",
                "Ended spans that no request body holds yet, by where they are.",
                account.queued.map { (["state": $0.state], $0.count) }
            ),
            counter(
                "spankit_exporter_requests_total",
                "Requests that were sent, each with a batch of spans.",
                requests
            ),
            counter(
                "spankit_exporter_possibly_duplicated_spans_total",
                "Spans that were sent again after an attempt whose answer never came.",
                repeated
            ),
            counter(
                "spankit_exporter_body_bytes_total",
                "Bytes of request bodies before and after compression.",
                [(["form": "plain"], account.bodyBytes.plain), (["form": "sent"], account.bodyBytes.sent)]
            ),
        ] + [spool, tail].compactMap(\.self)
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
