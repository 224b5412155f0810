import Percentiles
import Platform

/// The metrics OpenTelemetry asks of clients of language models, under their Prometheus names.
///
/// | Family | OpenTelemetry |
/// |---|---|
/// | `gen_ai_client_operation_duration_seconds` | `gen_ai.client.operation.duration` |
/// | `gen_ai_client_token_usage` | `gen_ai.client.token.usage`, with `gen_ai_token_type` `input` or `output` |
/// | `gen_ai_client_operation_time_to_first_chunk_seconds` | `gen_ai.client.operation.time_to_first_chunk` |
/// | `gen_ai_client_operation_time_per_output_chunk_seconds` | `gen_ai.client.operation.time_per_output_chunk` |
///
/// Every call is compared with the edges as it comes, so all counts are exact, also at edges that are estimates in
/// `SpanMetrics`. A call takes a short lock and allocates, which is nothing beside the
/// seconds a model takes. (Semantic conventions v1.41.1,
/// "GenAI metrics"; in development there.)
public final class GenAIMetrics: Sendable {
    /// The edges of `gen_ai.client.token.usage`: powers of four up to 67,108,864.
    public static let tokenEdges: [Double] = (0...13).map { Double(1 << (2 * $0)) }

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
    }

    /// The attributes of a call that tell one series from another, without empty values.
    public struct Key: Sendable, Hashable {
        /// Names as OpenTelemetry has them, in a fixed order.
        public var attributes: [(name: String, value: String)]

        /// Equal when all names and values are.
        public static func == (left: Key, right: Key) -> Bool {
            left.attributes.elementsEqual(right.attributes) { $0 == $1 }
        }

        /// Hashes all names and values.
        public func hash(into hasher: inout Hasher) {
            for (name, value) in attributes {
                hasher.combine(name)
                hasher.combine(value)
            }
        }

        /// What exceeded the limit.
        static let overflow = Key(attributes: [("otel.metric.overflow", "true")])
    }

    private let constantLabels: [MetricLabel]
    private let maximumLabelSets: Int
    private let text: (@Sendable (String) -> String)?
    private let state = Locked<[Instrument: [Key: GenAIHistogram]]>([:])

    /// Nothing recorded.
    /// - Parameters:
    ///   - constantLabels: what tells this process from others; as in `SpanMetrics.Configuration.constantLabels`.
    ///   - maximumLabelSets: how many label sets a family keeps apart; the rest shares `otel_metric_overflow="true"`,
    ///     as OpenTelemetry has it.
    ///   - text: what may stand for a value of an attribute; the value itself by default.
    public init(
        constantLabels: [MetricLabel] = [],
        maximumLabelSets: Int = 200,
        text: (@Sendable (String) -> String)? = nil
    ) {
        self.text = text
        self.constantLabels = SpanMetrics.Configuration.checked(constantLabels)
        self.maximumLabelSets = max(0, maximumLabelSets)
    }

    /// Counts one call that has ended, well or not.
    public func record(_ call: GenAICall, nanoseconds: UInt64) {
        state.withLock { state in
            change(&state, .duration, call.durationKey) { $0.record(nanoseconds) }
            for (type, count) in [("input", call.inputTokens), ("output", call.outputTokens)] {
                guard let count, count >= 0 else { continue }
                change(&state, .tokens, call.tokenKey(type)) { $0.record(UInt64(count)) }
            }
            if let time = call.timeToFirstChunkNanoseconds {
                change(&state, .timeToFirstChunk, call.key) { $0.record(time) }
            }
            if let gaps = call.chunkGaps, !gaps.isEmpty {
                change(&state, .timePerOutputChunk, call.key) { $0.merge(gaps) }
            }
        }
    }

    /// Every distribution now, in a stable order.
    public func distributions(_ instrument: Instrument) -> [(key: Key, histogram: GenAIHistogram)] {
        state.withLock { $0[instrument] ?? [:] }.map { ($0.key, $0.value) }
            .sorted { left, right in
                left.key.attributes.lexicographicallyPrecedes(right.key.attributes) { $0 < $1 }
            }
    }

    /// The families now; empty before the first call.
    public func families() -> [MetricFamily] {
        func family(_ name: String, _ help: String, _ instrument: Instrument) -> MetricFamily {
            let metrics = distributions(instrument).map { key, histogram in
                Metric(labels: labels(key), .histogram(histogram.classic))
            }
            return MetricFamily(name: name, help: help, type: .histogram, metrics: metrics)
        }
        return [
            family("gen_ai_client_operation_duration_seconds", "GenAI operation duration.", .duration),
            family("gen_ai_client_token_usage", "Number of input and output tokens used.", .tokens),
            family(
                "gen_ai_client_operation_time_to_first_chunk_seconds",
                "Time from the request to the first chunk of the answer.",
                .timeToFirstChunk
            ),
            family(
                "gen_ai_client_operation_time_per_output_chunk_seconds",
                "Time from one chunk of the answer to the next.",
                .timePerOutputChunk
            ),
        ].filter { !$0.metrics.isEmpty }
    }

    private func change(
        _ state: inout [Instrument: [Key: GenAIHistogram]],
        _ instrument: Instrument,
        _ key: Key,
        _ body: (inout GenAIHistogram) -> Void
    ) {
        var key = key
        if let text { key.attributes = key.attributes.map { ($0.name, text($0.value)) } }
        let known = state[instrument] ?? [:]
        if known[key] == nil, known.count >= maximumLabelSets { key = .overflow }
        body(&state[instrument, default: [:]][key, default: GenAIHistogram(instrument.kind)])
    }

    /// The constants win where a name meets theirs.
    private func labels(_ key: Key) -> [MetricLabel] {
        let own = key.attributes.map { MetricLabel(MetricName.label(forAttribute: $0.name), $0.value) }
        return constantLabels + own.filter { label in !constantLabels.contains { $0.name == label.name } }
    }
}
