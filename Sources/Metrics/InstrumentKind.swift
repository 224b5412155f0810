/// The kinds of instruments (OpenTelemetry metrics API, "Instrument").
public enum InstrumentKind: String, Sendable, Hashable, CaseIterable {
    /// Adds amounts that are not negative.
    case counter
    /// Adds amounts of either sign.
    case upDownCounter = "up_down_counter"
    /// Keeps the last value.
    case gauge
    /// Records values in a histogram.
    case histogram
    /// A counter whose value a callback reports when metrics are collected.
    case observableCounter = "observable_counter"
    /// An up-down counter whose value a callback reports when metrics are collected.
    case observableUpDownCounter = "observable_up_down_counter"
    /// A gauge whose value a callback reports when metrics are collected.
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
    /// Buckets with exponential bounds, 256 for each factor of 2 (scale 8). Quantiles can be estimated with an error of
    /// at most 0.136 %.
    case exponential
    /// Buckets with these inclusive upper bounds, and a last bucket for all larger values.
    ///
    /// SpanKit sorts the bounds, and leaves out repeated bounds and bounds that are not finite. It logs a warning if it changes
    /// anything, except for a last bound of infinity. Without bounds, there is one bucket, and only the count, the sum, the minimum
    /// and the maximum are exported.
    case explicit([Double])
}
