/// Where metrics go and how often (OpenTelemetry "Periodic exporting MetricReader").
public struct MetricReaderConfiguration: Sendable, Hashable {
    /// The receiver.
    public var exporter: OTLPExporter
    /// The time between two readings (`OTEL_METRIC_EXPORT_INTERVAL`).
    public var interval: Duration

    /// Creates a reader's configuration.
    public init(_ exporter: OTLPExporter, interval: Duration = .seconds(60)) {
        self.exporter = exporter
        self.interval = interval
    }
}
