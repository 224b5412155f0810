/// Quantiles with the sum and the count of what was measured: Prometheus' summary.
public struct QuantileSummary: Sendable, Equatable {
    /// One quantile: a share of all values was at most so large.
    public struct Quantile: Sendable, Equatable {
        /// 0…1.
        public var share: Double
        /// Not a number when nothing was measured.
        public var value: Double

        /// A quantile from its two halves.
        public init(_ share: Double, _ value: Double) {
            self.share = share
            self.value = value
        }

        /// Not a number equals itself, as in ``MetricValue``.
        public static func == (left: Quantile, right: Quantile) -> Bool {
            left.share == right.share && isSameNumber(left.value, right.value)
        }
    }

    /// By increasing share.
    public var quantiles: [Quantile]
    /// How many values there were.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// A summary from its parts, unchecked; writing checks.
    public init(quantiles: [Quantile], count: UInt64, sum: Double) {
        self.quantiles = quantiles
        self.count = count
        self.sum = sum
    }

    /// Not a number as a sum equals itself, as in ``MetricValue``.
    public static func == (left: QuantileSummary, right: QuantileSummary) -> Bool {
        left.quantiles == right.quantiles && left.count == right.count && isSameNumber(left.sum, right.sum)
    }
}
