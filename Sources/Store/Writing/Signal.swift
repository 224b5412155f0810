/// A signal of OTLP that a store accepts.
package enum Signal: String, Sendable, CaseIterable {
    case traces, logs, metrics

    /// What a request of the signal contains, as in `rejected_spans`.
    package var noun: String {
        switch self {
        case .traces: "span"
        case .logs: "log record"
        case .metrics: "data point"
        }
    }
}
