import Percentiles

/// The metrics OpenTelemetry asks of clients of language models, under their Prometheus names.
///
/// | Family | OpenTelemetry |
/// |---|---|
/// | `gen_ai_client_operation_duration_seconds` | `gen_ai.client.operation.duration` |
/// | `gen_ai_client_token_usage` | `gen_ai.client.token.usage`, with `gen_ai_token_type` `input` or `output` |
///
/// Every call is compared with the edges as it comes, so all counts are exact, also at edges that are estimates in
/// ``SpanMetrics``. A call takes a short lock and allocates, which is nothing beside the
/// seconds a model takes. (Semantic conventions v1.41.1,
/// "GenAI metrics"; in development there.)
public final class GenAIMetrics: Sendable {
    /// The edges of `gen_ai.client.token.usage`: powers of four up to 67,108,864.
    public static let tokenEdges: [Double] = (0...13).map { Double(1 << (2 * $0)) }

    private let constantLabels: [MetricLabel]
    private let maximumLabelSets: Int
    private let state = Locked(State())

    private struct State {
        var durations = Series(edges: HistogramEdges.genAI.seconds)
        var tokens = Series(edges: GenAIMetrics.tokenEdges)
    }

    /// The histograms of one family.
    private struct Series {
        let edges: [Double]
        var histograms: [[MetricLabel]: ClassicHistogram] = [:]

        init(edges: [Double]) { self.edges = edges }

        mutating func record(_ value: Double, _ labels: [MetricLabel], limit: Int, overflow: [MetricLabel]) {
            var labels = labels
            if histograms[labels] == nil, histograms.count >= limit { labels = overflow }
            let empty = ClassicHistogram(
                edges: edges,
                cumulativeCounts: Array(repeating: 0, count: edges.count),
                count: 0,
                sum: 0
            )
            histograms[labels, default: empty].record(value)
        }
    }

    /// Nothing recorded.
    /// - Parameters:
    ///   - constantLabels: what tells this process from others; as in ``SpanMetrics/Configuration/constantLabels``.
    ///   - maximumLabelSets: how many label sets a family keeps apart; the rest shares `otel_metric_overflow="true"`,
    ///     as OpenTelemetry has it.
    public init(constantLabels: [MetricLabel] = [], maximumLabelSets: Int = 200) {
        self.constantLabels = SpanMetrics.Configuration.checked(constantLabels)
        self.maximumLabelSets = max(0, maximumLabelSets)
    }

    /// Counts one call that has ended, well or not.
    public func record(_ call: GenAICall, nanoseconds: UInt64) {
        let overflow = constantLabels + [MetricLabel("otel_metric_overflow", "true")]
        state.withLock { state in
            state.durations.record(
                Double(nanoseconds) / 1e9,
                labels(call.durationLabels),
                limit: maximumLabelSets,
                overflow: overflow
            )
            for (type, count) in [("input", call.inputTokens), ("output", call.outputTokens)] {
                guard let count, count >= 0 else { continue }
                state.tokens.record(
                    Double(count),
                    labels(call.tokenLabels + [MetricLabel("gen_ai_token_type", type)]),
                    limit: maximumLabelSets,
                    overflow: overflow
                )
            }
        }
    }

    /// The families now; empty before the first call.
    public func families() -> [MetricFamily] {
        let (durations, tokens) = state.withLock { ($0.durations.histograms, $0.tokens.histograms) }
        func family(_ name: String, _ help: String, _ histograms: [[MetricLabel]: ClassicHistogram]) -> MetricFamily {
            let metrics = histograms.map { Metric(labels: $0.key, .histogram($0.value)) }
            return MetricFamily(name: name, help: help, type: .histogram, metrics: metrics)
        }
        return [
            family("gen_ai_client_operation_duration_seconds", "GenAI operation duration.", durations),
            family("gen_ai_client_token_usage", "Number of input and output tokens used.", tokens),
        ].filter { !$0.metrics.isEmpty }
    }

    /// Sorted and bounded; the constants win where a name meets theirs.
    private func labels(_ labels: [MetricLabel]) -> [MetricLabel] {
        let free = labels.filter { label in
            !label.value.isEmpty && !constantLabels.contains { $0.name == label.name }
        }
        return constantLabels + free.map { MetricLabel($0.name, SpanLabels.bounded($0.value, bytes: 128)) }
    }
}

extension ClassicHistogram {
    fileprivate mutating func record(_ value: Double) {
        for place in edges.indices.reversed() {
            guard value <= edges[place] else { break }
            cumulativeCounts[place] += 1
        }
        count += 1
        sum += value
    }
}
