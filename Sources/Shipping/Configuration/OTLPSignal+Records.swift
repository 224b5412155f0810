import SpanKitOTLP

extension OTLPSignal {
    /// What its requests contain, in the singular.
    package var noun: String {
        switch self {
        case .traces: "span"
        case .metrics: "data point"
        case .logs: "log record"
        }
    }

    /// A number of what its requests contain, in words: `1 span`, `2 log records`.
    package func count(_ number: Int) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// What its exporters are called in `otel.component.type`.
    var exporterKind: String {
        switch self {
        case .traces: "span"
        case .metrics: "metric"
        case .logs: "log"
        }
    }

    /// The structure of its requests.
    var frame: BodyFrame.Signal {
        switch self {
        case .traces: .spans
        case .metrics: .metrics
        case .logs: .logRecords
        }
    }
}
