import SpanKit
import SpanKitOTLP
import SpanKitPrometheusText

/// The metrics that OpenTelemetry defines for calls of language models.
///
/// | OpenTelemetry | Prometheus textfile |
/// |---|---|
/// | `gen_ai.client.operation.duration` | `gen_ai_client_operation_duration_seconds` |
/// | `gen_ai.client.token.usage`, with `gen_ai.token.type` `input` or `output` | `gen_ai_client_token_usage` |
/// | `gen_ai.client.operation.time_to_first_chunk` | `gen_ai_client_operation_time_to_first_chunk_seconds` |
/// | `gen_ai.client.operation.time_per_output_chunk` | `gen_ai_client_operation_time_per_output_chunk_seconds` |
///
/// Histograms in the textfile have the bucket bounds of the conventions. OTLP has exponential histograms, which also resolve durations above
/// the last of these bounds, 81.92 s. A metric reader that asks for explicit buckets gets the bounds of the conventions. The metrics follow
/// the semantic conventions v1.41.1, "GenAI metrics", which are in development.
///
/// Calls recorded with ``Conventions/v0_1_0`` are counted in the metrics of that version instead. It has separate metrics for model calls
/// (`gen_ai.client.inference.…`), embeddings, agents, tools and retrievals, and counters of tokens.
///
/// All methods can be called from any thread. Recording a call allocates memory.
public final class GenAIMetrics: MetricSource {
    let instruments: DefinedInstruments

    /// Creates metrics without any calls.
    /// - Parameters:
    ///   - maximumLabelSets: the maximum number of series of a metric, 1 or more. Calls of further series are counted in one series with the
    ///     attribute `otel.metric.overflow=true`, as OpenTelemetry defines it.
    ///   - text: redacts a value of an attribute; nil to use all values as they are.
    public init(maximumLabelSets: Int = 200, text: (@Sendable (String) -> String)? = nil) {
        instruments = DefinedInstruments(limit: maximumLabelSets, text: text)
    }

    /// Counts a call that has ended.
    /// - Parameters:
    ///   - call: the call.
    ///   - nanoseconds: its duration.
    public func record(_ call: GenAICall, nanoseconds: UInt64) {
        instruments.record(call, nanoseconds: nanoseconds)
    }

    /// Returns the current metrics, cumulative since the first call, with the bucket bounds of the conventions. The list is empty before the first call.
    public func collect() -> [Metric] { metrics(.classic) }

    /// Returns the current metrics; none before the first call.
    package func metrics(_ form: DistributionForm) -> [Metric] { instruments.metrics(form) }
}

extension Telemetry {
    /// The metrics of model calls, which are written to the textfile and sent as OTLP metrics.
    public var modelMetrics: GenAIMetrics { metricSource { GenAIMetrics(text: $0) } }
}
