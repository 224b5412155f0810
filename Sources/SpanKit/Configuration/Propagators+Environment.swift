import SpanKitRecording
import SpanKitShipping

extension Propagators {
    /// `OTEL_PROPAGATORS`, a list; what it names twice counts once.
    mutating func readEnvironment(_ environment: inout EnvironmentValues) {
        guard let names = environment.text("OTEL_PROPAGATORS") else { return }
        var unknown: [String] = []
        self = Propagators(names: names) { name in
            if !unknown.contains(name.lowercased()) { unknown.append(name.lowercased()) }
        }
        for name in unknown {
            environment.warn("OTEL_PROPAGATORS: '\(name)' is not one of tracecontext, baggage, none; it is left out")
        }
    }
}
