/// How the measurements of a stream are combined.
enum Aggregator: Sendable, Equatable {
    /// A sum of whole numbers.
    case integerSum
    /// A sum of floating-point numbers.
    case floatingPointSum
    /// The last value.
    case lastValue
    /// A histogram.
    case distribution(DistributionSettings)
}

/// How the histograms of a stream count and are exported.
struct DistributionSettings: Sendable, Equatable {
    /// The inclusive upper bounds of explicit buckets; nil for exponential ones.
    var bounds: [Double]?
    /// Whether the smallest and the largest number are exported.
    var recordsMinMax = true
    /// The finest exported scale.
    var maximumScale = 8
    /// The largest number of exported exponential buckets of each sign.
    var maximumBuckets = 65_536
}
