/// A destination of metrics. The kinds of destinations are the same as for spans.
public typealias MetricExporter = SpanExporter

/// The destination of metrics, the interval of the export, the temporality and the kind of histogram (OpenTelemetry "Periodic
/// exporting MetricReader").
public struct MetricReaderConfiguration: Sendable, Hashable {
    /// The destination.
    public var exporter: MetricExporter
    /// The time between two exports (`OTEL_METRIC_EXPORT_INTERVAL`).
    public var interval: Duration
    /// The time limit for all attempts of one export, 30 s by default; zero for no limit (`OTEL_METRIC_EXPORT_TIMEOUT`). The
    /// shorter one of this and ``OTLPExporter/timeout`` applies.
    ///
    /// Data points that are not delivered by then are not dropped. The next attempt starts a new time limit.
    public var timeout = Duration.seconds(30)
    /// Which values are sent as deltas (`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`).
    public var temporality = TemporalityPreference.cumulative
    /// The kind of histograms whose bounds are not chosen in code or by a view (`OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`).
    public var histogramAggregation = HistogramAggregation.exponential
    /// The maximum number of buckets of an exponential histogram, for each sign. A histogram that has more is sent at a lower
    /// scale, with exact counts. Nil sends all buckets: 256 for each factor of 2.
    public var maximumBuckets: Int? = 160

    /// Creates the configuration of a reader.
    public init(_ exporter: MetricExporter, interval: Duration = .seconds(60)) {
        self.exporter = exporter
        self.interval = interval
    }

    /// Creates the configuration of a reader that sends to an OTLP receiver.
    public init(_ exporter: OTLPExporter, interval: Duration = .seconds(60)) {
        self.init(.otlp(exporter), interval: interval)
    }
}

/// The kind of histogram that is sent.
public enum HistogramAggregation: String, Sendable, Hashable, CaseIterable {
    /// Exponential buckets. Counts are exact.
    case exponential = "base2_exponential_bucket_histogram"
    /// Buckets with the bounds that OpenTelemetry recommends: from 0.005 to 10 for seconds, from 0 to 10,000 for other units. The count
    /// at a bound is an estimate if the bound lies inside an exponential bucket, which is less than 0.3 % wide.
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
