import SpanKitInputs
import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording

/// One line of the text: a name, labels, a number.
package struct MetricSample: Sendable {
    /// With `_bucket`, `_sum` or `_count` where it has that.
    package var name: String
    /// Sorted by name, `le` or `quantile` at its end.
    package var labels: [Attribute]
    /// The number.
    package var value: Double
}

extension Metric {
    /// The lines of a metric that was read from a text, in their order.
    package var samples: [MetricSample] {
        points.flatMap { point -> [MetricSample] in
            func sample(_ suffix: String, _ value: Double, _ label: Attribute...) -> MetricSample {
                MetricSample(name: name + suffix, labels: point.attributes + label, value: value)
            }
            switch point.value {
            case .int(let number): return [sample("", Double(number))]
            case .double(let number): return [sample("", number)]
            case .histogram(let histogram):
                let buckets = zip(histogram.bounds + [.infinity], histogram.cumulativeCounts + [histogram.count])
                return buckets.map {
                    sample("_bucket", Double($1), Attribute("le", .string($0.isFinite ? "\($0)" : "+Inf")))
                }
                    + (histogram.sum.map { [sample("_sum", $0)] } ?? []) + [sample("_count", Double(histogram.count))]
            case .distribution, .missing: return []
            case .summary(let summary):
                return summary.quantiles.map { sample("", $0.value, Attribute("quantile", .string("\($0.quantile)"))) }
                    + [sample("_sum", summary.sum), sample("_count", Double(summary.count))]
            }
        }
    }
}

extension [Metric] {
    /// The lines that these metrics become.
    package func samples() throws -> [MetricSample] {
        try ExpositionText.parse(ExpositionText.encode(self)).flatMap(\.samples)
    }
}

extension Metric.Point {
    /// A number with labels.
    package init(_ number: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        self.init(.double(number), attributes: labels.map { Attribute($0.key, .string($0.value)) })
    }
}

extension Metric {
    /// A metric under a name as the text format has it.
    package static func family(_ name: String, _ kind: Kind, help: String = "h", _ points: [Point]) -> Metric {
        Metric(name, description: help, unit: "", kind: kind, points: points)
    }

    /// A gauge under a name as the text format has it.
    package static func family(_ name: String, help: String = "h", _ points: [Point]) -> Metric {
        Metric(name, description: help, unit: "", kind: .gauge, points: points)
    }
}
