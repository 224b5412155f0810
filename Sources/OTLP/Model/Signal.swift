/// A kind of telemetry (OpenTelemetry "Signals"), which a request has one of.
package enum Signal: String, Sendable, Hashable, CaseIterable {
    case traces
    case logs

    /// The path of its requests below the base URL of a receiver (OTLP exporter specification, "Endpoint URLs").
    package var path: String { "v1/\(rawValue)" }

    /// What its records are called, in the singular.
    package var noun: String {
        switch self {
        case .traces: "span"
        case .logs: "log record"
        }
    }

    /// A number of its records in words, such as `1 span`.
    package func count(_ number: Int) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
