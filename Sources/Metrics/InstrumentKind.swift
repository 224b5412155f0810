/// The kinds of instruments (OpenTelemetry metrics API, "Instrument").
public enum InstrumentKind: String, Sendable, Hashable, CaseIterable {
    /// Adds amounts that are not negative.
    case counter
    /// Adds amounts of either sign.
    case upDownCounter = "up_down_counter"
    /// Keeps the last value.
    case gauge
    /// Counts values by size.
    case histogram
    /// A counter that is read by a callback when metrics are collected.
    case observableCounter = "observable_counter"
    /// An up-down counter that is read by a callback when metrics are collected.
    case observableUpDownCounter = "observable_up_down_counter"
    /// A gauge that is read by a callback when metrics are collected.
    case observableGauge = "observable_gauge"

    /// Whether a callback provides the values.
    public var isObservable: Bool {
        switch self {
        case .counter, .upDownCounter, .gauge, .histogram: false
        case .observableCounter, .observableUpDownCounter, .observableGauge: true
        }
    }

    /// Whether values below 0 are refused.
    var isMonotonic: Bool { self == .counter || self == .observableCounter }
}

/// The buckets of a histogram.
public enum HistogramBuckets: Sendable, Hashable {
    /// Buckets with exponential bounds, 256 for each factor of 2 (scale 8), so that quantiles have an error of at most 0.136 %.
    case exponential
    /// Buckets with these inclusive upper bounds. A last bucket without a bound is implied.
    ///
    /// The bounds are sorted; bounds that are not finite and repeated bounds are left out with a warning. Without bounds, there is
    /// one bucket, and only the count, the sum, the minimum and the maximum are exported.
    case explicit([Double])
}
