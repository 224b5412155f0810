/// A destination of metrics, of the same kinds as those of spans.
public typealias MetricExporter = SpanExporter

/// A destination of metrics, the interval, and the form in which it wants the metrics (OpenTelemetry "Periodic exporting
/// MetricReader").
public struct MetricReaderConfiguration: Sendable, Hashable {
    /// The destination.
    public var exporter: MetricExporter
    /// The time between two exports (`OTEL_METRIC_EXPORT_INTERVAL`).
    public var interval: Duration
    /// The limit for all attempts to send one reading; zero for none (`OTEL_METRIC_EXPORT_TIMEOUT`). The shorter one of this and
    /// ``OTLPExporter/timeout`` applies.
    public var timeout = Duration.seconds(30)
    /// Which values are sent as deltas (`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`).
    public var temporality = TemporalityPreference.cumulative
    /// The form of distributions that have no bounds of their own (`OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`).
    public var histogramAggregation = HistogramAggregation.exponential
    /// The largest number of buckets of an exponential histogram, for each sign. A distribution that has more is sent at a lower scale,
    /// which is exact. Nil sends all buckets: 256 for each doubling.
    public var maximumBuckets: Int? = 160

    /// Creates a reader's configuration.
    public init(_ exporter: MetricExporter, interval: Duration = .seconds(60)) {
        self.exporter = exporter
        self.interval = interval
    }

    /// Creates the configuration of a reader that sends to an OTLP receiver.
    public init(_ exporter: OTLPExporter, interval: Duration = .seconds(60)) {
        self.init(.otlp(exporter), interval: interval)
    }
}

/// The form in which distributions are sent.
public enum HistogramAggregation: String, Sendable, Hashable, CaseIterable {
    /// Exponential buckets. Counts are exact.
    case exponential = "base2_exponential_bucket_histogram"
    /// Buckets with the bounds that OpenTelemetry recommends: for seconds from 0.005 to 10, for everything else from 0 to 10,000. The
    /// counts at bounds are estimates if a bound is inside an exponential bucket (below 0.3 % wide).
    case explicit = "explicit_bucket_histogram"

    /// The bounds for values of a unit.
    static func bounds(_ unit: String) -> [Double] { unit == "s" ? secondBounds : standardBounds }

    /// The bounds of the metrics SDK ("Explicit bucket histogram aggregation").
    package static let standardBounds: [Double] = [
        0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
    ]

    /// The bounds of the HTTP conventions for durations.
    private static let secondBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
}
