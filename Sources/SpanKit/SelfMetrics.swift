import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping

/// The metrics about the exporter, for OTLP and for the textfile.
///
/// The names `otel.sdk.*` are from the OpenTelemetry semantic conventions. They are in development there and may
/// change.
enum SelfMetrics {
    /// - Parameters:
    ///   - account: where the exported spans are.
    ///   - recording: where the recorded spans are.
    ///   - logBytes: the bytes of ended spans in the log.
    ///   - readers: where the data points of the metric readers are.
    static func metrics(
        _ account: ShippingAccount,
        recording: RecordingAccount,
        logBytes: UInt64,
        logs: ShippingAccount = ShippingAccount(),
        logRecording: LogRecordAccount? = nil,
        readers: [ShippingAccount.Destination] = []
    ) -> [Metric] {
        ofRecording(recording, logBytes) + (account.destinations.isEmpty ? [] : ofExport(account, recording))
            + (logRecording.map { ofLogs(logs, $0) } ?? [])
            + (readers.isEmpty ? [] : ofReaders(readers))
    }

    /// The metrics of log records, which exist once there is a record.
    private static func ofLogs(_ account: ShippingAccount, _ recording: LogRecordAccount) -> [Metric] {
        guard account.created + recording.emitted > 0 else { return [] }
        let created = counter(
            "otel.sdk.log.created",
            "Log records that were made.",
            "{log_record}",
            [point(recording.emitted)]
        )
        guard !account.destinations.isEmpty else { return [created] }
        let processor = component("batching_log_processor", "batching_log_processor/0")
        var exported: [Metric.Point] = []
        var inFlight: [Metric.Point] = []
        for (destination, name) in zip(account.destinations, account.componentNames) {
            let component = component(destination.componentType, name)
            exported += outcomes(destination, component)
            inFlight += destination.pending.map { point($0.count, component + [Attribute("state", .string($0.state))]) }
        }
        return [
            created,
            counter(
                "otel.sdk.processor.log.processed",
                "Log records handed to the exporters; those with an error_type were lost before.",
                "{log_record}",
                [
                    point(recording.written, processor),
                    point(recording.droppedLogFull, processor + [Attribute("error.type", "queue_full")]),
                ]
            ),
            upDownCounter(
                "otel.sdk.processor.log.queue.size",
                "Log records that no request body holds yet, by where they are.",
                "{log_record}",
                account.queued.map { point($0.count, processor + [Attribute("state", .string($0.state))]) }
            ),
            counter(
                "otel.sdk.exporter.log.exported",
                "Log records whose export is over; those with an error_type were lost.",
                "{log_record}",
                exported
            ),
            upDownCounter(
                "otel.sdk.exporter.log.inflight",
                "Log records handed to the exporter that are neither exported nor lost, by where they are.",
                "{log_record}",
                inFlight
            ),
        ]
    }

    private static func ofRecording(_ recording: RecordingAccount, _ logBytes: UInt64) -> [Metric] {
        let sampled = Attribute("otel.span.sampling_result", "RECORD_AND_SAMPLE")
        let dropped = Attribute("otel.span.sampling_result", "DROP")
        return [
            counter(
                "otel.sdk.span.started",
                "Spans that were started.",
                "{span}",
                [
                    point(recording.started &- recording.unsampled, [sampled]),
                    point(recording.unsampled, [dropped]),
                ]
            ),
            upDownCounter(
                "otel.sdk.span.live",
                "Spans that have not ended.",
                "{span}",
                [point(recording.open, [sampled])]
            ),
            upDownCounter(
                "spankit.recording.log",
                "Bytes of ended spans that wait in the log.",
                "By",
                [point(logBytes)]
            ),
            counter(
                "spankit.recording.ignored_calls",
                "Calls on spans that had ended already.",
                "{call}",
                [point(recording.ignoredCalls)]
            ),
            Metric(
                "spankit.build_info",
                description: "The version of SpanKit; always 1.",
                unit: "",
                kind: .gauge,
                points: [point(1, [Attribute("version", .string(Release.version))])]
            ),
        ] + (recording.processors.isEmpty ? [] : ofProcessors(recording.processors))
    }

