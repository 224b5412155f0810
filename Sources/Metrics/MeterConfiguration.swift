/// The configuration of a ``TelemetryMeter``.
public struct MeterConfiguration: Sendable {
    /// Which measurements may become exemplars (`OTEL_METRICS_EXEMPLAR_FILTER`).
    public var exemplarFilter = ExemplarFilter.traceBased
    /// Views, which change what is exported of some instruments.
    public var views: [MetricView] = []
    /// The largest number of attribute sets of a metric, 1…1,000,000. Measurements with further sets are counted in one series with
    /// the attribute `otel.metric.overflow`, so that memory is bounded.
    public var cardinalityLimit = 2_000
    /// How long a collection waits for the callbacks of observable instruments. A callback that takes longer is left out of the
    /// collection, and is not called again before it returns.
    public var callbackTimeout = Duration.seconds(1)

    /// Creates the default configuration.
    public init() {}
}

/// Which measurements may become exemplars: samples of single measurements with the span in which they were made.
public enum ExemplarFilter: String, Sendable, Hashable, CaseIterable {
    /// Measurements within a sampled span.
    case traceBased = "trace_based"
    /// All measurements.
    case alwaysOn = "always_on"
    /// None.
    case alwaysOff = "always_off"
}
