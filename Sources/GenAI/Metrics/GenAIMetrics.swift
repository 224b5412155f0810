import SpanKit
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording

/// The metrics OpenTelemetry asks of clients of language models.
///
/// | OpenTelemetry | In a textfile |
/// |---|---|
/// | `gen_ai.client.operation.duration` | `gen_ai_client_operation_duration_seconds` |
/// | `gen_ai.client.token.usage`, with `gen_ai.token.type` `input` or `output` | `gen_ai_client_token_usage` |
/// | `gen_ai.client.operation.time_to_first_chunk` | `gen_ai_client_operation_time_to_first_chunk_seconds` |
/// | `gen_ai.client.operation.time_per_output_chunk` | `gen_ai_client_operation_time_per_output_chunk_seconds` |
///
/// Every call is compared with the conventions' edges as it comes, so all counts of the textfile are exact. Over OTLP exponential
/// histograms are sent, whose percentiles need no edges (an agent runs longer than the conventions' last one, 81.92 s). A call
/// takes a short lock and allocates, which is nothing beside the seconds a model takes. (Semantic conventions v1.41.1, "GenAI
/// metrics"; in development there.)
public final class GenAIMetrics: MetricSource {
    /// What is measured of a call.
    public enum Instrument: Sendable, CaseIterable {
        /// The whole call.
        case duration
        /// Tokens read, and tokens written.
        case tokens
        /// From the request to the first piece of the answer.
        case timeToFirstChunk
        /// From one piece of the answer to the next.
        case timePerOutputChunk

        var kind: GenAIHistogram.Kind { self == .tokens ? .tokens : .durations }

        func metric(_ kind: Metric.Kind) -> Metric {
            let (name, description) =
                switch self {
                case .duration: ("operation.duration", "GenAI operation duration.")
                case .tokens: ("token.usage", "Number of input and output tokens used.")
                case .timeToFirstChunk:
                    ("operation.time_to_first_chunk", "Time from the request to the first chunk of the answer.")
                case .timePerOutputChunk:
                    ("operation.time_per_output_chunk", "Time from one chunk of the answer to the next.")
                }
            let unit = self == .tokens ? "{token}" : "s"
            return Metric("gen_ai.client.\(name)", description: description, unit: unit, kind: kind)
        }
    }

    /// By the attributes that tell one series from another: names as OpenTelemetry has them, in a fixed order.
    private typealias Series = [[Attribute]: GenAIHistogram]

    private let maximumLabelSets: Int
    private let text: (@Sendable (String) -> String)?
    private let state = Locked<[Instrument: Series]>([:])

    /// Nothing recorded.
    /// - Parameters:
    ///   - maximumLabelSets: how many label sets a metric keeps apart; the rest shares `otel.metric.overflow=true`, as
    ///     OpenTelemetry has it.
    ///   - text: what may stand for a value of an attribute; the value itself by default.
    public init(maximumLabelSets: Int = 200, text: (@Sendable (String) -> String)? = nil) {
        self.text = text
        self.maximumLabelSets = max(0, maximumLabelSets)
    }

    /// Counts one call that has ended, well or not.
    public func record(_ call: GenAICall, nanoseconds: UInt64) {
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

    /// Every distribution now, by the attributes that tell one series from another, in a stable order.
    public func distributions(_ instrument: Instrument) -> [(attributes: [Attribute], histogram: GenAIHistogram)] {
        state.withLock { $0[instrument] ?? [:] }.map { ($0.key, $0.value) }
            .sorted { left, right in
                left.attributes.lexicographicallyPrecedes(right.attributes) {
                    ($0.key, $0.value.labelText) < ($1.key, $1.value.labelText)
                }
            }
    }

    /// The metrics now; none before the first call.
    package func metrics(_ form: DistributionForm) -> [Metric] {
        Instrument.allCases.map { instrument in
            instrument.metric(form.kind).with(
                distributions(instrument).map { .init($0.histogram.value(form), attributes: $0.attributes) }
            )
        }.filter { !$0.points.isEmpty }
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
    /// Calls of language models, counted for the textfile and for OTLP metrics.
    public var modelMetrics: GenAIMetrics { metricSource { GenAIMetrics(text: $0) } }
}
