/// Carries the parent of a trace from process to process (W3C Trace Context level 2): headers `traceparent` and `tracestate`.
///
/// ```swift
/// TraceContextPropagator.inject(span.context) { name, value in request.headers[name] = value }
/// let parent = TraceContextPropagator.extract { name in request.headers.values(named: name) }
/// let span = profiler.startSpan("GET /coach", kind: .server, parent: parent.map { .context($0) } ?? .none)
/// ```
public enum TraceContextPropagator {
    static let parentHeader = "traceparent"
    static let stateHeader = "tracestate"

    /// The parent that a request names; nil when it names none, or none that is valid: a new trace begins then.
    ///
    /// A `tracestate` that is invalid is dropped whole and does no harm to the parent.
    /// - Parameter values: all values of the headers of a name, in order; the name is in lower case and headers are to be
    ///   found in any case. Spaces and tabs around a value are ignored, as HTTP has it.
    public static func extract(_ values: (_ header: String) -> [String]) -> SpanContext? {
        let parents = values(parentHeader)
        // Of several, none can be told to be the right one.
        guard parents.count == 1, var context = TraceParent.parse(parents[0].trimmingOptionalWhitespace) else {
            return nil
        }
        let states = values(stateHeader)
        if !states.isEmpty { context.traceState = TraceState(states)?.text ?? "" }
        return context
    }

    /// Names a span as the parent of what the receiver does. An invalid context writes nothing.
    /// - Parameter set: sets the header of a name, in place of those that there are.
    public static func inject(_ context: SpanContext, _ set: (_ header: String, _ value: String) -> Void) {
        guard context.isValid else { return }
        set(parentHeader, TraceParent.text(context))
        // Read again, because anybody may make a context: a line break in a header would be a header of its own.
        guard !context.traceState.isEmpty, let state = TraceState([context.traceState])?.text, !state.isEmpty else {
            return
        }
        set(stateHeader, state)
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmingOptionalWhitespace: String {
        guard utf8.first?.isOptionalWhitespace == true || utf8.last?.isOptionalWhitespace == true else { return self }
        return String(decoding: Array(utf8)[...].trimmingOptionalWhitespace, as: UTF8.self)
    }
}
