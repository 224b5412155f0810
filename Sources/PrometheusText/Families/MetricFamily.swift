/// All metrics of one name: what a block of `# HELP`, `# TYPE` and sample lines stands for.
///
/// ```swift
/// let family = MetricFamily(
///     name: "jobs_done_total", help: "Jobs that were finished.", type: .counter,
///     metrics: [Metric(labels: [MetricLabel("queue", "mail")], 17)]
/// )
/// print(String(decoding: try ExpositionText.encode([family]), as: UTF8.self))
/// ```
public struct MetricFamily: Sendable, Equatable {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`: base unit and, for counters, `_total` at its end.
    public var name: String
    /// One sentence. It has to be the same in every file that has this family: node_exporter drops the others.
    public var help: String
    /// What the values of all metrics are.
    public var type: MetricType
    /// The metrics; no two have the same labels.
    public var metrics: [Metric]

    /// A family from its parts, unchecked; writing checks.
    public init(name: String, help: String, type: MetricType, metrics: [Metric]) {
        self.name = name
        self.help = help
        self.type = type
        self.metrics = metrics
    }
}
