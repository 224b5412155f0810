import SpanKitPercentiles
import SpanKitPlatform

extension ExponentialDistribution.Buckets {
    /// Whether no bucket has counted anything.
    var isEmpty: Bool { counts.allSatisfy { $0 == 0 } }

    /// The same counts without empty buckets at the ends.
    func trimmed() -> Self {
        guard let first = counts.firstIndex(where: { $0 != 0 }), let last = counts.lastIndex(where: { $0 != 0 }) else {
            return Self()
        }
        return Self(offset: offset + first, counts: Array(counts[first...last]))
    }

    /// The same counts in buckets of which each holds 2^`steps` of these.
    func downscaled(by steps: Int) -> Self {
        guard steps > 0, !counts.isEmpty else { return self }
        let first = offset >> steps
        var coarse = [UInt64](repeating: 0, count: (offset + counts.count - 1) >> steps - first + 1)
        var sums = coarse.mutableSpan
        for place in counts.indices { sums[(offset + place) >> steps - first] &+= counts[place] }
        return Self(offset: first, counts: coarse)
    }

    /// The number of buckets after ``downscaled(by:)``.
    func count(after steps: Int) -> Int {
        counts.isEmpty ? 0 : (offset + counts.count - 1) >> steps - offset >> steps + 1
    }

    /// The counts minus those of `previous`, which has the same scale; nil if `previous` has counted more anywhere.
    func subtracting(_ previous: Self) -> Self? {
        var result = self
        for (place, count) in previous.counts.enumerated() where count > 0 {
            let own = previous.offset + place - offset
            guard result.counts.indices.contains(own), result.counts[own] >= count else { return nil }
            result.counts[own] -= count
        }
        return result.trimmed()
    }
}

extension ExponentialDistribution {
    /// The same counts at a scale that is lower by `steps`, but not below −10.
    package func downscaled(by steps: Int) -> ExponentialDistribution {
        let steps = min(steps, scale - BucketIndex.scales.lowerBound)
        guard steps > 0 else { return self }
        var result = self
        result.scale -= steps
        result.positive = positive.downscaled(by: steps)
        result.negative = negative.downscaled(by: steps)
        return result
    }

    /// The same counts at the finest scale at which each sign has at most `buckets` buckets, and at least 2.
    package func downscaled(toAtMost buckets: Int) -> ExponentialDistribution {
        let most = max(buckets, 2)
        guard positive.counts.count > most || negative.counts.count > most else { return self }
        var result = self
        (result.positive, result.negative) = (positive.trimmed(), negative.trimmed())
        var steps = 0
        while max(result.positive.count(after: steps), result.negative.count(after: steps)) > most,
            scale - steps > BucketIndex.scales.lowerBound
        { steps += 1 }
        return result.downscaled(by: steps)
    }

    /// The values counted since `previous`, an earlier state of the same series, without minimum and maximum. Nil if `previous` has
    /// counted values that this histogram has not.
    package func subtracting(_ previous: ExponentialDistribution) -> ExponentialDistribution? {
        guard zeroThreshold == previous.zeroThreshold else { return nil }
        var result = downscaled(by: max(0, scale - previous.scale))
        let earlier = previous.downscaled(by: max(0, previous.scale - scale))
        guard count >= earlier.count, zeroCount >= earlier.zeroCount,
            let positive = result.positive.subtracting(earlier.positive),
            let negative = result.negative.subtracting(earlier.negative)
        else { return nil }
        (result.positive, result.negative) = (positive, negative)
        result.count -= earlier.count
        result.zeroCount -= earlier.zeroCount
        result.sum = difference(of: sum, earlier.sum)
        (result.minimum, result.maximum) = (nil, nil)
        return result
    }

    /// The values, counted at fixed bounds. Count, sum, minimum and maximum are exact.
    ///
    /// A bound that is a boundary of the buckets has the exact count, and so has a bound of 0 if ``zeroThreshold`` is 0. For a bound
    /// inside a bucket, the bucket's values are assumed to be evenly spread on a logarithmic scale. The error of the count is then
    /// less than the number of values in that bucket.
    package func classic(_ edges: [Double]) -> ExplicitHistogram {
        var below: UInt64 = 0
        var next = 0
        let spans = spans
        let counts = edges.map { edge in
            while next < spans.count, spans[next].upper <= edge {
                below &+= spans[next].count
                next += 1
            }
            guard next < spans.count, spans[next].lower < edge else { return below }
            return below &+ spans[next].part(upTo: edge)
        }
        return ExplicitHistogram(
            bounds: edges,
            cumulativeCounts: counts,
            count: count,
            sum: sum,
            minimum: minimum,
            maximum: maximum
        )
    }

    /// A bucket of any sign with its bounds: the values in (`lower`, `upper`], for negative values in [`lower`, `upper`).
    struct Span {
        var lower: Double
        var upper: Double
        var count: UInt64

        /// The number of values up to a bound inside the bucket. It is assumed that the values are evenly spread on a
        /// logarithmic scale or, in the bucket around 0, on a linear scale.
        fileprivate func part(upTo edge: Double) -> UInt64 {
            let share: Double
            if lower > 0 {
                share = log2(edge / lower) / log2(upper / lower)
            } else if upper < 0 {
                share = 1 - log2(edge / upper) / log2(lower / upper)
            } else {
                share = (edge - lower) / (upper - lower)
            }
            // The share is NaN if a bound is too large for a `Double`. Then the count is 0 as well.
            guard share > 0 else { return 0 }
            return share >= 1 ? count : min(count, UInt64(Double(count) * share))
        }
    }

    /// All buckets that have counted something, from the lowest values to the highest.
    var spans: [Span] {
        var spans: [Span] = []
        for (place, count) in negative.counts.enumerated().reversed() where count > 0 {
            let index = negative.offset + place
            spans.append(Span(lower: -boundary(index + 1), upper: -boundary(index), count: count))
        }
        if zeroCount > 0 { spans.append(Span(lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount)) }
        for (place, count) in positive.counts.enumerated() where count > 0 {
            let index = positive.offset + place
            spans.append(Span(lower: boundary(index), upper: boundary(index + 1), count: count))
        }
        return spans
    }

    /// 2^(`index` / 2^`scale`), rounded to a number.
    private func boundary(_ index: Int) -> Double {
        BucketIndex.lowerBoundary(of: index, scale: scale, unit: .nanoseconds).nanoseconds
    }
}
