import SpanKitPercentiles

/// A histogram with fixed bucket bounds: a classic histogram in Prometheus, an explicit-bucket histogram in OpenTelemetry.
public struct ExplicitHistogram: Sendable, Equatable {
    /// The inclusive upper bounds of the buckets: finite and strictly increasing. A last bound of `+Inf` is implied.
    public var bounds: [Double]
    /// For each bound, the number of values that are less than or equal to it.
    public var cumulativeCounts: [UInt64]
    /// The number of values.
    public var count: UInt64
    /// The sum of all values; nil if it was not recorded, for example because values can be negative.
    public var sum: Double?
    /// The smallest value; nil if it was not recorded.
    public var minimum: Double?
    /// The largest value; nil if it was not recorded.
    public var maximum: Double?

    /// Creates a histogram without checking its fields. OTLP exports leave invalid histograms out.
    public init(
        bounds: [Double],
        cumulativeCounts: [UInt64],
        count: UInt64,
        sum: Double?,
        minimum: Double? = nil,
        maximum: Double? = nil
    ) {
        self.bounds = bounds
        self.cumulativeCounts = cumulativeCounts
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The number of values in each bucket, including the one above the last bound. Without bounds there are no buckets.
    package var bucketCounts: [UInt64] {
        guard !bounds.isEmpty else { return [] }
        return zip(cumulativeCounts + [count], [0] + cumulativeCounts).map { $0 > $1 ? $0 - $1 : 0 }
    }
}

/// A histogram with exponential bucket bounds, as in OTLP ("ExponentialHistogram").
///
/// The positive bucket with the index `i` counts the values in (2^(i / 2^scale), 2^((i + 1) / 2^scale)]. The negative bucket with
/// the index `i` counts the negative values whose magnitude is in that range.
public struct ExponentialDistribution: Sendable, Equatable {
    /// Consecutive buckets for values of one sign.
    public struct Buckets: Sendable, Equatable {
        /// The index of the first bucket.
        public var offset: Int
        /// The number of values in each bucket, starting with the bucket at ``offset``.
        public var counts: [UInt64]

        /// Creates buckets.
        public init(offset: Int = 0, counts: [UInt64] = []) {
            self.offset = offset
            self.counts = counts
        }
    }

    /// The resolution: there are 2^scale buckets for each factor of 2.
    public var scale: Int
    /// The number of values whose magnitude is at most ``zeroThreshold``.
    public var zeroCount: UInt64
    /// The largest magnitude that counts as zero.
    public var zeroThreshold: Double
    /// The buckets of positive values.
    public var positive: Buckets
    /// The buckets of negative values, by their magnitude.
    public var negative: Buckets
    /// The number of values.
    public var count: UInt64
    /// The sum of all values; nil if it was not recorded.
    public var sum: Double?
    /// The smallest value; nil if it was not recorded or there are no values.
    public var minimum: Double?
    /// The largest value; nil if it was not recorded or there are no values.
    public var maximum: Double?

    /// Creates a histogram without checking its fields. OTLP exports leave invalid histograms out.
    public init(
        scale: Int,
        zeroCount: UInt64 = 0,
        zeroThreshold: Double = 0,
        positive: Buckets = Buckets(),
        negative: Buckets = Buckets(),
        count: UInt64,
        sum: Double?,
        minimum: Double? = nil,
        maximum: Double? = nil
    ) {
        self.scale = scale
        self.zeroCount = zeroCount
        self.zeroThreshold = zeroThreshold
        self.positive = positive
        self.negative = negative
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Converts the histogram of an operation. Values are in seconds if the bucket bounds are in ``BucketUnit/seconds``; otherwise
    /// they keep the unit of the recorded integers.
    public init(_ histogram: ExponentialHistogram) {
        let divisor = histogram.unit == .seconds ? 1e9 : 1
        self.init(
            scale: histogram.scale,
            zeroCount: histogram.zeroCount,
            positive: Buckets(offset: histogram.firstBucketIndex, counts: histogram.bucketCounts),
            count: histogram.count,
            sum: Double(histogram.sumNanoseconds) / divisor,
            minimum: histogram.isEmpty ? nil : Double(histogram.minimumNanoseconds) / divisor,
            maximum: histogram.isEmpty ? nil : Double(histogram.maximumNanoseconds) / divisor
        )
    }
}

/// The value of a summary: quantiles, and the count and sum of all values.
public struct QuantileSummary: Sendable, Equatable {
    /// A quantile with its value.
    public struct Quantile: Sendable, Equatable {
        /// The quantile's rank, from 0 to 1: for example, 0.99 for p99.
        public var quantile: Double
        /// The value of the quantile; NaN if no values were recorded.
        public var value: Double

        /// Creates a quantile.
        public init(_ quantile: Double, _ value: Double) {
            self.quantile = quantile
            self.value = value
        }
    }

    /// The quantiles in increasing order.
    public var quantiles: [Quantile]
    /// The number of values.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// Creates a summary without checking its fields.
    public init(quantiles: [Quantile], count: UInt64, sum: Double) {
        self.quantiles = quantiles
        self.count = count
        self.sum = sum
    }
}