    private static func ofProcessors(_ processors: [SpanProcessorAccount]) -> [Metric] {
        func name(_ processor: SpanProcessorAccount) -> [Attribute] {
            [Attribute("processor", .string(processor.name))]
        }
        return [
            counter(
                "spankit.processor.calls",
                "Calls of the program's span processors; those with an error_type threw an error or were skipped.",
                "{call}",
                processors.flatMap { processor in
                    [
                        point(processor.calls &- processor.failedCalls, name(processor)),
                        point(processor.failedCalls, name(processor) + [Attribute("error.type", "error")]),
                        point(processor.skippedCalls, name(processor) + [Attribute("error.type", "skipped")]),
                    ]
                }
            ),
            counter(
                "spankit.processor.slow_calls",
                "Calls of the program's span processors that took longer than their time limit.",
                "{call}",
                processors.map { point($0.slowCalls, name($0)) }
            ),
            counter(
                "spankit.processor.duration",
                "Time that the program spent in its span processors.",
                "s",
                processors.map { Metric.Point(.double($0.time / .seconds(1)), attributes: name($0)) }
            ),
        ]
    }

    private static func ofExport(_ account: ShippingAccount, _ recording: RecordingAccount) -> [Metric] {
        var exported: [Metric.Point] = []
        var inFlight: [Metric.Point] = []
        var requests: [Metric.Point] = []
        var repeated: [Metric.Point] = []
        for (destination, name) in zip(account.destinations, account.componentNames) {
            let component = component(destination.componentType, name)
            exported += outcomes(destination, component)
            inFlight += destination.pending.map { point($0.count, component + [Attribute("state", .string($0.state))]) }
            requests.append(point(destination.requests, component))
            repeated.append(point(destination.possiblyDuplicated, component))
        }
        let processor = component("batching_span_processor", "batching_span_processor/0")
        let lost = recording.droppedLogFull &+ recording.droppedTooManyLive
        return [
            counter(
                "otel.sdk.processor.span.processed",
                "Spans handed to the exporters; those with an error_type were lost before.",
                "{span}",
                [
                    point(recording.written, processor),
                    point(lost, processor + [Attribute("error.type", "queue_full")]),
                ]
            ),
            counter(
                "otel.sdk.exporter.span.exported",
                "Spans whose export is over; those with an error_type were lost.",
                "{span}",
                exported
            ),
            upDownCounter(
                "otel.sdk.exporter.span.inflight",
                "Spans handed to the exporter that are neither exported nor lost, by where they are.",
                "{span}",
                inFlight
            ),
            upDownCounter(
                "otel.sdk.processor.span.queue.size",
                "Ended spans that no request body holds yet, by where they are.",
                "{span}",
                account.queued.map { point($0.count, processor + [Attribute("state", .string($0.state))]) }
            ),
            counter(
                "spankit.exporter.requests",
                "Requests that were sent, including retries.",
                "{request}",
                requests
            ),
            counter(
                "spankit.exporter.possibly_duplicated_spans",
                "Spans that were sent again after an attempt whose answer never came.",
                "{span}",
                repeated
            ),
            counter(
                "spankit.exporter.body",
                "Bytes of request bodies before and after compression.",
                "By",
                [
                    point(account.bodyBytes.plain, [Attribute("form", "plain")]),
                    point(account.bodyBytes.sent, [Attribute("form", "sent")]),
                ]
            ),
            counter(
                "spankit.exporter.rejected_compressions",
                "Request bodies that zlib compressed because SpanKit's own compressor failed a check. Please report a value above 0 as a bug.",
                "{body}",
                account.destinations.isEmpty ? [] : [point(GzipCompressor.wrongResults.load(ordering: .relaxed))]
            ),
            upDownCounter(
                "spankit.spool",
                "Bytes of request bodies that wait in the spool.",
                "By",
                account.spooledBytes.map { [point($0)] } ?? []
            ),
            counter(
                "spankit.tail_sampling.spans",
                "Spans that tail sampling has decided on, by the reason to keep them. Spans without a reason were dropped.",
                "{span}",
                account.tailSampling.map(decisions) ?? []
            ),
        ].filter { !$0.points.isEmpty }
    }

    /// The exported items of a destination, and the lost ones by reason.
    private static func outcomes(_ destination: ShippingAccount.Destination, _ component: [Attribute])
        -> [Metric.Point]
    {
        [point(destination.exported, component)]
            + destination.dropped.sorted { $0.key.name < $1.key.name }
            .filter { $0.key != .tailSampled }
            .map { point($0.value, component + [Attribute("error.type", .string($0.key.name))]) }
    }

