import SpanKitOTLP

/// The metrics about spans, without their points. Their descriptions never vary: node_exporter drops a family whose HELP differs
/// between files.
enum SpanMetricNames {
    static let duration = Metric(
        "spankit.span.duration",
        description: "Durations of spans by operation since the start of the process.",
        unit: "s",
        kind: .histogram
    )
    static let quantile = Metric(
        "spankit.span.duration.quantile",
        description: "Quantiles of the durations of the last minute by operation; sum and count since the start.",
        unit: "s",
        kind: .summary
    )
    static let calls = counter("spankit.span.calls", "Spans by operation and status (ok, error).")
    static let errors = counter("spankit.span.errors", "Spans that failed, by operation.")
    static let memory = Metric(
        "spankit.span.memory.delta",
        description: "Sum of the changes of memory in use during the sampled spans, by operation; may go down.",
        unit: "By",
        kind: .sum(isMonotonic: false)
    )
    static let memorySamples = counter(
        "spankit.span.memory.samples",
        "Spans whose change of memory in use was sampled, by operation."
    )
    static let overflow = counter(
        "spankit.span.overflow",
        "Spans counted under the operation __overflow__ because the limit of label sets was reached."
    )
    static let overflowOperations = Metric(
        "spankit.span.overflow.operations",
        description: "Operations that share the operation __overflow__ because the limit of label sets was reached.",
        unit: "{operation}",
        kind: .gauge
    )

    private static func counter(_ name: String, _ description: String) -> Metric {
        Metric(name, description: description, unit: "{span}", kind: .sum(isMonotonic: true))
    }
}
