import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Converts metrics of any source, such as a program's instruments, to metrics that the text format can express.
///
/// A metric that the format cannot express is left out or changed, without an effect on other metrics. Each case is logged the
/// first time.
///
/// | Metric | In the text |
/// |---|---|
/// | exponential histogram | a histogram, with exact counts at powers of two, and a summary named `…_quantile` |
/// | explicit histogram | a histogram with the same edges |
/// | monotonic sum | a counter |
/// | other sum, gauge | a gauge |
/// | delta | nothing, because the format only has totals |
/// | exemplars, smallest and largest value | nothing |
package final class InstrumentText: Sendable {
    private let quantiles: [Double]
    private let log: @Sendable (String) -> Void
    private let said = Locked(Set<String>())
    private let merger = Locked(SeriesMerger())
    /// The maximum number of different lines that are logged.
    private static let mostLines = 1_000

    /// - Parameter log: receives one line about each metric that is left out or merged.
    package init(
        quantiles: [Double] = SpanMetrics.Configuration().quantiles,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.quantiles = quantiles
        self.log = log
    }

    /// Converts the metrics. In the result, the points of a metric have different labels, and the families have different names.
    /// - Parameter others: the metrics of the same text, whose families keep their names.
    package func metrics(of metrics: [Metric], besides others: [Metric] = []) -> [Metric] {
        merger.withLock { $0.begin() }
        defer { merger.withLock { $0.end() } }
        var families = Families(names: Set(others.flatMap { MetricName.samples(of: $0) }))
        for metric in metrics {
            let isCounting: Bool =
                switch metric.kind {
                case .sum, .histogram, .exponentialHistogram: true
                case .gauge, .summary, .unknown: false
                }
            if isCounting, metric.temporality == .delta {
                say(
                    "\(metric.name.quoted) is left out: it counts since the previous export, and the format needs totals"
                )
                continue
            }
            for part in parts(of: metric) {
                if let problem = families.add(part, named: metric.name) { say(problem) }
            }
        }
        return families.list.map(\.metric)
    }

    private func say(_ line: String) {
        let isNew = said.withLock { said in said.count < Self.mostLines && said.insert(line).inserted }
        if isNew { log(line) }
    }

    // MARK: Conversion

    /// The metrics that a metric becomes.
    private func parts(of metric: Metric) -> [Metric] {
        var metric = metric
        metric.points = metric.points.filter { $0.value != .missing }
        let original = metric.points.map(\.attributes)
        if metric.description.allSatisfy(\.isWhitespace) { metric.description = "No description." }
        let reserved = [metric.kind.reservedLabel, metric.kind == .exponentialHistogram ? "quantile" : nil]
        metric.points = metric.points.map { point in
            var point = point
            point.exemplars = []
            point.attributes = MetricName.labels(
                for: point.attributes.map { attribute in
                    let name = MetricName.label(forAttribute: attribute.key)
                    let value = attribute.value.labelText
                    return Attribute(
                        reserved.contains(name) ? "attribute_\(name)" : attribute.key,
                        // Parsers end at NUL.
                        .string(value.bounded(bytes: .max))
                    )
                }
            )
            // A missing sum would be served as 0.
            if case .histogram(var histogram) = point.value {
                histogram.sum = histogram.sum ?? .nan
                point.value = .histogram(histogram)
            }
            return point
        }
        metric = merged(metric, original)
        guard metric.kind == .exponentialHistogram else { return [metric] }
        var histogram = metric
        histogram.kind = .histogram
        var summary = metric
        summary.name += ".quantile"
        summary.description = "Quantiles of \(metric.name) since the start."
        summary.kind = .summary
        (histogram.points, summary.points) = ([], [])
        for point in metric.points {
            guard case .distribution(let distribution) = point.value else { continue }
            var classic = distribution.classic(PowerOfTwoEdges.edges(of: distribution, unit: metric.unit))
            classic.sum = classic.sum ?? .nan
            histogram.points.append(Metric.Point(.histogram(classic), attributes: point.attributes))
            let values = DistributionQuantiles(distribution)
            let quantiles = quantiles.map { QuantileSummary.Quantile($0, values.quantile($0)?.estimate ?? .nan) }
            let all = QuantileSummary(quantiles: quantiles, count: distribution.count, sum: classic.sum ?? .nan)
            summary.points.append(Metric.Point(.summary(all), attributes: point.attributes))
        }
        return [histogram, summary]
    }

    /// The metric, with points that have the same labels added up. Of gauges and summaries, the first is kept.
    private func merged(_ metric: Metric, _ original: [[Attribute]]) -> Metric {
        merger.withLock { merger in
            merger.merge(metric, original: original) { isAdded in
                let labels = "\(metric.name.quoted): several attribute sets become the same labels"
                say("\(labels); \(isAdded ? "their values are added up" : "only the first of them is written")")
            }
        }
    }
}

/// Families with different names.
private struct Families {
    /// The names of all samples.
    var names: Set<String>
    private(set) var list: [(metric: Metric, source: String)] = []
    private var places: [String: Int] = [:]

    init(names: Set<String>) {
        self.names = names
    }

    /// Adds a family.
    /// - Parameter source: the name of the metric from which it was made.
    /// - Returns: what is lost, and what to do.
    mutating func add(_ metric: Metric, named source: String) -> String? {
        guard !metric.points.isEmpty else { return nil }
        let family = MetricName.family(of: metric)
        let samples = MetricName.samples(of: metric)
        if samples.contains(where: names.contains) {
            guard let place = places[family], list[place].source == source,
                list[place].metric.kind.typeText == metric.kind.typeText
            else {
                let other = places[family].map { " by \(list[$0].source.quoted)" } ?? ""
                return
                    "\(source.quoted) is left out: its name in the text format (\(family)) is taken\(other); rename one of them"
            }
            // Registered twice, for example with two descriptions.
            let known = Set(list[place].metric.points.map { "\($0.attributes)" })
            let new = metric.points.filter { !known.contains("\($0.attributes)") }
            list[place].metric.points += new
            return new.count == metric.points.count
                ? nil
                : "\(source.quoted) is the name of two instruments that have series with the same attributes; "
                    + "only the first series is written"
        }
        if let problem = ExpositionText.problem(of: metric) { return "\(source.quoted) is left out: \(problem)" }
        names.formUnion(samples)
        places[family] = list.count
        list.append((metric, source))
        return nil
    }
}
