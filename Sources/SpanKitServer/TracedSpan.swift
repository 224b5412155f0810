import SpanKitRecording
import Tracing

/// A span of swift-distributed-tracing, recorded by SpanKit: a handle that may be copied and sent anywhere.
///
/// All copies mean the same span. Once it has ended, calls do nothing and are counted (`PerformanceProfiler.account`), but
/// its context stays good as a parent.
public struct TracedSpan: Tracing.Span {
    let scope: SpanScope
    /// What its children are started with.
    public let context: ServiceContext

    init(_ scope: SpanScope, _ context: ServiceContext) {
        self.scope = scope
        self.context = context
    }

    /// The same span in the profiler's own API, which is faster; it may be ended by either.
    public var handle: SpanHandle { scope.span }

    /// The name. A change is recorded with the span; its duration counts under the name it was started with.
    public var operationName: String {
        get { handle.name }
        nonmutating set { handle.updateName(newValue) }
    }

    /// Whether anything set here is kept: not for unsampled spans, nor after the end.
    public var isRecording: Bool { handle.isRecording }

    /// Says how the span ended: ok is final, a later error replaces an earlier one (OpenTelemetry `SetStatus`). An error
    /// without a message says nothing about the reason, so it leaves the message of an earlier one.
    public func setStatus(_ status: Tracing.SpanStatus) {
        switch status.code {
        case .ok: handle.setStatus(.ok)
        case .error: handle.setError(status.message)
        }
    }

    /// Adds an event with its own time.
    public func addEvent(_ event: SpanEvent) {
        handle.addEvent(
            event.name,
            attributes: Attributes(event.attributes),
            at: Int64(clamping: event.nanosecondsSinceEpoch)
        )
    }

    /// Adds an event `exception` with `exception.type`, `exception.message`, and `exception.stacktrace` of an error that
    /// has one (``StackTraced``). Attributes that are given win over these. Says nothing about the span's status: an error
    /// that was handled is none of the span's.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        // Without details, so that a call after the end is counted.
        guard isRecording else { return handle.addEvent("exception") }
        var details: Attributes = [
            "exception.type": .string(String(reflecting: type(of: error))),
            "exception.message": .string(String(describing: error)),
        ]
        if let traced = error as? any StackTraced {
            details.elements.append(Attribute("exception.stacktrace", .string(traced.stackTrace)))
        }
        // Of a key that stands twice, the later value is kept.
        details.elements += Attributes(attributes).elements
        handle.addEvent("exception", attributes: details, at: instant().unixNanoseconds)
    }

    /// Links to the span of a context. A context without a span is kept for its attributes, if there are any.
    public func addLink(_ link: SpanLink) {
        handle.addLink(
            to: link.context.spanContext ?? SpanContext(traceID: .invalid, spanID: .invalid),
            attributes: Attributes(link.attributes)
        )
    }

    /// Ends the span. Ending it twice is ignored and counted.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        if handle.close(at: instant().unixNanoseconds) { SpanScope.recycle(self) }
    }
}

/// An error that knows where it was thrown.
public protocol StackTraced: Error {
    /// One line for each call, the innermost first.
    var stackTrace: String { get }
}
