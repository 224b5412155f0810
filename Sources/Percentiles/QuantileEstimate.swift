/// A quantile as a histogram knows it: the best guess, and the range that certainly holds the exact value.
public struct QuantileEstimate: Sendable, Equatable {
    /// The estimate in nanoseconds, within ``lowerBound``…``upperBound``.
    public let estimate: Double
    /// The exact quantile is not below this; nanoseconds.
    public let lowerBound: Double
    /// The exact quantile is not above this; nanoseconds.
    public let upperBound: Double
}

/// How to choose one value inside the bucket that holds a quantile.
public enum QuantileEstimator: Sendable {
    /// Spreads the bucket's durations evenly on the logarithmic scale. The best on average; error at most B − 1
    /// (0.271 % at scale 8).
    case interpolated
    /// The harmonic midpoint of the bucket. The least possible worst case: error at most (B − 1) / (B + 1)
    /// (0.136 % at scale 8).
    case minimax
}
