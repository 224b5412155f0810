import SpanKit
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording

/// The metrics that OpenTelemetry defines for clients of language models.
///
/// | OpenTelemetry | Prometheus textfile |
/// |---|---|
/// | `gen_ai.client.operation.duration` | `gen_ai_client_operation_duration_seconds` |
/// | `gen_ai.client.token.usage`, with `gen_ai.token.type` `input` or `output` | `gen_ai_client_token_usage` |
/// | `gen_ai.client.operation.time_to_first_chunk` | `gen_ai_client_operation_time_to_first_chunk_seconds` |
/// | `gen_ai.client.operation.time_per_output_chunk` | `gen_ai_client_operation_time_per_output_chunk_seconds` |
///
/// The textfile has histograms with the conventions' bucket bounds and exact counts. OTLP has exponential histograms,
/// which also resolve durations above the conventions' last bound of 81.92 s. Recording a call holds a lock for a short
/// time and allocates memory. The metrics follow the semantic conventions v1.41.1, "GenAI metrics", which are in
/// development.
///
/// Calls recorded with ``Conventions/v0_1_0`` are counted in the metrics of that version instead. It has separate metrics for model calls
/// (`gen_ai.client.inference.…`), embeddings, agents, tools and retrievals, and counters of tokens.
public final class GenAIMetrics: MetricSource {
    /// A metric of model calls.
    public enum Instrument: Sendable, CaseIterable {
        /// The duration of a call.
        case duration
        /// The numbers of input and output tokens.
        case tokens
        /// The time from the request to the first chunk of the response.
        case timeToFirstChunk
        /// The time between consecutive chunks of the response.
        case timePerOutputChunk

        var kind: GenAIHistogram.Kind { self == .tokens ? .tokens : .durations }

        private var measure: GenAIMetricDefinition.Measure {
            switch self {
            case .duration: .duration
            case .tokens: .tokens
            case .timeToFirstChunk: .timeToFirstChunk
            case .timePerOutputChunk: .timePerOutputChunk
            }
        }

        func metric(_ kind: Metric.Kind) -> Metric {
            let definition = GenAIMetricDefinition.all(.v1_41_1).first { $0.measure == measure }
            return Metric(
                definition?.name ?? "",
                description: definition?.description ?? "",
                unit: definition?.unit ?? "",
                kind: kind
            )
        }
    }

    /// The series by their attributes, which have OpenTelemetry's names and a fixed order.
    private typealias Series = [[Attribute]: GenAIHistogram]

    private let maximumLabelSets: Int
    private let text: (@Sendable (String) -> String)?
    private let state = Locked<[Instrument: Series]>([:])
    /// The metrics of v0.1.0 and of MCP.
    let instruments: DefinedInstruments

    /// Creates metrics without any calls.
    /// - Parameters:
    ///   - maximumLabelSets: the maximum number of series of a metric. Further calls are counted in a series with the attribute
    ///     `otel.metric.overflow=true`, as OpenTelemetry defines it.
    ///   - text: redacts a value of an attribute; nil to use all values as they are.
    public init(maximumLabelSets: Int = 200, text: (@Sendable (String) -> String)? = nil) {
        self.text = text
        self.maximumLabelSets = max(0, maximumLabelSets)
        instruments = DefinedInstruments(limit: maximumLabelSets, text: text)
    }

    /// Counts a call that has ended.
    /// - Parameters:
    ///   - call: the call.
    ///   - nanoseconds: its duration.
    public func record(_ call: GenAICall, nanoseconds: UInt64) {
        guard call.conventions == .v1_41_1 else { return instruments.record(call, nanoseconds: nanoseconds) }
        state.withLock { state in
            change(&state, .duration, call.attributes("error.type", call.errorType)) { $0.record(nanoseconds) }
            for (type, count) in [("input", call.inputTokens), ("output", call.outputTokens)] {
                guard let count, count >= 0 else { continue }
                change(&state, .tokens, call.attributes("gen_ai.token.type", type)) { $0.record(UInt64(count)) }
            }
            if let time = call.timeToFirstChunkNanoseconds {
                change(&state, .timeToFirstChunk, call.attributes()) { $0.record(time) }
            }
            if let gaps = call.chunkGaps, !gaps.isEmpty {
                change(&state, .timePerOutputChunk, call.attributes()) { $0.merge(gaps) }
            }
        }
    }

    /// Returns the current histograms of a metric, one for each series, in a stable order.
    public func distributions(_ instrument: Instrument) -> [(attributes: [Attribute], histogram: GenAIHistogram)] {
        state.withLock { $0[instrument] ?? [:] }.map { ($0.key, $0.value) }
            .sorted { left, right in
                left.attributes.lexicographicallyPrecedes(right.attributes) {
                    ($0.key, $0.value.labelText) < ($1.key, $1.value.labelText)
                }
            }
    }

    /// Returns the current metrics; none before the first call.
    package func metrics(_ form: DistributionForm) -> [Metric] {
        Instrument.allCases.map { instrument in
            instrument.metric(form.kind).with(
                distributions(instrument).map { .init($0.histogram.value(form), attributes: $0.attributes) }
            )
        }.filter { !$0.points.isEmpty } + instruments.metrics
    }

    private func change(
        _ state: inout [Instrument: Series],
        _ instrument: Instrument,
        _ attributes: [(name: String, value: String)],
        _ body: (inout GenAIHistogram) -> Void
    ) {
        var key = attributes.map { Attribute($0.name, .string(text?($0.value) ?? $0.value)) }
        let known = state[instrument] ?? [:]
        if known[key] == nil, known.count >= maximumLabelSets { key = [Attribute("otel.metric.overflow", true)] }
        body(&state[instrument, default: [:]][key, default: GenAIHistogram(instrument.kind)])
    }
}

extension Telemetry {
    /// The metrics of model calls, which are written to the textfile and sent as OTLP metrics.
    public var modelMetrics: GenAIMetrics { metricSource { GenAIMetrics(text: $0) } }
}
