extension ExponentialHistogram {
    /// Adds everything `other` has counted.
    ///
    /// Exact, associative and commutative: counts are added, and where the scales differ the finer one is lowered first.
    /// - Throws: ``HistogramError/differentUnits(_:_:)``, or ``HistogramError/overflow(_:)``; then nothing has changed.
    public mutating func merge(_ other: ExponentialHistogram) throws(HistogramError) {
        guard unit == other.unit else { throw .differentUnits(unit, other.unit) }
        let (total, countOverflow) = count.addingReportingOverflow(other.count)
        guard !countOverflow else { throw .overflow("the count") }
        let (sum, sumOverflow) = sumNanoseconds.addingReportingOverflow(other.sumNanoseconds)
        guard !sumOverflow else { throw .overflow("the sum") }

        if scale > other.scale { downscale(by: scale - other.scale) }
        addBuckets(of: other)
        if other.count > 0 {
            minimumNanoseconds =
                count == 0 ? other.minimumNanoseconds : Swift.min(minimumNanoseconds, other.minimumNanoseconds)
            maximumNanoseconds = Swift.max(maximumNanoseconds, other.maximumNanoseconds)
        }
        count = total
        sumNanoseconds = sum
        zeroCount += other.zeroCount
        memorySumBytes = memorySumBytes.addingSaturating(other.memorySumBytes)
        memoryCount += other.memoryCount
    }

    /// The same counts, so many steps coarser: 2^`steps` buckets become one.
    ///
    /// Exact; stops at the lowest scale, −10.
    public func downscaled(by steps: Int) -> ExponentialHistogram {
        var result = self
        result.downscale(by: steps)
        return result
    }

    /// The same counts at the finest scale that spans at most `buckets` buckets.
    ///
    /// What OTLP receivers with a limit (usually 160) take. Two buckets always suffice, so less counts as 2.
    public func downscaled(toAtMost buckets: Int) -> ExponentialHistogram {
        guard bucketCounts.count > Swift.max(buckets, 2) else { return self }
        let last = firstBucketIndex + bucketCounts.count - 1
        var steps = 0
        while (last >> steps) - (firstBucketIndex >> steps) + 1 > Swift.max(buckets, 2) { steps += 1 }
        return downscaled(by: steps)
    }

    /// What was counted since `previous`, an earlier state of the same histogram.
    ///
    /// Count, sum and buckets are exact. The minimum and maximum of the difference are known to their bucket only.
    /// - Throws: ``HistogramError/notAPredecessor`` when `previous` has something that this histogram lacks.
    public func subtracting(_ previous: ExponentialHistogram) throws(HistogramError) -> ExponentialHistogram {
        guard unit == previous.unit else { throw .differentUnits(unit, previous.unit) }
        var result = downscaled(by: Swift.max(0, scale - previous.scale))
        let earlier = previous.downscaled(by: Swift.max(0, previous.scale - scale))
        guard count >= earlier.count, zeroCount >= earlier.zeroCount, sumNanoseconds >= earlier.sumNanoseconds,
            memoryCount >= earlier.memoryCount
        else { throw .notAPredecessor }
        for (offset, counted) in earlier.bucketCounts.enumerated() where counted > 0 {
            let position = earlier.firstBucketIndex + offset - result.firstBucketIndex
            guard result.bucketCounts.indices.contains(position), result.bucketCounts[position] >= counted else {
                throw .notAPredecessor
            }
            result.bucketCounts[position] -= counted
        }
        result.trim()
        result.count -= earlier.count
        result.zeroCount -= earlier.zeroCount
        result.sumNanoseconds -= earlier.sumNanoseconds
        result.memorySumBytes = memorySumBytes.subtractingSaturating(earlier.memorySumBytes)
        result.memoryCount -= earlier.memoryCount
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

    /// Adds the buckets of a histogram whose scale is not below this one's.
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
    /// The difference, or the limit it would have passed.
    package func subtractingSaturating(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard overflow else { return difference }
        return other < 0 ? .max : .min
    }
}
