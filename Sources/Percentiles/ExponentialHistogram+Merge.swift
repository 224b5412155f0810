extension ExponentialHistogram {
    /// Adds the counts of another histogram.
    ///
    /// The result is exact and does not depend on the order of merges. If the scales differ, the histogram with the
    /// higher scale is first converted to the lower one.
    /// - Throws: ``HistogramError/differentUnits(_:_:)`` or ``HistogramError/overflow(_:)``; the histogram is then unchanged.
    public mutating func merge(_ other: ExponentialHistogram) throws(HistogramError) {
        guard unit == other.unit else { throw .differentUnits(unit, other.unit) }
        guard !count.addingReportingOverflow(other.count).overflow else { throw .overflow("the count") }
        guard !sumNanoseconds.addingReportingOverflow(other.sumNanoseconds).overflow else { throw .overflow("the sum") }
        if scale > other.scale { downscale(by: scale - other.scale) }
        addBuckets(of: other)
        addTotals(of: other)
    }

    /// Adds everything except the buckets.
    mutating func addTotals(of other: ExponentialHistogram) {
        if other.count > 0 {
            minimumNanoseconds =
                count == 0 ? other.minimumNanoseconds : Swift.min(minimumNanoseconds, other.minimumNanoseconds)
            maximumNanoseconds = Swift.max(maximumNanoseconds, other.maximumNanoseconds)
        }
        count &+= other.count
        zeroCount &+= other.zeroCount
        sumNanoseconds &+= other.sumNanoseconds
        memorySumBytes = memorySumBytes.addingSaturating(other.memorySumBytes)
        memoryCount &+= other.memoryCount
    }

    /// The histogram with its scale reduced by `steps`, but not below −10. Each group of 2^`steps` buckets becomes one
    /// bucket.
    public func downscaled(by steps: Int) -> ExponentialHistogram {
        var result = self
        result.downscale(by: steps)
        return result
    }

    /// The histogram reduced to the highest scale at which ``bucketCounts`` has at most `buckets` entries.
    ///
    /// Use it for OTLP receivers that limit the number of buckets, usually to 160. A limit below 2 is treated as 2.
    public func downscaled(toAtMost buckets: Int) -> ExponentialHistogram {
        guard bucketCounts.count > Swift.max(buckets, 2) else { return self }
        let last = firstBucketIndex + bucketCounts.count - 1
        var steps = 0
        while (last >> steps) - (firstBucketIndex >> steps) + 1 > Swift.max(buckets, 2) { steps += 1 }
        return downscaled(by: steps)
    }

    /// The durations counted since `previous`, an earlier state of the same histogram.
    ///
    /// Count, sum and buckets are exact. The minimum and maximum are exact only to the width of a bucket.
    /// - Throws: ``HistogramError/notAPredecessor`` if `previous` is not an earlier state of this histogram, or
    ///   ``HistogramError/differentUnits(_:_:)``.
    public func subtracting(_ previous: ExponentialHistogram) throws(HistogramError) -> ExponentialHistogram {
        guard unit == previous.unit else { throw .differentUnits(unit, previous.unit) }
        var result = downscaled(by: Swift.max(0, scale - previous.scale))
        let earlier = previous.downscaled(by: Swift.max(0, previous.scale - scale))
        guard PackedHistogram(earlier).subtract(from: &result) else { throw .notAPredecessor }
        guard result.count > 0 else {
            result.minimumNanoseconds = 0
            result.maximumNanoseconds = 0
            return result
        }
        let bounds = result.bucketBounds
        result.minimumNanoseconds = Swift.max(minimumNanoseconds, bounds.lowest)
        result.maximumNanoseconds = Swift.min(maximumNanoseconds, bounds.highest)
        return result
    }

    mutating func downscale(by steps: Int) {
        let steps = Swift.min(steps, scale - Self.scales.lowerBound)
        guard steps > 0 else { return }
        scale -= steps
        guard !bucketCounts.isEmpty else { return }
        let first = firstBucketIndex >> steps
        let last = (firstBucketIndex + bucketCounts.count - 1) >> steps
        var coarse = [UInt64](repeating: 0, count: last - first + 1)
        for (offset, counted) in bucketCounts.enumerated() {
            coarse[(firstBucketIndex + offset) >> steps - first] += counted
        }
        firstBucketIndex = first
        bucketCounts = coarse
    }

    /// Adds the buckets of a histogram of the same or a finer scale.
    private mutating func addBuckets(of other: ExponentialHistogram) {
        guard !other.bucketCounts.isEmpty else { return }
        var shift = other.scale - scale
        let last = other.firstBucketIndex + other.bucketCounts.count - 1
        shift += makeRoom(from: other.firstBucketIndex >> shift, through: last >> shift)
        for (offset, counted) in other.bucketCounts.enumerated() {
            bucketCounts[(other.firstBucketIndex + offset) >> shift - firstBucketIndex] += counted
        }
    }
}

extension FixedWidthInteger {
    /// The difference, clamped to the range of the type.
    package func subtractingSaturating(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard overflow else { return difference }
        return other < 0 ? .max : .min
    }
}
