import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Writes each data point as a line of text for people: time, name, attributes, value and unit.
enum MetricLines {
    static func text(of metrics: [Metric]) -> String {
        metrics.flatMap { metric in metric.points.map { line($0, metric) } }.joined(separator: "\n")
    }

    private static func line(_ point: Metric.Point, _ metric: Metric) -> String {
        var line = "\(CivilTime.text(unixNanoseconds: point.time ?? 0))  \(ConsoleText.printable(metric.name))"
        for attribute in point.attributes { line += "  \(ConsoleText.attribute(attribute))" }
        line += "  \(value(point.value))"
        if !metric.unit.isEmpty, metric.unit != "1" { line += " \(ConsoleText.printable(metric.unit))" }
        if metric.temporality == .delta, metric.kind.countsOverPeriod { line += "  (delta)" }
        for exemplar in point.exemplars {
            line += "  exemplar=\(number(exemplar.value))"
            if exemplar.traceID.isValid { line += " trace=\(exemplar.traceID) span=\(exemplar.spanID)" }
        }
        return line
    }

    private static func number(_ value: Exemplar.Value) -> String {
        switch value {
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        }
    }

    private static func value(_ value: Metric.Value) -> String {
        switch value {
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .histogram(let histogram):
            totals(histogram.count, histogram.sum, histogram.minimum, histogram.maximum)
        case .distribution(let distribution):
            totals(distribution.count, distribution.sum, distribution.minimum, distribution.maximum)
                + " scale=\(distribution.scale)"
        case .summary(let summary):
            totals(summary.count, summary.sum, nil, nil)
                + summary.quantiles.map { " q\($0.quantile)=\($0.value)" }.joined()
        case .missing: "ended"
        }
    }

    private static func totals(_ count: UInt64, _ sum: Double?, _ minimum: Double?, _ maximum: Double?) -> String {
        let parts = [("sum", sum), ("min", minimum), ("max", maximum)]
        return "count=\(count)" + parts.map { name, value in value.map { " \(name)=\($0)" } ?? "" }.joined()
    }
}
