import SpanKitRecording
import Synchronization
import Tracing

/// The span in a context, of this or another process.
///
/// A class, so that a context stores it without a box, and so that two contexts can be compared.
///
/// Sendable by this protocol: the thread that changes `mirrorIsTaken` from false to true owns `mirror` until it stores
/// false with release ordering. Everything else changes only in ``recycle(_:)``, while there is no other reference to
/// the scope.
final class SpanScope: @unchecked Sendable {
    /// The span; `none` for a span of another process.
    private(set) var span: SpanHandle
    private let remote: SpanContext?
    private let mirrorIsTaken = Atomic<Bool>(false)
    // The protocol ensures exclusive access. Checking it at run time would allocate for each access.
    @exclusivity(unchecked) var mirror = AttributeMirror()

    init(_ span: SpanHandle) {
        self.span = span
        remote = nil
    }

    init(remote: SpanContext) {
        span = .none
        self.remote = remote
    }

    var spanContext: SpanContext { remote ?? span.context }

    /// Whether the span is one of this process.
    var isLocal: Bool { remote == nil }

    // MARK: Attributes

    /// A scope whose `mirror` has the span's attributes. Change the mirror, then call ``closeMirror()``. If the mirror
    /// of this scope is in use, the result is another scope for the same span.
    func openMirror() -> SpanScope {
        guard !mirrorIsTaken.exchange(true, ordering: .acquiring) else { return SpanScope(span).openMirror() }
        mirror.show(span)
        return self
    }

    /// Writes the changes to the span.
    func closeMirror() {
        mirror.write(to: span)
        mirrorIsTaken.store(false, ordering: .releasing)
    }

    // MARK: Reuse

    /// Contexts of ended spans that only contain a scope.
    private static let stash: ThreadStash? = {
        var sample = ServiceContext.topLevel
        sample.scope = none
        return ThreadStash(sample)
    }()

    /// Creates the scope of a span and its context: `outer` with the scope.
    /// - Parameter isPlain: whether `outer` contains nothing but a scope.
    static func enter(_ span: SpanHandle, _ outer: ServiceContext, isPlain: Bool) -> TracedSpan {
        if isPlain, let (storage, object) = stash?.take() {
            let scope = unsafeDowncast(object, to: SpanScope.self)
            scope.span = span
            return TracedSpan(scope, unsafeBitCast(storage, to: ServiceContext.self))
        }
        let scope = SpanScope(span)
        var context = isPlain ? ServiceContext.topLevel : outer
        context.scope = scope
        return TracedSpan(scope, context)
    }

    /// Keeps the scope of an ended span for reuse, once there is no other reference to it.
    static func recycle(_ traced: TracedSpan) {
        // The attributes of an ended span must not stay in memory.
        guard !traced.scope.mirrorIsTaken.exchange(true, ordering: .acquiring) else { return }
        traced.scope.mirror.clear()
        traced.scope.mirrorIsTaken.store(false, ordering: .releasing)
        if traced.context.count == 1 { stash?.put(unsafeBitCast(traced.context, to: AnyObject.self), traced.scope) }
    }

    // MARK: The current scope

    /// The scope of the current task.
    static var current: SpanScope? { ServiceContext.current?.scope }

    /// Makes the current span of swift-distributed-tracing the parent of a profiler's spans.
    static let neighbour = Neighbour(ServiceContext.$current) { current?.spanContext }
    /// The scope of spans while telemetry is off.
    static let none = SpanScope(.none)
}

private enum SpanScopeKey: ServiceContextKey {
    typealias Value = SpanScope
    static let nameOverride: String? = "spankit-span"
}

private enum BaggageKey: ServiceContextKey {
    typealias Value = W3CBaggage
    static let nameOverride: String? = "baggage"
}

extension ServiceContext {
    var scope: SpanScope? {
        get { self[SpanScopeKey.self] }
        set { self[SpanScopeKey.self] = newValue }
    }

    /// The parent of spans that are started with this context. If nil, they are root spans.
    ///
    /// Set it to make a span from another part of the program the parent, such as a span of a `PerformanceProfiler`:
    ///
    /// ```swift
    /// var context = ServiceContext.topLevel
    /// context.spanContext = span.context
    /// withSpan("callback", context: context) { _ in print("called back") }
    /// ```
    public var spanContext: SpanContext? {
        get { scope?.spanContext }
        set { scope = newValue.map { SpanScope(remote: $0) } }
    }

    /// The baggage: names and values that are sent with every request (W3C Baggage); nil for none.
    public var baggage: W3CBaggage? {
        get { self[BaggageKey.self] }
        set { self[BaggageKey.self] = newValue }
    }
}
