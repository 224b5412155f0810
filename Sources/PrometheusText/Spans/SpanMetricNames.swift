/// The families about spans. Their HELP never varies: node_exporter drops a family whose HELP differs between files.
enum SpanMetricNames {
    static let duration = Description(
        name: "spankit_span_duration_seconds",
        help: "Durations of spans by operation since the start of the process.",
        type: .histogram
    )
    static let quantile = Description(
        name: "spankit_span_duration_quantile_seconds",
        help: "Quantiles of the durations of the last minute by operation; sum and count since the start.",
        type: .summary
    )
    static let calls = Description(
        name: "spankit_span_calls_total",
        help: "Spans by operation and status (ok, error).",
        type: .counter
    )
    static let errors = Description(
        name: "spankit_span_errors_total",
        help: "Spans that failed, by operation.",
        type: .counter
    )
    static let memory = Description(
        name: "spankit_span_memory_delta_bytes",
        help: "Sum of the changes of memory in use during the sampled spans, by operation; may go down.",
        type: .gauge
    )
    static let memorySamples = Description(
        name: "spankit_span_memory_samples_total",
        help: "Spans whose change of memory in use was sampled, by operation.",
        type: .counter
    )
    static let overflow = Description(
        name: "spankit_span_overflow_total",
        help: "Spans counted under the operation __overflow__ because the limit of label sets was reached.",
        type: .counter
    )
    static let overflowOperations = Description(
        name: "spankit_span_overflow_operations",
        help: "Operations that share the operation __overflow__ because the limit of label sets was reached.",
        type: .gauge
    )

    /// A family without its metrics.
    struct Description {
        let name: String
        let help: String
        let type: MetricType

        func family(_ metrics: [Metric]) -> MetricFamily {
            MetricFamily(name: name, help: help, type: type, metrics: metrics)
        }
    }
}
