import SpanKitRecording
import Tracing

/// A span of swift-distributed-tracing that SpanKit records. It is a handle: all copies refer to the same span.
///
/// After the end of the span, calls do nothing and are counted (`PerformanceProfiler.account`). Its context can still
/// be used as a parent.
public struct TracedSpan: Tracing.Span {
    let scope: SpanScope
    /// The context that makes this span the parent of new spans.
    public let context: ServiceContext

    init(_ scope: SpanScope, _ context: ServiceContext) {
        self.scope = scope
        self.context = context
    }

    /// The same span in the profiler's API, which is faster. Either can end the span.
    public var handle: SpanHandle { scope.span }

    /// The name of the span. A new name is recorded with the span, but the span's duration is counted under the original name.
    public var operationName: String {
        get { handle.name }
        nonmutating set { handle.updateName(newValue) }
    }

    /// Whether the span is sampled and has not ended.
    public var isRecording: Bool { handle.isRecording }

    /// Sets the status. `ok` is final, and a later error replaces an earlier one (OpenTelemetry `SetStatus`). An error
    /// without a message keeps the message of an earlier error.
    public func setStatus(_ status: Tracing.SpanStatus) {
        switch status.code {
        case .ok: handle.setStatus(.ok)
        case .error: handle.setError(status.message)
        }
    }

    /// Adds an event at the time that the event contains.
    public func addEvent(_ event: SpanEvent) {
        handle.addEvent(
            event.name,
            attributes: Attributes(event.attributes),
            at: Int64(clamping: event.nanosecondsSinceEpoch)
        )
    }

    /// Records an exception with `exception.type`, `exception.message` and, for ``StackTraced`` errors, `exception.stacktrace`: as an
    /// event of the span, or as a log record (`RecordingConfiguration.exceptionSignal`). Passed attributes override these. Does not
    /// change the status of the span, because the error may have been handled.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        // After the end of the span, `addEvent` records nothing and only counts the call.
        guard handle.isLive else { return handle.addEvent("exception") }
        var details: Attributes = [
            "exception.type": .string(String(reflecting: type(of: error))),
            "exception.message": .string(String(describing: error)),
        ]
        if let traced = error as? any StackTraced {
            details.elements.append(Attribute("exception.stacktrace", .string(traced.stackTrace)))
        }
        // For a duplicate key, the last value is recorded.
        details.elements += Attributes(attributes).elements
        handle.recordException(details, at: instant().unixNanoseconds)
    }

    /// Adds a link to the span of a context. If the context has no span, the link is recorded only if it has
    /// attributes.
    public func addLink(_ link: SpanLink) {
        handle.addLink(
            to: link.context.spanContext ?? SpanContext(traceID: .invalid, spanID: .invalid),
            attributes: Attributes(link.attributes)
        )
    }

    /// Ends the span. A second call is ignored and counted.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        if handle.close(at: instant().unixNanoseconds) { SpanScope.recycle(self) }
    }
}

/// An error with a stack trace.
public protocol StackTraced: Error {
    /// The stack frames, one per line, the innermost first.
    var stackTrace: String { get }
}
