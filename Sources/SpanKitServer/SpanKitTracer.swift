import SpanKitRecording
import Tracing

/// The backend for swift-distributed-tracing. `withSpan` and `startSpan` start spans of a `PerformanceProfiler`. Spans
/// of both APIs can be children of each other.
///
/// ```swift
/// let telemetry = Telemetry.bootstrap()       // once, at the start of the program
/// ```
///
/// A span's parent is taken from the context that is passed when it starts. With the current context, which is the
/// default, the parent is the innermost span of either API.
///
/// All methods are thread-safe. Only ``forceFlush()`` blocks.
public struct SpanKitTracer: Tracer {
    /// The spans of this tracer.
    public typealias Span = TracedSpan

    /// A struct with one reference: `InstrumentationSystem` finds a tracer with a dynamic cast for each span, which is
    /// slower for a class and allocates for a larger struct.
    private let parts: Parts

    private final class Parts: Sendable {
        /// Nil if telemetry is off. Contexts then pass through unchanged, so that the trace continues in other
        /// processes.
        let recorder: Recorder?
        /// The number of the scope of the spans.
        let scope: UInt32
        let propagators: Propagators
        let flush: @Sendable () -> Void
        /// Retained, because the program may only keep the tracer.
        let profiler: PerformanceProfiler

        init(_ profiler: PerformanceProfiler, _ propagators: Propagators, _ flush: @escaping @Sendable () -> Void) {
            recorder = profiler.isEnabled ? profiler.recorder : nil
            scope = profiler.scope
            self.propagators = propagators
            self.flush = flush
            self.profiler = profiler
        }
    }

    /// Creates a tracer.
    /// - Parameters:
    ///   - profiler: records the spans.
    ///   - propagators: the headers that carry the context between processes.
    ///   - flush: sends the ended spans and waits; called by ``forceFlush()``.
    public init(
        _ profiler: PerformanceProfiler,
        propagators: Propagators = .default,
        flush: @escaping @Sendable () -> Void = {}
    ) {
        parts = Parts(profiler, propagators, flush)
        parts.recorder?.meet(SpanScope.neighbour)
    }

