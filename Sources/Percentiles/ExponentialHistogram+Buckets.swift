extension ExponentialHistogram {
    /// The number of durations in a range of ``bucketCounts``.
    package func count(ofBuckets places: Range<Int>) -> UInt64 {
        bucketCounts.withUnsafeBufferPointer { counts in
            UnsafeBufferPointer(rebasing: counts[places]).reduce(0, &+)
        }
    }

    /// A bucket: it counts the durations above `lowerBound` and up to `upperBound`, both in nanoseconds.
    public struct Bucket: Sendable, Equatable {
        /// The OpenTelemetry bucket index at the histogram's scale.
        public let index: Int
        /// The exclusive lower boundary in nanoseconds.
        public let lowerBound: Double
        /// The inclusive upper boundary in nanoseconds.
        public let upperBound: Double
        /// The number of durations in the bucket.
        public let count: UInt64
    }

    /// The buckets that are not empty, ordered from short to long durations.
    ///
    /// Durations of 0 ns have no bucket; see ``zeroCount``.
    public var buckets: [Bucket] {
        var buckets: [Bucket] = []
        for (offset, count) in bucketCounts.enumerated() where count > 0 {
            let index = firstBucketIndex + offset
            buckets.append(
                Bucket(
                    index: index,
                    lowerBound: BucketIndex.lowerBoundary(of: index, scale: scale, unit: unit).nanoseconds,
                    upperBound: BucketIndex.upperBoundary(of: index, scale: scale, unit: unit),
                    count: count
                )
            )
        }
        return buckets
    }

    /// Creates a histogram from its fields, such as those read from OTLP or a file.
    /// - Parameters:
    ///   - scale: the resolution, −10…20.
    ///   - unit: the unit of the bucket boundaries.
    ///   - firstBucketIndex: the index of the first entry of `bucketCounts` (OTLP `positive.offset`).
    ///   - bucketCounts: the counts of consecutive buckets. Zeros at the ends are removed.
    ///   - zeroCount: the number of durations of 0 ns.
    ///   - sumNanoseconds: the sum of all durations.
    ///   - minimumNanoseconds: the shortest duration; if nil, the shortest that the buckets allow.
    ///   - maximumNanoseconds: the longest duration; if nil, the longest that the buckets allow.
    ///   - memorySumBytes: the sum of all changes in memory use, in bytes.
    ///   - memoryCount: the number of durations with a recorded change in memory use.
    /// - Throws: ``HistogramError`` if a field is out of range, or the fields contradict each other.
    public init(
        scale: Int,
        unit: BucketUnit,
        firstBucketIndex: Int,
        bucketCounts: [UInt64],
        zeroCount: UInt64 = 0,
        sumNanoseconds: UInt128,
        minimumNanoseconds: UInt64? = nil,
        maximumNanoseconds: UInt64? = nil,
        memorySumBytes: Int64 = 0,
        memoryCount: UInt64 = 0
    ) throws(HistogramError) {
        try self.init(scale: scale, unit: unit)
        guard firstBucketIndex.magnitude <= 1 << 40, bucketCounts.count <= 1 << 24 else {
            throw .inconsistent("its bucket indices are too large")
        }
        var total = zeroCount
        for bucket in bucketCounts {
            let (sum, overflow) = total.addingReportingOverflow(bucket)
            guard !overflow else { throw .overflow("the count") }
            total = sum
        }
        guard memoryCount <= total else {
            throw .inconsistent("it has more memory deltas (\(memoryCount)) than durations (\(total))")
        }
        self.firstBucketIndex = firstBucketIndex
        self.bucketCounts = bucketCounts
        self.zeroCount = zeroCount
        self.count = total
        self.sumNanoseconds = sumNanoseconds
        self.memorySumBytes = memorySumBytes
        self.memoryCount = memoryCount
        trim()
        if self.bucketCounts.count > Self.bucketLimit { self = downscaled(toAtMost: Self.bucketLimit) }
        guard total > 0 else {
            guard sumNanoseconds == 0, memorySumBytes == 0, (minimumNanoseconds ?? 0) == 0,
                (maximumNanoseconds ?? 0) == 0
            else { throw .inconsistent("it has a sum, a minimum or a maximum, but no durations") }
            return
        }
        let bounds = bucketBounds
        self.minimumNanoseconds = minimumNanoseconds ?? bounds.lowest
        self.maximumNanoseconds = maximumNanoseconds ?? bounds.highest
        guard self.minimumNanoseconds <= self.maximumNanoseconds else {
            throw .inconsistent(
                "its minimum (\(self.minimumNanoseconds) ns) exceeds its maximum (\(self.maximumNanoseconds) ns)"
            )
        }
    }

    /// The smallest and the largest whole number of nanoseconds that the buckets can hold.
    var bucketBounds: (lowest: UInt64, highest: UInt64) {
        guard !bucketCounts.isEmpty else { return (0, 0) }
        let last = firstBucketIndex + bucketCounts.count - 1
        let lowest = zeroCount > 0 ? 0 : wholeBounds(of: firstBucketIndex).lower
        return (UInt64(clamping: lowest), UInt64(clamping: wholeBounds(of: last).upper))
    }

    /// The smallest and the largest whole number of nanoseconds in a bucket; its boundaries if it contains none.
    package func wholeBounds(of index: Int) -> (lower: Double, upper: Double) {
        let lower = BucketIndex.lowerBoundary(of: index, scale: scale, unit: unit).nanoseconds
        let upper = BucketIndex.upperBoundary(of: index, scale: scale, unit: unit)
        let wholeLower = lower.rounded(.down) + 1
        let wholeUpper = upper.rounded(.down)
        return wholeLower <= wholeUpper ? (wholeLower, wholeUpper) : (lower, upper)
    }
}

extension UInt64 {
    /// The nearest whole number, limited to the range of `UInt64`.
    init(clamping value: Double) {
        self = value >= 0x1p64 ? .max : value > 0 ? UInt64(value.rounded()) : 0
    }
}
