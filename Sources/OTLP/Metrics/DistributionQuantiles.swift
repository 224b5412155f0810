import SpanKitPercentiles
import SpanKitPlatform

/// The range that is certain to contain a quantile, and an estimate of it.
package struct ValueRange: Sendable, Equatable {
    package private(set) var lower: Double
    package private(set) var upper: Double
    package private(set) var estimate: Double

    /// A value that is known exactly.
    package init(exactly value: Double) {
        (lower, upper, estimate) = (value, value, value)
    }

    /// The range of the value with a rank in a bucket.
    /// - Parameters:
    ///   - rank: The rank within the bucket, from 1.
    ///   - count: The number of values in the bucket.
    fileprivate init(_ bucket: DistributionQuantiles.Bucket, rank: UInt64, of count: UInt64) {
        (lower, upper) = (bucket.lower, bucket.upper)
        let share = Double(rank) / (Double(count) + 1)
        if lower == upper || !upper.isFinite {
            estimate = lower.isFinite ? lower : upper
        } else if !lower.isFinite {
            estimate = upper
        } else if lower > 0 || upper < 0 {
            estimate = lower * pow(upper / lower, share)
        } else {
            estimate = lower + (upper - lower) * share
        }
        // Adding 0 makes a negative zero positive.
        estimate = min(max(estimate, lower), upper) + 0
    }

    /// Whether the estimate is at most 10 % from the exact value.
    package var isNarrow: Bool {
        let smallest = min(lower.magnitude, upper.magnitude)
        return lower == upper || lower.isFinite && upper.isFinite && upper - lower <= 0.1 * smallest
    }
}

/// Estimates quantiles from the exact counts of a histogram's buckets.
package struct DistributionQuantiles: Sendable {
    fileprivate struct Bucket: Sendable {
        var lower: Double
        var upper: Double
        var count: UInt64
    }

    private var buckets: [Bucket] = []
    private let count: UInt64
    private let minimum: Double?
    private let maximum: Double?

    package init(_ histogram: ExplicitHistogram) {
        (count, minimum, maximum) = (histogram.count, histogram.minimum, histogram.maximum)
        guard !histogram.bounds.isEmpty else { return }
        for ((lower, upper), count) in zip(
            zip([-.infinity] + histogram.bounds, histogram.bounds + [.infinity]),
            histogram.bucketCounts
        ) { add(lower, upper, count) }
    }

    package init(_ distribution: ExponentialDistribution) {
        (count, minimum, maximum) = (distribution.count, distribution.minimum, distribution.maximum)
        for span in distribution.spans { add(span.lower, span.upper, span.count) }
    }

    /// Adds a bucket, narrowed by the smallest and the largest value. Bounds that are rounded may be beyond those.
    private mutating func add(_ lower: Double, _ upper: Double, _ count: UInt64) {
        guard count > 0 else { return }
        let low = max(lower, min(minimum ?? lower, upper))
        buckets.append(Bucket(lower: low, upper: max(low, min(upper, maximum ?? upper)), count: count))
    }

    /// The quantile by nearest rank; `nil` if it is not known.
    package func quantile(_ share: Double) -> ValueRange? {
        guard count > 0, !buckets.isEmpty else { return nil }
        let rank = ExponentialHistogram.rank(of: share, count: count)
        if rank == count, let maximum { return ValueRange(exactly: maximum) }
        if rank == 1, let minimum { return ValueRange(exactly: minimum) }
        var before: UInt64 = 0
        for bucket in buckets {
            if rank - before <= bucket.count { return ValueRange(bucket, rank: rank - before, of: bucket.count) }
            before = before.addingSaturating(bucket.count)
        }
        return buckets.last.map { ValueRange($0, rank: $0.count, of: $0.count) }
    }

    /// The largest value, or its range.
    package var largest: ValueRange? {
        maximum.map { ValueRange(exactly: $0) } ?? buckets.last.map { ValueRange($0, rank: $0.count, of: $0.count) }
    }
}
