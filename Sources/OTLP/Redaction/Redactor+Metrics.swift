import SpanKitPercentiles
import SpanKitRecording

extension Redactor {
    /// The metric with redacted texts. Points whose redacted attributes are the same become one.
    /// - Parameter report: called for each point that cannot be added to an earlier one, such as a gauge, and is left out.
    package func metric(_ metric: Metric, _ report: () -> Void) -> Metric {
        var redacted = metric
        redacted.name = text(metric.name)
        redacted.description = text(metric.description)
        redacted.unit = text(metric.unit)
        var hasChanged = false
        for place in metric.points.indices {
            let attributes = attributes(metric.points[place].attributes)
            if attributes != metric.points[place].attributes {
                redacted.points[place].attributes = attributes
                hasChanged = true
            }
            for exemplar in metric.points[place].exemplars.indices
            where !metric.points[place].exemplars[exemplar].filteredAttributes.isEmpty {
                redacted.points[place].exemplars[exemplar].filteredAttributes =
                    self.attributes(metric.points[place].exemplars[exemplar].filteredAttributes)
            }
        }
        return hasChanged ? redacted.mergingEqualAttributes(report) : redacted
    }
}

extension Metric {
    /// The metric with one point for each set of attributes.
    fileprivate func mergingEqualAttributes(_ report: () -> Void) -> Metric {
        var places: [[Attribute]: Int] = [:]
        var merged: [Point] = []
        for point in points {
            let key = point.attributes.sorted { $0.key < $1.key }
            guard let place = places[key] else {
                places[key] = merged.count
                merged.append(point)
                continue
            }
            if kind.isAddable, let sum = merged[place].adding(point) {
                merged[place] = sum
            } else {
                report()
            }
        }
        return with(merged)
    }
}

extension Metric.Kind {
    /// Whether the values of two series can be added up.
    fileprivate var isAddable: Bool {
        switch self {
        case .sum, .histogram, .exponentialHistogram: true
        case .gauge, .summary, .unknown: false
        }
    }
}

extension Metric.Point {
    /// A point with the counts of both; nil if they cannot be added.
    fileprivate func adding(_ other: Metric.Point) -> Metric.Point? {
        var sum = self
        switch (value, other.value) {
        case (.int(let left), .int(let right)): sum.value = .int(left.addingSaturating(right))
        case (.double(let left), .double(let right)): sum.value = .double(left + right)
        case (.histogram(let left), .histogram(let right)):
            guard let both = left.adding(right) else { return nil }
            sum.value = .histogram(both)
        case (.distribution(let left), .distribution(let right)):
            guard let both = left.adding(right) else { return nil }
            sum.value = .distribution(both)
        case (.missing, _): sum.value = other.value
        case (_, .missing): break
        default: return nil
        }
        sum.start = Self.earlier(start, other.start)
        sum.exemplars += other.exemplars
        return sum
    }

    private static func earlier(_ left: Int64?, _ right: Int64?) -> Int64? {
        guard let left, let right else { return nil }
        return min(left, right)
    }
}
