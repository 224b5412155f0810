import SpanKitOTLP
import SpanKitPlatform

/// The last points of series of a stream that have ended or were reset, until each collector has collected them.
///
/// If several series with the same attributes end between two collections, their values are added up in one point with the first start, as if
/// they were one series. So the totals are right for cumulative values and for deltas.
struct SeriesEnds {
    private struct End {
        var point: Metric.Point
        /// The same in the meter's file, for collectors whose values are recovered after a crash.
        var record: EndRecord?
    }

    private var ends: [ObjectIdentifier: [AttributeSet: End]] = [:]
    /// What each collector took last. It stays in the file until the collector takes the next ends, because the exporter stores or sends what it
    /// takes some time after the collection.
    private var taken: [ObjectIdentifier: [EndRecord]] = [:]
    /// More exemplars of a point are not kept.
    private static let mostExemplars = 20

    var isEmpty: Bool { ends.isEmpty && taken.isEmpty }

    /// Keeps a point for a collector.
    /// - Parameters:
    ///   - limit: the largest number of attribute sets for each collector.
    ///   - stream: the metric in the meter's file; nil without one.
    /// - Returns: false if the limit is reached.
    mutating func add(
        _ point: Metric.Point,
        of attributes: AttributeSet,
        for collector: MetricCollector,
        limit: Int,
        _ stream: StreamRecord?
    ) -> Bool {
        let key = ObjectIdentifier(collector)
        let lastStart = point.start ?? 0
        if var known = ends[key]?[attributes] {
            guard known.point.value.add(point.value) != nil else { return false }
            known.point.time = point.time
            known.point.exemplars = (known.point.exemplars + point.exemplars).suffix(Self.mostExemplars)
            known.record?.replace(known.point, lastStart: lastStart)
            ends[key]?[attributes] = known
        } else {
            guard ends[key]?.count ?? 0 < limit else { return false }
            var record: EndRecord?
            if let stream, let reader = collector.reader {
                record = EndRecord(stream, reader: reader, point, lastStart: lastStart)
            }
            ends[key, default: [:]][attributes] = End(point: point, record: record)
        }
        return true
    }

    /// The points that a collector has not taken yet, without exemplars.
    func waiting(for collector: ObjectIdentifier?) -> [AttributeSet: Metric.Point] {
        (collector.flatMap { ends[$0] } ?? [:]).mapValues { end in
            var point = end.point
            point.exemplars = []
            return point
        }
    }

    /// Removes the points of a collector.
    mutating func take(_ collector: ObjectIdentifier?) -> [AttributeSet: Metric.Point] {
        guard let collector else { return [:] }
        let own = ends.removeValue(forKey: collector) ?? [:]
        let records = own.values.compactMap(\.record)
        taken[collector] = records.isEmpty ? nil : records
        return own.mapValues(\.point)
    }

    /// Forgets the points of collectors that are no longer there.
    mutating func keep(_ collectors: [ObjectIdentifier]) {
        for key in ends.keys where !collectors.contains(key) { ends[key] = nil }
        for key in taken.keys where !collectors.contains(key) { taken[key] = nil }
    }

    mutating func removeAll() { (ends, taken) = ([:], [:]) }
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
