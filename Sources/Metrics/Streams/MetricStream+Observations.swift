import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// What a stream of an observable instrument keeps between collections. The instrument's lock guards it.
struct ObservedState {
    /// Which kept attribute sets have a series of their own.
    let admission: SetAdmission
    /// Adds up sets whose kept attributes are equal.
    var merger = SeriesMerger()
    /// The largest total of the overflow.
    var overflow: Metric.Value?

    init(limit: Int) {
        admission = SetAdmission(limit: limit)
    }
}

extension MetricStream {
    /// The metric of what callbacks have reported.
    ///
    /// Sums whose kept attributes are equal are added. Of other values, the last one is kept. The total of a monotonic sum never falls
    /// because sets are no longer reported: it would look like a restart, after which receivers count everything again.
    func metric(of observations: Observations, isComplete: Bool, start: Int64) -> Metric {
        var overflow = observations.overflow
        var points: [Metric.Point] = []
        var original: [[Attribute]] = []
        var gauges: [AttributeSet: Int] = [:]
        let keptSets = observations.order.map { $0.split(by: attributeKeys).kept }
        let rejected = observed.admission.settle(keptSets, isComplete: isComplete)
        for (set, kept) in zip(observations.order, keptSets) {
            guard let value = observations.values[set] else { continue }
            guard !rejected.contains(kept) else {
                overflow = kind == .gauge ? value : overflow.map { $0.adding(value) } ?? value
                continue
            }
            if kind == .gauge, let place = gauges[kept] {
                points[place].value = value
                continue
            }
            gauges[kept] = points.count
            points.append(Metric.Point(value, attributes: kept.attributes, start: start))
            original.append(set.attributes)
        }
        observed.merger.begin()
        var metric = metric(points)
        metric.isObservable = true
        metric = observed.merger.merge(metric, original: original)
        observed.merger.end()
        if let value = overflow {
            if isMonotonic {
                let largest = observed.overflow ?? value
                observed.overflow = value.isLess(than: largest) ? largest : value
            } else {
                observed.overflow = value
            }
            metric.points.append(
                Metric.Point(observed.overflow ?? value, attributes: AttributeSet.overflow.attributes, start: start)
            )
        }
        return metric
    }
}
