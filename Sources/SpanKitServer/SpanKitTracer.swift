import SpanKitRecording
import Tracing

/// The backend for swift-distributed-tracing: what `withSpan` and `startSpan` begin becomes a span of a
/// `PerformanceProfiler`, next to those of `profile`, and each API's spans hang below the other's.
///
/// ```swift
/// let telemetry = Telemetry.bootstrap()       // once, at the start of the program
/// ```
///
/// A context that is given to a span decides where it hangs: below the span in it, or nowhere. Where it is the current one
/// (which is what all functions take by default) the innermost span counts, whichever API began it.
///
/// Threads: any, at any time. Nothing here blocks, but for ``forceFlush()``.
public struct SpanKitTracer: Tracer {
    /// The spans of this tracer.
    public typealias Span = TracedSpan

    /// One reference, because `InstrumentationSystem` looks for a tracer by dynamic casts for each span: those of a class take
    /// a quarter longer, and those of a larger struct allocate.
    private let parts: Parts

    private final class Parts: Sendable {
        /// nil where nothing is recorded: contexts pass through as they are, so that a trace goes on behind this process.
        let recorder: Recorder?
        let propagators: Propagators
        let flush: @Sendable () -> Void
        /// Whoever lets go of its profiler and keeps the tracer still wants spans.
        let profiler: PerformanceProfiler

        init(_ profiler: PerformanceProfiler, _ propagators: Propagators, _ flush: @escaping @Sendable () -> Void) {
            recorder = profiler.isEnabled ? profiler.recorder : nil
            self.propagators = propagators
            self.flush = flush
            self.profiler = profiler
        }
    }

    /// Creates a tracer.
    /// - Parameters:
    ///   - profiler: what the spans are recorded by.
    ///   - propagators: what travels with a request.
    ///   - flush: sends what has ended, and waits for a while; called by ``forceFlush()``.
    public init(
        _ profiler: PerformanceProfiler,
        propagators: Propagators = .default,
        flush: @escaping @Sendable () -> Void = {}
    ) {
        parts = Parts(profiler, propagators, flush)
        parts.recorder?.meet(SpanScope.neighbour)
    }

    /// Starts a span; `withSpan` is the safer way, because it cannot be forgotten to end.
    /// - Parameters:
    ///   - operationName: few distinct ones, without ids in them.
    ///   - context: whose span the new one hangs below.
    ///   - kind: its role between services.
    ///   - instant: when it began, kept to the nanosecond.
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

    /// As the other one, for those who do not know this type: the library's own way there is a longer one.
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
        let span = recorder.begin(
            named: name,
            kind: RecordedSpan.Kind(kind),
            below: Self.parent(in: context, scope),
            startUnixNanoseconds: unixNanoseconds
        )
        return SpanScope.enter(span, context, isPlain: context.count == (scope == nil ? 0 : 1))
    }

    /// The live span that a context belongs to; nil for one that has ended or is another process's.
    public func activeSpan(identifiedBy context: ServiceContext) -> TracedSpan? {
        guard let scope = context.scope, scope.span.isLive else { return nil }
        return TracedSpan(scope, context)
    }

    /// Sends what has ended so far. Blocks the calling thread, at most for as long as the end of the process would take
    /// (`TelemetryConfiguration.shutdownTimeout`): in a task prefer `await telemetry.flush(within:)`.
    public func forceFlush() {
        parts.flush()
    }

    /// The span that counts in a context: the one in it, if the context is given by somebody; the innermost around the
    /// running code, if it is the current one.
    ///
    /// An empty context outside of all of our spans is taken for the current one: it is what a library gives by default.
    /// - Parameter scope: the context's.
    static func parent(in context: ServiceContext, _ scope: SpanScope?) -> SpanContext? {
        // Looking into a context costs more than starting a span, so once is enough where both are the same copy.
        guard let current = ServiceContext.current else {
            return scope?.spanContext ?? SpanHandle.innermost(beside: nil)
        }
        guard isSameCopy(context, current) || scope === current.scope else { return scope?.spanContext }
        return SpanHandle.innermost(beside: scope?.spanContext)
    }
}

// MARK: Propagation

extension SpanKitTracer {
    /// Reads parent and baggage of a request into a context. What the request does not bring, or not validly, stays as it
    /// is in the context.
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

    /// Writes the span and the baggage of a context into a request.
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
    /// Never negative, and never beyond what fits.
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

/// Whether two values are copies of each other in which nothing was changed since, as far as their bytes tell: true means
/// that they are equal, false may mean nothing. For collections, and structs around one.
@inline(__always)
private func isSameCopy<Value>(_ one: Value, _ other: Value) -> Bool {
    withUnsafeBytes(of: one) { one in withUnsafeBytes(of: other) { one.elementsEqual($0) } }
}