    /// Starts a span. `withSpan` is safer, because it always ends the span.
    /// - Parameters:
    ///   - operationName: the name; use few distinct names, without ids.
    ///   - context: the context with the parent.
    ///   - kind: the role of the span between services.
    ///   - instant: the start time, recorded in nanoseconds.
    ///   - function: not recorded.
    ///   - fileID: not recorded.
    ///   - line: not recorded.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: Tracing.SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> TracedSpan {
        start(operationName, context(), kind, instant().unixNanoseconds)
    }

    /// Starts a span for callers that use this tracer as `any Tracer`. The library's default implementation is slower.
    public func startAnySpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: Tracing.SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> any Tracing.Span {
        start(operationName, context(), kind, instant().unixNanoseconds)
    }

    private func start(
        _ name: String,
        _ context: ServiceContext,
        _ kind: Tracing.SpanKind,
        _ unixNanoseconds: Int64
    ) -> TracedSpan {
        guard let recorder = parts.recorder else { return TracedSpan(SpanScope.none, context) }
        let scope = context.scope
        let own = Self.ownParent(in: context, scope)
        let span: SpanHandle
        if recorder.hasProcessors {
            let parent = Self.parent(in: context, scope)
            span = ServiceContext.withValue(context) { begin(name, kind, own, parent, unixNanoseconds, recorder) }
        } else {
            span = begin(name, kind, own, Self.parent(in: context, scope), unixNanoseconds, recorder)
        }
        return SpanScope.enter(span, context, isPlain: context.count == (scope == nil ? 0 : 1))
    }

    /// - Parameters:
    ///   - own: The parent in this process; nil if it is in another process.
    ///   - parent: The context of the parent, which is only evaluated if it is needed.
    @inline(__always)
    private func begin(
        _ name: String,
        _ kind: Tracing.SpanKind,
        _ own: SpanHandle?,
        _ parent: @autoclosure () -> SpanContext?,
        _ unixNanoseconds: Int64,
        _ recorder: Recorder
    ) -> SpanHandle {
        let plain = own.flatMap {
            recorder.beginPlainly(
                named: name,
                kind: RecordedSpan.Kind(kind),
                below: $0,
                startUnixNanoseconds: unixNanoseconds,
                scope: parts.scope
            )
        }
        return plain
            ?? recorder.begin(
                named: name,
                kind: RecordedSpan.Kind(kind),
                below: parent(),
                startUnixNanoseconds: unixNanoseconds,
                scope: parts.scope
            )
    }

    /// Returns the open span of a context; nil if the span has ended or belongs to another process, or if the context has none.
    public func activeSpan(identifiedBy context: ServiceContext) -> TracedSpan? {
        guard let scope = context.scope, scope.span.isLive else { return nil }
        return TracedSpan(scope, context)
    }

    /// Sends the ended spans. Blocks the calling thread, at most for `TelemetryConfiguration.shutdownTimeout`. In a
    /// task, use `await telemetry.flush(within:)` instead.
    public func forceFlush() {
        parts.flush()
    }

    /// The same as ``parent(in:_:)`` for a parent in this process, without a copy of its context: `none` for a new trace, nil
    /// if the parent is in another process.
    private static func ownParent(in context: ServiceContext, _ scope: SpanScope?) -> SpanHandle? {
        guard scope?.isLocal ?? true else { return nil }
        let own = scope?.span ?? .none
        guard let current = ServiceContext.current else { return scope == nil ? SpanHandle.current : own }
        guard isSameCopy(context, current) || scope === current.scope else { return own }
        return SpanHandle.innermost(besideOwn: own)
    }

    /// The parent for spans with a context: the innermost span for the current context, or else the span in the
    /// context.
    ///
    /// An empty context outside of any span counts as the current one, because libraries pass it by default.
    /// - Parameter scope: the scope in the context.
    static func parent(in context: ServiceContext, _ scope: SpanScope?) -> SpanContext? {
        // Reading a context costs more than starting a span, so identical contexts are not read twice.
        guard let current = ServiceContext.current else {
            return scope?.spanContext ?? SpanHandle.innermost(beside: nil)
        }
        guard isSameCopy(context, current) || scope === current.scope else { return scope?.spanContext }
        return SpanHandle.innermost(beside: scope?.spanContext)
    }
}

// MARK: Propagation

extension SpanKitTracer {
    /// Reads the parent and the baggage of a request into a context. Missing or invalid values do not change the
    /// context.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let incoming = parts.propagators.extract { name in
            extractor.extract(key: name, from: carrier).map { [$0] } ?? []
        }
        if let parent = incoming.parent { context.spanContext = parent }
        if let baggage = incoming.baggage { context.baggage = baggage }
    }

    /// Injects the span and the baggage of a context into the headers of a request.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        let outgoing = PropagatedContext(parent: Self.parent(in: context, context.scope), baggage: context.baggage)
        parts.propagators.inject(outgoing) { name, value in injector.inject(value, forKey: name, into: &carrier) }
    }
}

extension TracerInstant {
    /// Nanoseconds since 1970, clamped to `Int64`.
    var unixNanoseconds: Int64 { Int64(clamping: nanosecondsSinceEpoch) }
}

extension RecordedSpan.Kind {
    init(_ kind: Tracing.SpanKind) {
        switch kind {
        case .server: self = .server
        case .client: self = .client
        case .producer: self = .producer
        case .consumer: self = .consumer
        case .internal: self = .internal
        }
    }
}

/// Whether two values have the same bytes. If true, they are equal; if false, they may still be equal. For collections,
/// and structs that contain only a collection.
@inline(__always)
private func isSameCopy<Value>(_ one: Value, _ other: Value) -> Bool {
    withUnsafeBytes(of: one) { one in withUnsafeBytes(of: other) { one.elementsEqual($0) } }
}
