extension Propagators {
    /// What the process that started this one left in the environment: `TRACEPARENT`, `TRACESTATE`, `BAGGAGE`
    /// (OpenTelemetry, "Environment Variables as Context Propagation Carriers").
    ///
    /// A command that reads it at its start hangs its spans below the script or the job that runs it.
    public func extract(environment: [String: String]) -> PropagatedContext {
        extract { name in environment[name.uppercased()].map { [$0] } ?? [] }
    }

    /// The variables to start a child process with.
    public func environment(_ context: PropagatedContext) -> [String: String] {
        var variables: [String: String] = [:]
        inject(context) { name, value in variables[name.uppercased()] = value }
        return variables
    }
}
