import SpanKitPercentiles

/// Why a point is not sent. Strict receivers refuse the whole request because of it.
package enum MetricFault: String, Sendable, Hashable, CaseIterable {
    /// The metric has no name.
    case noName = "the metric has no name"
    /// The value's type does not match the kind of the metric.
    case wrongValue = "the value does not have the form of the metric's kind"
    /// The counts of the buckets do not add up to the count.
    case inconsistentCounts = "the counts of the buckets do not add up to the count"
    /// The bounds of the buckets are not finite and increasing.
    case badBounds = "the bounds of the buckets are not finite and increasing"
    /// The scale or the index of a bucket is outside of OTLP's range.
    case badBuckets = "the scale or the numbers of the buckets are outside of OTLP's range"
    /// A sum is infinite or not a number, so that no later value can be compared with it.
    case notFinite = "the sum is infinite or not a number"
}

extension Metric {
    /// The metric without the points that have a fault.
    /// - Parameter report: called for each point that is left out.
    package func checked(_ report: (MetricFault) -> Void) -> Metric {
        func fault(of point: Point) -> MetricFault? { name.isEmpty ? .noName : point.fault(kind) }
        guard points.contains(where: { fault(of: $0) != nil }) else { return self }
        return with(
            points.filter { point in
                let fault = fault(of: point)
                if let fault { report(fault) }
                return fault == nil
            }
        )
    }
}

extension Metric.Point {
    fileprivate func fault(_ kind: Metric.Kind) -> MetricFault? {
        switch (value, kind) {
        case (.double(let value), .sum) where !value.isFinite: .notFinite
        case (.int, .gauge), (.int, .sum), (.int, .unknown), (.double, .gauge), (.double, .sum), (.double, .unknown),
            (.missing, _), (.summary, .summary):
            nil
        case (.histogram(let histogram), .histogram): histogram.fault
        case (.distribution(let distribution), .exponentialHistogram): distribution.fault
        default: .wrongValue
        }
    }
}

extension ExplicitHistogram {
    fileprivate var fault: MetricFault? {
        guard bounds.allSatisfy(\.isFinite), zip(bounds, bounds.dropFirst()).allSatisfy(<) else { return .badBounds }
        guard bounds.count == cumulativeCounts.count,
            zip(cumulativeCounts, cumulativeCounts.dropFirst()).allSatisfy(<=), cumulativeCounts.last ?? 0 <= count
        else { return .inconsistentCounts }
        return nil
    }
}

extension ExponentialDistribution {
    fileprivate var fault: MetricFault? {
        guard BucketIndex.scales.contains(scale), positive.isInRange, negative.isInRange, zeroThreshold >= 0 else {
            return .badBuckets
        }
        var total = zeroCount
        for counts in [positive.counts, negative.counts] {
            for bucket in counts {
                let (sum, overflow) = total.addingReportingOverflow(bucket)
                if overflow { return .inconsistentCounts }
                total = sum
            }
        }
        return total == count ? nil : .inconsistentCounts
    }
}

extension ExponentialDistribution.Buckets {
    fileprivate var isInRange: Bool {
        Int32(exactly: offset) != nil && Int32(exactly: offset + counts.count) != nil
    }
}
