/// The configuration of a ``TelemetryMeter``.
public struct MeterConfiguration: Sendable {
    /// Which measurements may become exemplars (`OTEL_METRICS_EXEMPLAR_FILTER`).
    public var exemplarFilter = ExemplarFilter.traceBased
    /// Views, which change how the measurements of selected instruments are exported.
    public var views: [MetricView] = []
    /// The maximum number of attribute sets of a metric, from 1 to 1,000,000. Measurements with further sets are counted in one
    /// series with the attribute `otel.metric.overflow=true`, so that memory is bounded.
    public var cardinalityLimit = 2_000
    /// The largest number of instruments, from 1 to 1,000,000, so that memory is bounded if a program makes names from data. Further
    /// instruments record nothing: their measurements are counted in ``TelemetryMeter/refusedMeasurementCount``, and a warning is logged
    /// once. Metrics of swift-metrics whose series were all destroyed do not count.
    public var instrumentLimit = 10_000
    /// How long a collection waits for each callback of an observable instrument. If a callback takes longer, its values are left out of
    /// the collection, and it is not called again until it has returned.
    public var callbackTimeout = Duration.seconds(1)

    /// Creates the default configuration.
    public init() {}
}

/// Which measurements may become exemplars. An exemplar is a single measurement with the span in which it was made.
public enum ExemplarFilter: String, Sendable, Hashable, CaseIterable {
    /// Measurements within a sampled span.
    case traceBased = "trace_based"
    /// All measurements.
    case alwaysOn = "always_on"
    /// No measurements.
    case alwaysOff = "always_off"
}
