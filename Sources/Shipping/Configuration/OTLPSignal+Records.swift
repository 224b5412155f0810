import SpanKitOTLP

extension OTLPSignal {
    /// The name of one element of a request, such as `span`.
    package var noun: String {
        switch self {
        case .traces: "span"
        case .metrics: "data point"
        case .logs: "log record"
        }
    }

    /// A number of elements as text: `1 span`, `2 log records`.
    package func count(_ number: Int) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// The part of `otel.component.type` that names the signal, as in `otlp_grpc_span_exporter`.
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
