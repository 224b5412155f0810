import SpanKitOTLP
import SpanKitPlatform

/// The last points of series of a stream that have ended or were reset, until each collector has collected them.
///
/// Several ends of one attribute set become one point, whose count is the sum and whose start is the first one, as if the series had gone on.
/// So the totals are right for cumulative values as well as for deltas.
struct SeriesEnds {
    private var points: [ObjectIdentifier: [AttributeSet: Metric.Point]] = [:]
    /// More exemplars of a point are not kept.
    private static let mostExemplars = 20

    var isEmpty: Bool { points.isEmpty }

    /// Keeps a point for a collector.
    /// - Parameter limit: the largest number of attribute sets for each collector.
    /// - Returns: whether there was room for it.
    mutating func add(
        _ point: Metric.Point,
        of attributes: AttributeSet,
        for collector: ObjectIdentifier,
        limit: Int
    ) -> Bool {
        var own = points[collector] ?? [:]
        if var known = own[attributes] {
            guard known.value.add(point.value) != nil else { return false }
            known.time = point.time
            known.exemplars = (known.exemplars + point.exemplars).suffix(Self.mostExemplars)
            own[attributes] = known
        } else {
            guard own.count < limit else { return false }
            own[attributes] = point
        }
        points[collector] = own
        return true
    }

    /// Removes the points of a collector.
    mutating func take(_ collector: ObjectIdentifier?) -> [AttributeSet: Metric.Point] {
        collector.flatMap { points.removeValue(forKey: $0) } ?? [:]
    }

    /// Forgets the points of collectors that are no longer there.
    mutating func keep(_ collectors: [ObjectIdentifier]) {
        for key in points.keys where !collectors.contains(key) { points[key] = nil }
    }

    mutating func removeAll() { points = [:] }
}

extension Metric.Value {
    /// Whether the value is that of a series that has counted nothing.
    var hasCountedNothing: Bool {
        switch self {
        case .int(let value): value == 0
        case .double(let value): value == 0
        case .histogram(let histogram): histogram.count == 0
        case .distribution(let distribution): distribution.count == 0
        case .summary(let summary): summary.count == 0
        case .missing: true
        }
    }
}