    private static func ofReaders(_ readers: [ShippingAccount.Destination]) -> [Metric] {
        let components = zip(readers, ShippingAccount.componentNames(of: readers)).map { reader, name in
            (reader, component(reader.componentType, name))
        }
        return [
            counter(
                "otel.sdk.exporter.metric_data_point.exported",
                "Data points whose export is over; those with an error_type were lost or replaced by a newer reading.",
                "{data_point}",
                components.flatMap(outcomes)
            ),
            upDownCounter(
                "otel.sdk.exporter.metric_data_point.inflight",
                "Data points that were read and are neither exported nor lost.",
                "{data_point}",
                components.map { point($0.undelivered, $1) }
            ),
            counter(
                "spankit.metric_exporter.requests",
                "Requests with metrics that were sent, including repeated ones.",
                "{request}",
                components.map { point($0.requests, $1) }
            ),
        ]
    }

    private static func decisions(_ tail: TailSamplingAccount) -> [Metric.Point] {
        TailSamplingReason.allCases.compactMap { reason in
            tail.kept[reason].map {
                point($0, [Attribute("decision", "kept"), Attribute("reason", .string(reason.rawValue))])
            }
        } + [point(tail.dropped, [Attribute("decision", "dropped")])]
    }

    // MARK: Rows

    private static func component(_ type: String, _ name: String) -> [Attribute] {
        [Attribute("otel.component.type", .string(type)), Attribute("otel.component.name", .string(name))]
    }

    private static func point(_ count: UInt64, _ attributes: [Attribute] = []) -> Metric.Point {
        Metric.Point(.count(count), attributes: attributes)
    }

    private static func counter(_ name: String, _ description: String, _ unit: String, _ points: [Metric.Point])
        -> Metric
    {
        Metric(name, description: description, unit: unit, kind: .sum(isMonotonic: true), points: points)
    }

    private static func upDownCounter(_ name: String, _ description: String, _ unit: String, _ points: [Metric.Point])
        -> Metric
    {
        Metric(name, description: description, unit: unit, kind: .sum(isMonotonic: false), points: points)
    }
}

/// The names of the metrics about the exporter in a textfile.
///
/// OpenTelemetry's names are in development and may change. SpanKit's own names are stable, which suits dashboards.
public enum SelfMetricNames: String, Sendable, CaseIterable {
    /// `otel_sdk_…`, the names of the OpenTelemetry semantic conventions.
    case openTelemetry = "otel"
    /// `spankit_sdk_…`, the same metrics under stable names.
    case spanKit = "spankit"
    /// No metrics about the exporter.
    case none

    func apply(to metrics: [Metric]) -> [Metric] {
        switch self {
        case .openTelemetry: return metrics
        case .none: return []
        case .spanKit:
            return metrics.map { metric in
                var metric = metric
                if metric.name.hasPrefix("otel.sdk.") { metric.name = "spankit.\(metric.name.dropFirst(5))" }
                return metric
            }
        }
    }
}

/// An object whose metrics are exported together with those of a ``Telemetry``.
package protocol MetricSource: AnyObject, Sendable {
    /// Returns the current metrics, cumulative since the start. It is called on the threads that send and write metrics.
    func metrics(_ form: DistributionForm) -> [Metric]
}

/// The form in which histograms are exported.
package enum DistributionForm: Sendable {
    /// Counts at fixed bounds, for the text format.
    case classic
    /// Exponential histograms, for OTLP.
    case exponential

    package var kind: Metric.Kind { self == .classic ? .histogram : .exponentialHistogram }
}

extension Telemetry {
    /// The metric source of the given type, created on first use.
    /// - Parameter make: creates the source. Its argument is the redaction to apply to texts; nil for none.
    package func metricSource<Source: MetricSource>(_ make: ((@Sendable (String) -> String)?) -> Source) -> Source {
        metricSources.withLock { sources in
            if let known = sources.lazy.compactMap({ $0 as? Source }).first { return known }
            let source = make(redactor.map { redactor in { @Sendable text in redactor.text(text) } })
            sources.append(source)
            return source
        }
    }
}
