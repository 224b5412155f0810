import SpanKitOTLP

/// Under which names the exporter tells of itself in a textfile.
///
/// Those of OpenTelemetry's conventions are in development and may change; whoever builds dashboards on them can choose names that
/// stay.
public enum SelfMetricNames: String, Sendable, CaseIterable {
    /// `otel_sdk_…`, as the OpenTelemetry semantic conventions have them in Prometheus' spelling.
    case openTelemetry = "otel"
    /// `spankit_sdk_…`: the same, under names of our own.
    case spanKit = "spankit"
    /// The exporter does not tell of itself.
    case none

    func apply(to metrics: [Metric]) -> [Metric] {
        switch self {
        case .openTelemetry: return metrics
        case .none: return []
        case .spanKit:
            let prefix = "otel.sdk."
            return metrics.map { metric in
                var metric = metric
                if metric.name.hasPrefix(prefix) { metric.name = "spankit.sdk.\(metric.name.dropFirst(prefix.count))" }
                return metric
            }
        }
    }
}
