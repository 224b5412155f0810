import SpanKitPercentiles

extension ExplicitHistogram {
    /// The sum of both histograms; nil if their bounds differ.
    package func adding(_ other: ExplicitHistogram) -> ExplicitHistogram? {
        guard bounds == other.bounds, cumulativeCounts.count == other.cumulativeCounts.count else { return nil }
        var result = self
        for place in cumulativeCounts.indices { result.cumulativeCounts[place] &+= other.cumulativeCounts[place] }
        result.count &+= other.count
        result.sum = total(of: sum, other.sum)
        result.minimum = extreme(of: (minimum, count), (other.minimum, other.count), by: min)
        result.maximum = extreme(of: (maximum, count), (other.maximum, other.count), by: max)
        return result
    }

    /// The values counted since `previous`, an earlier state of the same series, without minimum and maximum. Nil if `previous` has
    /// counted values that this histogram has not.
    package func subtracting(_ previous: ExplicitHistogram) -> ExplicitHistogram? {
        guard bounds == previous.bounds, count >= previous.count,
            zip(bucketCounts, previous.bucketCounts).allSatisfy(>=)
        else { return nil }
        var result = self
        for place in cumulativeCounts.indices { result.cumulativeCounts[place] -= previous.cumulativeCounts[place] }
        result.count -= previous.count
        result.sum = difference(of: sum, previous.sum)
        (result.minimum, result.maximum) = (nil, nil)
        return result
    }
}

extension ExponentialDistribution {
    /// The largest number of buckets of a sum. A sum that needs more has a lower scale.
    private static let mostBuckets = 1 << 16

    /// The sum of both histograms. Its scale is the lower of the two scales, or a still lower scale if the sum would
    /// need too many buckets. Nil if the zero thresholds differ, or if there are too many buckets even at the lowest
    /// scale.
    package func adding(_ other: ExponentialDistribution) -> ExponentialDistribution? {
        guard zeroThreshold == other.zeroThreshold else { return nil }
        var result = downscaled(by: max(0, scale - other.scale))
        var right = other.downscaled(by: max(0, other.scale - scale))
        while max(result.positive.span(with: right.positive), result.negative.span(with: right.negative))
            > Self.mostBuckets
        {
            guard result.scale > BucketIndex.scales.lowerBound else { return nil }
            (result, right) = (result.downscaled(by: 1), right.downscaled(by: 1))
        }
        result.positive.add(right.positive)
        result.negative.add(right.negative)
        result.zeroCount &+= right.zeroCount
        result.count &+= right.count
        result.sum = total(of: sum, right.sum)
        result.minimum = extreme(of: (minimum, count), (right.minimum, right.count), by: min)
        result.maximum = extreme(of: (maximum, count), (right.maximum, right.count), by: max)
        return result
    }
}

extension ExponentialDistribution.Buckets {
    /// The number of buckets from the first to the last of both.
    fileprivate func span(with other: Self) -> Int {
        guard !counts.isEmpty, !other.counts.isEmpty else { return max(counts.count, other.counts.count) }
        return max(offset + counts.count, other.offset + other.counts.count) - min(offset, other.offset)
    }

    /// Adds buckets of the same scale.
    fileprivate mutating func add(_ other: Self) {
        guard !other.counts.isEmpty else { return }
        guard !counts.isEmpty else { return self = other }
        let first = min(offset, other.offset)
        let end = max(offset + counts.count, other.offset + other.counts.count)
        var all = [UInt64](repeating: 0, count: end - first)
        for buckets in [self, other] {
            for (place, count) in buckets.counts.enumerated() { all[buckets.offset + place - first] &+= count }
        }
        self = Self(offset: first, counts: all)
    }
}

private func total(of left: Double?, _ right: Double?) -> Double? {
    guard let left, let right else { return nil }
    return left + right
}

/// The smaller or larger of two values, each nil if it was not measured. A side that has counted nothing does not matter.
private func extreme(
    of left: (value: Double?, count: UInt64),
    _ right: (value: Double?, count: UInt64),
    by choose: (Double, Double) -> Double
) -> Double? {
    if left.count == 0 { return right.value }
    if right.count == 0 { return left.value }
    guard let left = left.value, let right = right.value else { return nil }
    return choose(left, right)
}

/// The difference of two sums; nil if it is not finite.
func difference(of sum: Double?, _ earlier: Double?) -> Double? {
    guard let sum, let earlier, (sum - earlier).isFinite else { return nil }
    return sum - earlier
}
