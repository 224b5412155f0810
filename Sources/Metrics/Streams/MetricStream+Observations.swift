import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

extension MetricStream {
    /// The metric of what callbacks have reported.
    ///
    /// Sums whose kept attributes are equal are added. Of other values, the last one is kept.
    func metric(of observations: [Observations], start: Int64) -> Metric {
        var values: [AttributeSet: Metric.Value] = [:]
        var order: [AttributeSet] = []
        for (set, value) in Self.latest(observations) {
            var kept = set.split(by: attributeKeys).kept
            if values[kept] == nil, values.count >= limit { kept = .overflow }
            if let earlier = values[kept] {
                values[kept] = aggregator == .lastValue ? value : Self.sum(earlier, value)
            } else {
                values[kept] = value
                order.append(kept)
            }
        }
        let points = order.compactMap { set in
            values[set].map { Metric.Point($0, attributes: set.attributes, start: start) }
        }
        var metric = metric(points)
        metric.isObserved = true
        return metric
    }

    /// The values of all callbacks, each attribute set once.
    private static func latest(_ observations: [Observations]) -> [(AttributeSet, Metric.Value)] {
        guard let first = observations.first else { return [] }
        var all = first
        for more in observations.dropFirst() {
            for set in more.order {
                guard let value = more.values[set] else { continue }
                if all.values.updateValue(value, forKey: set) == nil { all.order.append(set) }
            }
        }
        return all.order.compactMap { set in all.values[set].map { (set, $0) } }
    }

    private static func sum(_ left: Metric.Value, _ right: Metric.Value) -> Metric.Value {
        switch (left, right) {
        case (.int(let left), .int(let right)): .int(left.addingSaturating(right))
        case (.int(let left), .double(let right)): .double((Double(left) + right).limitedToFinite)
        case (.double(let left), .int(let right)): .double((left + Double(right)).limitedToFinite)
        case (.double(let left), .double(let right)): .double((left + right).limitedToFinite)
        default: right
        }
    }
}
