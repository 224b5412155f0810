import OTLP
import Percentiles
import Recording

/// What the exporter tells of itself, and the distribution of every operation, as metrics.
///
/// The names `otel.sdk.*` are those of the OpenTelemetry semantic conventions, where they are in development: they may change.
public enum ExporterMetrics {
    /// - Parameters:
    ///   - account: what became of the spans.
    ///   - recording: what became of them before they were exported.
    public static func metrics(_ account: ShippingAccount, recording: RecordingAccount) -> [Metric] {
        var exported: [Metric.Point] = []
        var inFlight: [Metric.Point] = []
        for (destination, name) in zip(account.destinations, account.componentNames) {
            let component = [
                Attribute("otel.component.type", .string(destination.componentType)),
                Attribute("otel.component.name", .string(name)),
            ]
            exported.append(.init(.int(Int64(clamping: destination.exported)), attributes: component))
            for (reason, count) in destination.dropped.sorted(by: { $0.key.name < $1.key.name })
            where reason != .tailSampled {
                let attributes = component + [Attribute("error.type", .string(reason.name))]
                exported.append(.init(.int(Int64(clamping: count)), attributes: attributes))
            }
            inFlight += destination.pending.map { state, count in
                .init(.int(Int64(clamping: count)), attributes: component + [Attribute("state", .string(state))])
            }
        }
        let processor = [
            Attribute("otel.component.type", "batching_span_processor"),
            Attribute("otel.component.name", "batching_span_processor/0"),
        ]
        let sampled = Attribute("otel.span.sampling_result", "RECORD_AND_SAMPLE")
        let dropped = Attribute("otel.span.sampling_result", "DROP")
        return [
            Metric(
                "otel.sdk.span.started",
                description: "Spans that were started",
                unit: "{span}",
                kind: .sum(isMonotonic: true),
                points: [
                    .init(.int(Int64(clamping: recording.started &- recording.unsampled)), attributes: [sampled]),
                    .init(.int(Int64(clamping: recording.unsampled)), attributes: [dropped]),
                ]
            ),
            Metric(
                "otel.sdk.span.live",
                description: "Spans that have not ended",
                unit: "{span}",
                kind: .sum(isMonotonic: false),
                points: [.init(.int(Int64(clamping: recording.open)), attributes: [sampled])]
            ),
            Metric(
                "otel.sdk.processor.span.processed",
                description: "Spans handed to the exporters, or lost before",
                unit: "{span}",
                kind: .sum(isMonotonic: true),
                points: [
                    .init(.int(Int64(clamping: recording.written)), attributes: processor),
                    .init(
                        .int(Int64(clamping: recording.droppedLogFull &+ recording.droppedTooManyLive)),
                        attributes: processor + [Attribute("error.type", "queue_full")]
                    ),
                ]
            ),
            Metric(
                "otel.sdk.exporter.span.exported",
                description: "Spans whose export is over; those with an error.type were lost",
                unit: "{span}",
                kind: .sum(isMonotonic: true),
                points: exported
            ),
            Metric(
                "otel.sdk.exporter.span.inflight",
                description: "Spans handed to the exporter that are neither exported nor lost, by where they are",
                unit: "{span}",
                kind: .sum(isMonotonic: false),
                points: inFlight
            ),
            Metric(
                "otel.sdk.processor.span.queue.size",
                description: "Ended spans that no request body holds yet, by where they are",
                unit: "{span}",
                kind: .sum(isMonotonic: false),
                points: account.queued.map { state, count in
                    .init(.int(Int64(clamping: count)), attributes: processor + [Attribute("state", .string(state))])
                }
            ),
            Metric(
                "spankit.tail_sampling.spans",
                description: "Spans that tail sampling has decided on; those without a reason were left out",
                unit: "{span}",
                kind: .sum(isMonotonic: true),
                points: account.tailSampling.map(points) ?? []
            ),
        ].filter { !$0.points.isEmpty }
    }

    private static func points(_ tail: TailSamplingAccount) -> [Metric.Point] {
        TailSamplingReason.allCases.compactMap { reason in
            tail.kept[reason].map { count in
                let attributes = [Attribute("decision", "kept"), Attribute("reason", .string(reason.rawValue))]
                return Metric.Point(.int(Int64(clamping: count)), attributes: attributes)
            }
        } + [.init(.int(Int64(clamping: tail.dropped)), attributes: [Attribute("decision", "dropped")])]
    }

    /// The distribution of each operation's duration.
    public static func metrics(_ operations: [OperationSnapshot]) -> [Metric] {
        let counted = operations.filter { !$0.histogram.isEmpty }
        guard !counted.isEmpty else { return [] }
        return [
            Metric(
                "spankit.span.duration",
                description: "How long spans took",
                unit: "s",
                kind: .exponentialHistogram,
                points: counted.map { operation in
                    .init(
                        .histogram(operation.histogram),
                        attributes: [Attribute("operation", .string(operation.name))]
                    )
                }
            ),
            Metric(
                "spankit.span.errors",
                description: "Spans that ended with an error",
                unit: "{span}",
                kind: .sum(isMonotonic: true),
                points: counted.map { operation in
                    .init(
                        .int(Int64(clamping: operation.errorCount)),
                        attributes: [Attribute("operation", .string(operation.name))]
                    )
                }
            ),
        ]
    }
}
