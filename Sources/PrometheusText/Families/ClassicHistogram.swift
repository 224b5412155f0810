/// Cumulative counts at fixed edges: Prometheus' classic histogram.
public struct ClassicHistogram: Sendable, Equatable {
    /// The upper edges, inclusive, strictly increasing and finite; the edge `+Inf` is implied.
    public var edges: [Double]
    /// For each edge, how many values were at most so large.
    public var cumulativeCounts: [UInt64]
    /// How many values there were: the count at `+Inf`.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// A histogram from its parts, unchecked; writing checks.
    public init(edges: [Double], cumulativeCounts: [UInt64], count: UInt64, sum: Double) {
        self.edges = edges
        self.cumulativeCounts = cumulativeCounts
        self.count = count
        self.sum = sum
    }

    /// Not a number as a sum equals itself, as in ``MetricValue``.
    public static func == (left: ClassicHistogram, right: ClassicHistogram) -> Bool {
        left.edges == right.edges && left.cumulativeCounts == right.cumulativeCounts && left.count == right.count
            && isSameNumber(left.sum, right.sum)
    }
}
