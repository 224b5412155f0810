/// Closures of the program that are called for each recorded span when it starts and when it ends.
///
/// ```swift
/// configuration.recording.spanProcessors.append(
///     SpanProcessor("release", onStart: { span in span.set("app.version", "2.1") })
/// )
/// ```
///
/// The closures run on the thread that starts or ends the span, so each one must return quickly. Processors run in the order of the
/// list. Spans that a closure records itself are passed to no processor.
///
/// A processor cannot harm the spans:
/// - If a closure throws an error, the span is recorded with the changes that the closure made before.
/// - While a call takes longer than ``timeLimit``, other threads skip this processor. It is called again after that call has returned.
///
/// Both are counted in ``RecordingAccount/processors``, and each is logged once. Because a processor can be skipped, do not use one to
/// remove secrets; use redaction. Processors cost nothing in a program that has none.
public struct SpanProcessor: Sendable {
    /// The name in log messages and in ``RecordingAccount/processors``.
    public let name: String
    /// The time after which a call counts as slow, 1 s by default.
    public let timeLimit: Duration

    let onStart: (@Sendable (SpanHandle) throws -> Void)?
    let onEnding: (@Sendable (SpanHandle, Duration) throws -> Void)?
    let onEnd: (@Sendable (RecordedSpan) throws -> Void)?

    /// Creates a processor. Unsampled spans, and spans beyond ``RecordingConfiguration/liveSpanCapacity``, are not passed to it.
    /// - Parameters:
    ///   - name: The name in log messages and in ``RecordingAccount/processors``.
    ///   - timeLimit: The time after which a call counts as slow.
    ///   - onStart: Called after a span has started, with the attributes of the start. It can add attributes. You can store the span
    ///     and change it later, until it ends. ``SpanHandle/snapshot()`` returns the contents and the parent (``RecordedSpan/parent``).
    ///     For a span of swift-distributed-tracing, `ServiceContext.current` is the parent's context, with its baggage.
    ///   - onEnding: Called before a span is written, with its duration. It can still change the span. All other handles of the span
    ///     are invalid by then, and the end time is fixed.
    ///   - onEnd: Called with a copy of the span after it has ended.
    public init(
        _ name: String,
        timeLimit: Duration = .seconds(1),
        onStart: (@Sendable (_ span: SpanHandle) throws -> Void)? = nil,
        onEnding: (@Sendable (_ span: SpanHandle, _ duration: Duration) throws -> Void)? = nil,
        onEnd: (@Sendable (_ span: RecordedSpan) throws -> Void)? = nil
    ) {
        self.name = name
        self.timeLimit = timeLimit
        self.onStart = onStart
        self.onEnding = onEnding
        self.onEnd = onEnd
    }
}

/// The calls of a ``SpanProcessor``: how many there were, the time they took, and those that did not work.
public struct SpanProcessorAccount: Sendable, Equatable {
    /// The name of the processor.
    public var name: String
    /// Calls that have returned, including those that threw an error.
    public var calls: UInt64 = 0
    /// The total time of these calls. The program waited for them.
    public var time = Duration.zero
    /// Calls that threw an error. The span was still recorded, with only the changes made before the error.
    public var failedCalls: UInt64 = 0
    /// Calls that took longer than the processor's time limit.
    public var slowCalls: UInt64 = 0
    /// Calls that were skipped because another call had not returned within the time limit.
    public var skippedCalls: UInt64 = 0

    /// Creates counts that are all zero.
    public init(name: String) {
        self.name = name
    }
}
