import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The values of one metric over time: a line for each series and quantity.
///
/// A counter is a rate per second between two points, and a histogram is the p50 and the p95 of what was counted between them. A point at which a
/// count starts again from 0 begins a new line piece without a value of its own.
package struct MetricTimeline: Sendable {
    private struct Series: Sendable {
        let service: String
        let metric: Metric
        let attributes: [Attribute]
        var points: [Metric.Point] = []
    }

    /// The numbers of series and of points of a series that are kept, the newest of them.
    package static let seriesLimit = 200
    package static let pointLimit = 5_000

    private let name: String
    private var series: [Series] = []
    private var places: [ByteText: Int] = [:]
    /// The number of points of series beyond the limit.
    private var leftOutCount = 0

    /// - Parameter name: The name of the metric.
    package init(name: String) {
        self.name = name
    }

    package mutating func add(_ decoded: DecodedMetric) {
        guard decoded.metric.name.utf8.elementsEqual(name.utf8) else { return }
        for (point, key) in MetricTotals.keys(of: decoded) {
            guard let place = place(of: key, decoded, point) else {
                leftOutCount += 1
                continue
            }
            series[place].points.append(point)
        }
    }

    private mutating func place(of key: ByteText, _ decoded: DecodedMetric, _ point: Metric.Point) -> Int? {
        if let place = places[key] { return place }
        guard series.count < Self.seriesLimit else { return nil }
        places[key] = series.count
        series.append(
            Series(
                service: decoded.resource.serviceName,
                metric: decoded.metric.with([]),
                attributes: point.attributes
            )
        )
        return series.count - 1
    }

    package var json: JSONText {
        let metric = series.first?.metric
        return .object([
            ("name", .string(name)), ("unit", .text(metric.flatMap { $0.unit.isEmpty ? nil : $0.unit })),
            ("kind", .text(metric?.kind.name)),
            ("description", .text(metric.flatMap { $0.description.isEmpty ? nil : $0.description })),
            ("leftOutPoints", .count(leftOutCount)), ("series", .list(series.flatMap(Self.lines))),
        ])
    }

    private static func lines(of series: Series) -> [JSONText] {
        let points = series.points.sorted { $0.time ?? 0 < $1.time ?? 0 }.suffix(pointLimit)
        var lines: [(quantity: String, points: [JSONText])] =
            switch series.metric.kind {
            case .gauge, .unknown, .summary, .sum(isMonotonic: false): [("value", [])]
            case .sum(isMonotonic: true): [("rate", [])]
            case .histogram, .exponentialHistogram: [("p50", []), ("p95", []), ("rate", [])]
            }
        var previous: Metric.Point?
        for point in points {
            for (place, line) in lines.enumerated() {
                let value = value(line.quantity, of: point, after: previous, series.metric)
                lines[place].points.append(.list([.string("\(point.time ?? 0)"), value.map { .number($0) } ?? .null]))
            }
            previous = point
        }
        let exemplars = points.flatMap(\.exemplars).suffix(200).map { exemplar in
            JSONText.object([
                ("time", .string("\(exemplar.time)")), ("value", .number(exemplar.number)),
                ("trace", exemplar.traceID.isValid ? .string("\(exemplar.traceID)") : .null),
                ("span", exemplar.spanID.isValid ? .string("\(exemplar.spanID)") : .null),
            ])
        }
        return lines.map { line in
            .object([
                ("service", .text(series.service.isEmpty ? nil : series.service)),
                ("attributes", JSONText(series.attributes)), ("quantity", .string(line.quantity)),
                ("points", .list(line.points)), ("exemplars", .list(exemplars)),
            ])
        }
    }

    /// The value of a quantity at a point; `nil` if it is not known.
    private static func value(
        _ quantity: String,
        of point: Metric.Point,
        after previous: Metric.Point?,
        _ metric: Metric
    ) -> Double? {
        let isDelta = metric.temporality == .delta
        let counted = isDelta ? point.value : increase(of: point, after: previous)
        switch quantity {
        case "value": return point.value.measure
        case "rate":
            guard let counted, let start = isDelta ? point.start : previous?.time, let time = point.time, time > start
            else { return nil }
            return counted.measure / (Double(time - start) / 1e9)
        default:
            let share = quantity == "p50" ? 0.5 : 0.95
            switch counted {
            case .histogram(let histogram)?: return DistributionQuantiles(histogram).quantile(share)?.estimate
            case .distribution(let distribution)?: return DistributionQuantiles(distribution).quantile(share)?.estimate
            default: return nil
            }
        }
    }

    /// What a cumulative series counted since an earlier point; `nil` if it started again since.
    private static func increase(of point: Metric.Point, after previous: Metric.Point?) -> Metric.Value? {
        guard let previous, point.start == previous.start else { return nil }
        switch (point.value, previous.value) {
        case (.int(let now), .int(let before)) where now >= before: return .int(now - before)
        case (.double(let now), .double(let before)) where now >= before: return .double(now - before)
        case (.histogram(let now), .histogram(let before)):
            return now.subtracting(before).map { .histogram($0) }
        case (.distribution(let now), .distribution(let before)):
            return now.subtracting(before).map { .distribution($0) }
        default: return nil
        }
    }
}
