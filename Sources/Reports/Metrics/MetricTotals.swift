import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// The metric data of the input: a total or a last value for each series.
package struct MetricTotals: Sendable {
    /// A series: a metric of a service with one set of attributes. Several processes may have measured it.
    package struct Series: Sendable {
        package let service: String
        /// The metric, without points.
        package let metric: Metric
        package let attributes: [Attribute]
        /// The total of all processes; the newest value of a gauge.
        package fileprivate(set) var value: Metric.Value
        /// What was counted for each second; `nil` if that is not known.
        package fileprivate(set) var ratePerSecond: Double?
        /// The number of processes.
        package fileprivate(set) var processCount = 1
        /// The smallest and the largest value of a gauge that several processes have measured.
        package fileprivate(set) var gaugeRange: (lowest: Double, highest: Double)?
        package fileprivate(set) var resetCount: Int
        /// The time of the last point in Unix nanoseconds; 0 if it is not known.
        package fileprivate(set) var lastTime: Int64
        /// Whether histograms had different edges, so that only those that all have are kept.
        fileprivate var lostEdges: Bool
        /// Whether values could not be added up.
        fileprivate var lostValues: Bool
        fileprivate var hasUnknownReset: Bool
    }

    /// The maximum number of series that are counted. The same series of two processes, or with two temporalities,
    /// counts twice.
    package static let seriesLimit = 50_000

    private struct Known: Sendable {
        let series: Int
        var stream: MetricStream
    }

    /// The service, the metric and the attributes of each series, in the order of the input.
    private var heads: [(service: String, metric: Metric, attributes: [Attribute])] = []
    private var places: [ByteText: Int] = [:]
    /// The streams by key, which consists of resource, scope, metric, temporality and attributes.
    private var streams: [ByteText: Known] = [:]
    private let limit: Int

    /// The number of points that were read.
    package private(set) var pointCount = 0
    /// The number of points of series beyond the limit.
    package private(set) var beyondLimitCount = 0
    /// The number of delta points that were left out because their period was counted before.
    package private(set) var repeatedCount = 0

    package init(limit: Int = seriesLimit) {
        self.limit = limit
    }

    package var isEmpty: Bool { streams.isEmpty }

    /// Adds points of a metric.
    package mutating func add(_ decoded: DecodedMetric) {
        let metric = decoded.metric
        let service = decoded.resource.serviceName
        let shared = Self.text([service, metric.name, metric.unit, metric.kind.name])
        for (point, key) in Self.keys(of: decoded) {
            pointCount += 1
            if streams[key] == nil {
                guard streams.count < limit else {
                    beyondLimitCount += 1
                    continue
                }
                let series = place(of: ByteText(shared + Self.text(point.attributes)), service, metric, point)
                streams[key] = Known(series: series, stream: MetricStream(metric.kind, metric.temporality))
            }
            if streams[key]?.stream.add(point) == .repeated { repeatedCount += 1 }
        }
    }

    /// The points that have a value, each with what identifies its series: resource, scope, metric, temporality and attributes.
    package static func keys(of decoded: DecodedMetric) -> [(point: Metric.Point, key: ByteText)] {
        let (metric, scope) = (decoded.metric, decoded.scope)
        let head = text([
            metric.name, metric.unit, metric.kind.name, metric.temporality.rawValue, scope.name, scope.version,
            text(scope.attributes), text(decoded.resource.attributes),
        ])
        return metric.points.filter { $0.value != .missing }.map { ($0, ByteText(head + text($0.attributes))) }
    }

    private static func text(_ parts: [String]) -> String { JSONText.list(parts.map { .string($0) }).compact }

    private mutating func place(of key: ByteText, _ service: String, _ metric: Metric, _ point: Metric.Point) -> Int {
        if let place = places[key] { return place }
        places[key] = heads.count
        heads.append((service, metric.with([]), point.attributes))
        return heads.count - 1
    }

    /// The attributes as a text that does not depend on their order.
    private static func text(_ attributes: [Attribute]) -> String {
        JSONText(attributes.sorted { ByteText($0.key) < ByteText($1.key) }).compact
    }

    // MARK: Results

    /// The series, sorted by metric and service. The series of one metric are sorted by value, the largest first.
    package var series: [Series] {
        var all: [Series?] = Array(repeating: nil, count: heads.count)
        // The streams are sorted by time, so that the newest value of a gauge comes last.
        for known in streams.sorted(by: { ($0.value.stream.lastTime, $0.key) < ($1.value.stream.lastTime, $1.key) }) {
            let stream = known.value.stream.summedUp
            guard let total = stream.ended else { continue }
            if all[known.value.series] != nil {
                all[known.value.series]?.add(total, stream, known.value.stream.ratePerSecond)
            } else {
                let head = heads[known.value.series]
                all[known.value.series] = Series(
                    service: head.service,
                    metric: head.metric,
                    attributes: head.attributes,
                    value: total,
                    ratePerSecond: known.value.stream.ratePerSecond,
                    resetCount: stream.resetCount,
                    lastTime: stream.lastTime,
                    lostEdges: stream.lostEdges,
                    lostValues: stream.lostValues,
                    hasUnknownReset: stream.hasUnknownReset
                )
            }
        }
        func order(_ series: Series) -> (ByteText, ByteText, Double, ByteText) {
            let measure = series.value.measure
            return (
                ByteText(series.metric.name), ByteText(series.service), measure.isNaN ? .infinity : -measure,
                ByteText(Self.text(series.attributes))
            )
        }
        return all.compactMap { $0 }.map { (order($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The series as metrics, cumulative from an unknown start.
    /// - Parameter labels: Returns the attributes that identify a service. An attribute of a series with such a key
    ///   gets the prefix `attribute_`.
    package func metrics(labels: (String) -> [Attribute]) -> [Metric] {
        var metrics: [Metric] = []
        var places: [ByteText: Int] = [:]
        for series in series {
            let key = ByteText(Self.text([series.metric.name, series.metric.unit, series.metric.kind.name]))
            let place = places[key] ?? metrics.count
            if place == metrics.count {
                places[key] = place
                var metric = series.metric
                metric.temporality = .cumulative
                metrics.append(metric)
            }
            let labels = labels(series.service)
            let attributes = series.attributes.map { attribute in
                labels.contains { $0.key == attribute.key }
                    ? Attribute("attribute_\(attribute.key)", attribute.value) : attribute
            }
            metrics[place].points.append(Metric.Point(series.value, attributes: labels + attributes))
        }
        return metrics
    }

    /// Sentences about what the numbers leave out, for standard error.
    package var notes: [String] {
        var notes: [String] = []
        if beyondLimitCount > 0 {
            notes.append(
                "\(Readable.count(beyondLimitCount, of: "data point", "was", "were")) left out, because there are more than "
                    + "\(Readable.count(limit)) series; read fewer files at a time"
            )
        }
        if repeatedCount > 0 {
            notes.append(
                "\(Readable.count(repeatedCount, of: "data point", "was", "were")) left out, because the same period of the same "
                    + "series was read before"
            )
        }
        let series = series
        let lost = series.count(where: \.lostEdges)
        if lost > 0 {
            notes.append(
                "\(Readable.count(lost, of: "series", plural: "series")) with histograms of different bounds; only bounds that "
                    + "all of them have are used"
            )
        }
        let apart = series.count(where: \.lostValues)
        if apart > 0 {
            notes.append(
                "\(Readable.count(apart, of: "series", plural: "series")) with histograms that count different values as zero; only the "
                    + "first of them are used"
            )
        }
        let unknown = series.count(where: \.hasUnknownReset)
        if unknown > 0 {
            notes.append(
                "\(Readable.count(unknown, of: "series", plural: "series")) with a reset at an unknown time; what was counted before "
                    + "it may be in the total twice"
            )
        }
        return notes
    }
}

extension MetricTotals.Series {
    /// Adds what another process has measured. Processes are added in the order of their last points.
    fileprivate mutating func add(_ other: Metric.Value, _ stream: MetricStream, _ rate: Double?) {
        processCount += 1
        resetCount += stream.resetCount
        lastTime = stream.lastTime
        lostEdges = lostEdges || stream.lostEdges
        lostValues = lostValues || stream.lostValues
        hasUnknownReset = hasUnknownReset || stream.hasUnknownReset
        switch metric.kind {
        case .gauge, .summary, .unknown:
            let (known, new) = (gaugeRange ?? (value.measure, value.measure), other.measure)
            // A number that is not NaN, if there is one.
            gaugeRange = (Double.minimum(known.lowest, new), Double.maximum(known.highest, new))
            value = other
        case .sum, .histogram, .exponentialHistogram:
            switch value.add(other) {
            case false?: lostEdges = true
            case nil: lostValues = true
            case true?: break
            }
            ratePerSecond = ratePerSecond.flatMap { known in rate.map { known + $0 } }
        }
    }
}

extension Metric.Kind {
    /// The name for programs.
    package var name: String {
        switch self {
        case .gauge: "gauge"
        case .sum(isMonotonic: true): "counter"
        case .sum(isMonotonic: false): "up_down_counter"
        case .histogram: "histogram"
        case .exponentialHistogram: "exponential_histogram"
        case .summary: "summary"
        case .unknown: "unknown"
        }
    }
}
