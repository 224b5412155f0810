import SpanKitRecording

/// Adds up series that become one series, for example because redaction makes their attributes equal.
///
/// A total must not fall when one of its parts is no longer there, because receivers would take that for a restart and count the rest again.
/// So a merger remembers the parts of each sum. When a part is gone, its last value stays in the sum. A merger does
/// this only for values that only increase: monotonic sums and histograms. Use one merger for each exporter, from one
/// thread at a time.
package struct SeriesMerger {
    private struct GroupKey: Hashable {
        var name: String
        var unit: String
        var kind: Metric.Kind
        var attributes: [Attribute]
    }

    /// Two parts are the same series only if they also have the same start.
    private struct PartKey: Hashable {
        var attributes: [Attribute]
        var start: Int64?
        /// The number of earlier parts in the same collection with the same attributes and start.
        var occurrence = 0

        /// Orders the parts of a sum.
        var order: String { "\(attributes) \(start ?? 0) \(occurrence)" }
    }

    private struct Part {
        var value: Metric.Value
        var round: UInt64
    }

    private struct Group {
        var parts: [PartKey: Part] = [:]
        /// The sum of the last values of all parts that are gone and will not return.
        var ended: Metric.Value?
        var start: Int64?
        /// Whether a part that is gone may return with the same start. Values of callbacks may.
        var returns = false
        var round: UInt64
    }

    private var groups: [GroupKey: Group] = [:]
    private var round: UInt64 = 0
    /// The maximum number of parts of one sum. If there are more, all parts that are gone are treated as if they would
    /// not return.
    private static let mostParts = 10_000

    package init() {}

    /// Begins the next collection.
    package mutating func begin() { round += 1 }

    /// Ends a collection: forgets the sums for which this collection had no part, unless their parts may return.
    package mutating func end() {
        for (key, group) in groups where group.round < round && !group.returns { groups[key] = nil }
    }

    /// The metric with one point for each set of attributes. Values that cannot be added up, such as those of gauges, keep the first point.
    /// - Parameters:
    ///   - metric: a metric whose points may have equal attributes.
    ///   - original: the original attributes of each point, by which the series differ.
    ///   - report: called for each repeated point of another series, with whether it was added to an earlier one.
    package mutating func merge(
        _ metric: Metric,
        original: [[Attribute]],
        _ report: (_ isAdded: Bool) -> Void = { _ in }
    ) -> Metric {
        var places: [[Attribute]: [Int]] = [:]
        var order: [[Attribute]] = []
        for (place, point) in metric.points.enumerated() {
            let key = point.attributes.map { Attribute($0.key, $0.value.comparedByBits) }.sorted { $0.key < $1.key }
            if places[key] == nil { order.append(key) }
            places[key, default: []].append(place)
        }
        var merged: [Metric.Point] = []
        for key in order {
            guard let places = places[key] else { continue }
            let group = GroupKey(name: metric.name, unit: metric.unit, kind: metric.kind, attributes: key)
            let isKnown = groups[group] != nil
            guard places.count > 1 || isKnown else {
                merged.append(metric.points[places[0]])
                continue
            }
            // A series that ended and its successor have the same original attributes. Adding them up is expected, so
            // it is not reported.
            let isOneSeries = places.allSatisfy { original[$0] == original[places[0]] }
            func note(_ isAdded: Bool) { if !isAdded || !isOneSeries { report(isAdded) } }
            if metric.kind.onlyIncreases, metric.temporality == .cumulative {
                merged.append(total(of: places, in: metric, original, group, note))
            } else {
                merged.append(sum(of: places.map { metric.points[$0] }, metric.kind, note))
            }
        }
        return metric.with(merged)
    }

    /// The sum of points of one collection; the first point if they cannot be added up.
    private func sum(of points: [Metric.Point], _ kind: Metric.Kind, _ report: (Bool) -> Void) -> Metric.Point {
        points.dropFirst().reduce(points[0]) { sum, point in
            guard kind.isAddable, var value = Optional(sum.value), value.add(point.value) != nil else {
                report(false)
                return sum
            }
            report(true)
            var sum = sum
            sum.value = value
            sum.include(point)
            return sum
        }
    }

    /// The sum of what all parts have counted, including those that are gone.
    private mutating func total(
        of places: [Int],
        in metric: Metric,
        _ original: [[Attribute]],
        _ key: GroupKey,
        _ report: (Bool) -> Void
    ) -> Metric.Point {
        var group = groups[key] ?? Group(round: round)
        (group.round, group.returns) = (round, metric.isObservable)
        var result = metric.points[places[0]]
        for place in places {
            let point = metric.points[place]
            var part = PartKey(
                attributes: original[place].map { Attribute($0.key, $0.value.comparedByBits) },
                start: point.start
            )
            while group.parts[part]?.round == round { part.occurrence += 1 }
            group.parts[part] = Part(value: point.value, round: round)
            if place != places[0] { result.include(point) }
        }
        if !group.returns || group.parts.count > Self.mostParts {
            for (part, gone) in group.parts where gone.round < round {
                var ended = group.ended ?? gone.value
                if group.ended == nil || ended.add(gone.value) != nil { group.ended = ended }
                group.parts[part] = nil
            }
        }
        // In a fixed order, because sums of rounded numbers depend on it.
        let values =
            group.parts.sorted { $0.key.order < $1.key.order }.map(\.value.value) + [group.ended].compactMap { $0 }
        var sum = values[0]
        for (number, value) in values.dropFirst().enumerated() {
            let isAdded = sum.add(value) != nil
            if number + 1 < places.count { report(isAdded) }
        }
        result.value = sum
        if let start = group.start, let own = result.start { result.start = min(start, own) }
        group.start = result.start
        groups[key] = group
        return result
    }
}

extension Metric.Point {
    /// Takes over the start, the time and the exemplars of a point whose value was added.
    fileprivate mutating func include(_ other: Metric.Point) {
        if let own = start, let start = other.start { self.start = min(own, start) } else { start = nil }
        if let own = time, let time = other.time { self.time = max(own, time) } else { time = nil }
        exemplars += other.exemplars
    }
}

extension Metric.Kind {
    /// Whether the values of two series can be added up.
    package var isAddable: Bool {
        switch self {
        case .sum, .histogram, .exponentialHistogram: true
        case .gauge, .summary, .unknown: false
        }
    }

    /// Whether a value never falls without a restart.
    package var onlyIncreases: Bool { isAddable && self != .sum(isMonotonic: false) }
}

extension AttributeValue {
    /// The value with floating-point numbers as their bits, so that NaN equals itself, and 0 differs from −0, as for instruments.
    package var comparedByBits: AttributeValue {
        switch self {
        case .double(let number): .array([.int(Int64(bitPattern: number.bitPattern)), .null])
        case .array(let values): .array(values.map(\.comparedByBits))
        case .map(let members): .map(members.map { Attribute($0.key, $0.value.comparedByBits) })
        case .bool, .int, .string, .bytes, .null: self
        }
    }
}
