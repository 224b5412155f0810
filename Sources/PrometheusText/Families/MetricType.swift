/// The types the text format 0.0.4 knows; the raw value is what a `# TYPE` line says.
public enum MetricType: String, Sendable, CaseIterable {
    /// Only grows, but for restarts.
    case counter
    /// Goes up and down.
    case gauge
    /// Cumulative counts of what was at most so large.
    case histogram
    /// Quantiles that were computed where they were measured.
    case summary
    /// Nobody said.
    case untyped
}
