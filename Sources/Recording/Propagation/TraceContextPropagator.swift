/// Reads and writes the headers `traceparent` and `tracestate` (W3C Trace Context level 2).
///
/// ```swift
/// // The caller:
/// TraceContextPropagator.inject(span.context) { name, value in request.headers[name] = value }
///
/// // The service:
/// let parent = TraceContextPropagator.extract { name in request.headers.values(named: name) }
/// let child = profiler.startSpan("GET /coach", kind: .server, parent: parent.map { .context($0) } ?? .none)
/// ```
public enum TraceContextPropagator {
    static let parentHeader = "traceparent"
    static let stateHeader = "tracestate"

    /// Reads the parent span from a request; returns nil if there is no valid one. In that case, start a new trace.
    ///
    /// An invalid `tracestate` is dropped; the parent remains valid.
    /// - Parameter values: Returns the values of all headers with the given name, in order. The name is in lower case;
    ///   ignore case when you compare it. Spaces and tabs around a value are ignored.
    public static func extract(_ values: (_ header: String) -> [String]) -> SpanContext? {
        let parents = values(parentHeader)
        // With several headers, it is unknown which one is right.
        guard parents.count == 1, var context = TraceParent.parse(parents[0]) else { return nil }
        let states = values(stateHeader)
        if !states.isEmpty { context.traceState = TraceState(states)?.text ?? "" }
        return context
    }

    /// Injects a span context into the headers of a request. The receiver's spans become children of that span. An
    /// invalid context is not written.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public static func inject(_ context: SpanContext, _ set: (_ header: String, _ value: String) -> Void) {
        guard context.isValid else { return }
        set(parentHeader, TraceParent.text(context))
        // Parsed again, because a program can create any context, and a line break would start another header.
        guard !context.traceState.isEmpty, let state = TraceState([context.traceState])?.text, !state.isEmpty else {
            return
        }
        set(stateHeader, state)
    }
}
