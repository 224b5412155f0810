/// One line of the text: a name, labels, a number.
public struct MetricSample: Sendable, Equatable {
    /// With `_bucket`, `_sum` or `_count` where it has that.
    public var name: String
    /// Sorted by name, `le` or `quantile` at its end.
    public var labels: [MetricLabel]
    /// The number.
    public var value: Double
}

extension MetricFamily {
    /// The lines this family becomes, in their order.
    public var samples: [MetricSample] {
        metrics.flatMap { metric -> [MetricSample] in
            func sample(_ suffix: String, _ value: Double, _ label: MetricLabel? = nil) -> MetricSample {
                MetricSample(name: name + suffix, labels: metric.labels + (label.map { [$0] } ?? []), value: value)
            }
            switch metric.value {
            case .number(let number):
                return [sample("", number)]
            case .histogram(let histogram):
                let buckets = zip(histogram.edges + [.infinity], histogram.cumulativeCounts + [histogram.count])
                return buckets.map { sample("_bucket", Double($1), MetricLabel("le", edgeText($0))) }
                    + [sample("_sum", histogram.sum), sample("_count", Double(histogram.count))]
            case .summary(let summary):
                return summary.quantiles.map { sample("", $0.value, MetricLabel("quantile", edgeText($0.share))) }
                    + [sample("_sum", summary.sum), sample("_count", Double(summary.count))]
            }
        }
    }
}
