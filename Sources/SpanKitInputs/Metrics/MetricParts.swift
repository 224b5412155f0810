import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The fields of a metric as JSON or protobuf contains them, in any order.
struct MetricParts {
    var name = ""
    var description = ""
    var unit = ""
    var kind: Metric.Kind?
    /// 1 is delta, 2 is cumulative.
    var temporality: UInt64 = 0
    var isMonotonic = false
    var points: [PointParts] = []
    /// The place in the input.
    let place: Int

    init(place: Int) {
        self.place = place
    }

    /// The metric with the points that are valid.
    /// - Parameter note: Receives a sentence about everything that is left out or changed, and its place.
    /// - Returns: `nil` if it has no valid points.
    func decoded(_ resource: Resource, _ scope: InstrumentationScope, note: (String, Int) -> Void) -> DecodedMetric? {
        guard var kind else {
            note("the metric \(name.quoted) has no data of a known kind; it is left out", place)
            return nil
        }
        guard !name.isEmpty else {
            note("a metric has no name; it is left out", place)
            return nil
        }
        if case .sum = kind { kind = .sum(isMonotonic: isMonotonic) }
        var metric = Metric(name, description: description, unit: unit, kind: kind)
        if kind.hasTemporality, !points.isEmpty {
            metric.temporality = temporality == 1 ? .delta : .cumulative
            if temporality != 1, temporality != 2 {
                note("the metric \(name.quoted) has no temporality; it is read as cumulative", place)
            }
        }
        metric.points = points.compactMap { point -> Metric.Point? in
            func known(_ time: Int64) -> Int64? { time > 0 ? time : nil }
            guard let value = point.value(kind, note: { note("the metric \(name.quoted): \($0)", point.place) }) else {
                return nil
            }
            return Metric.Point(
                value,
                attributes: point.attributes,
                start: known(point.start),
                time: known(point.time)
            )
        }
        return metric.points.isEmpty ? nil : DecodedMetric(resource: resource, scope: scope, metric: metric)
    }
}

/// The fields of a data point of any kind.
struct PointParts {
    /// The flag of a point without a value (`DataPointFlags` in `metrics.proto`).
    static let noRecordedValue: UInt64 = 1

    var attributes: [Attribute] = []
    var start: Int64 = 0
    var time: Int64 = 0
    var flags: UInt64 = 0
    /// The value of a gauge or a sum.
    var number: Metric.Value?
    var count: UInt64 = 0
    var sum: Double?
    var minimum: Double?
    var maximum: Double?
    var bucketCounts: [UInt64] = []
    var bounds: [Double] = []
    var scale = 0
    var zeroCount: UInt64 = 0
    var zeroThreshold = 0.0
    var positive = ExponentialDistribution.Buckets()
    var negative = ExponentialDistribution.Buckets()
    var quantiles: [QuantileSummary.Quantile] = []
    /// The place in the input.
    let place: Int

    init(place: Int) {
        self.place = place
    }

    /// The value; `nil` and a note if the point has no value.
    func value(_ kind: Metric.Kind, note: (String) -> Void) -> Metric.Value? {
        if flags & Self.noRecordedValue != 0 { return .missing }
        switch kind {
        case .gauge, .sum, .unknown:
            if number == nil { note("a point has no value; it is left out") }
            return number
        case .histogram: return .histogram(histogram(note))
        case .exponentialHistogram: return distribution(note).map { .distribution($0) }
        case .summary:
            let sorted = quantiles.sorted { $0.quantile < $1.quantile }
            return .summary(QuantileSummary(quantiles: sorted, count: count, sum: sum ?? 0))
        }
    }

    /// The histogram. Buckets that contradict each other are left out; count and sum are kept.
    private func histogram(_ note: (String) -> Void) -> ExplicitHistogram {
        var (bounds, counts) = (bounds, bucketCounts)
        // Some exporters write the implied last bound.
        if bounds.last == .infinity, counts.count == bounds.count || counts.count == bounds.count + 1 {
            bounds.removeLast()
            if counts.count == bounds.count + 2 { counts[counts.count - 2] &+= counts.removeLast() }
        }
        var problem: String?
        if counts.isEmpty {
            if !bounds.isEmpty { problem = "a histogram has bounds, but no counts" }
        } else if counts.count != bounds.count + 1 {
            problem = "a histogram has \(counts.count) counts for \(bounds.count) bounds"
        } else if !bounds.allSatisfy(\.isFinite) || !zip(bounds, bounds.dropFirst()).allSatisfy(<) {
            problem = "the bounds of a histogram do not increase"
        } else if Self.sum(counts) != count {
            problem = "the buckets of a histogram do not add up to its count \(count)"
        }
        if let problem {
            note("\(problem); its buckets are left out")
            (bounds, counts) = ([], [])
        }
        var cumulative: [UInt64] = []
        var total: UInt64 = 0
        for count in counts.dropLast() {
            total &+= count
            cumulative.append(total)
        }
        return ExplicitHistogram(
            bounds: bounds,
            cumulativeCounts: cumulative,
            count: count,
            sum: sum,
            minimum: minimum,
            maximum: maximum
        )
    }

    private func distribution(_ note: (String) -> Void) -> ExponentialDistribution? {
        guard Self.sum(positive.counts + negative.counts + [zeroCount]) == count else {
            note("the buckets of a histogram do not add up to its count \(count); the point is left out")
            return nil
        }
        guard -10...20 ~= scale else {
            note("the scale \(scale) of a histogram is not between -10 and 20; the point is left out")
            return nil
        }
        return ExponentialDistribution(
            scale: scale,
            zeroCount: zeroCount,
            zeroThreshold: zeroThreshold.isFinite && zeroThreshold > 0 ? zeroThreshold : 0,
            positive: positive,
            negative: negative,
            count: count,
            sum: sum,
            minimum: minimum,
            maximum: maximum
        )
    }

    /// The sum; `nil` if it does not fit.
    private static func sum(_ counts: [UInt64]) -> UInt64? {
        var sum: UInt64 = 0
        for count in counts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            if overflow { return nil }
            sum = next
        }
        return sum
    }
}

extension Metric.Kind {
    /// Whether metrics of this kind have a start time in OTLP.
    fileprivate var hasTemporality: Bool {
        switch self {
        case .sum, .histogram, .exponentialHistogram: true
        case .gauge, .summary, .unknown: false
        }
    }
}
