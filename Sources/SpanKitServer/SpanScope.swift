import SpanKitRecording
import Synchronization
import Tracing

/// What a context says about spans: the one it belongs to, ours or one of another process.
///
/// A class, so that it lies in a context without a box of its own, and so that two contexts can be told to mean the same span.
///
/// Sendable by this protocol: whoever turns `mirrorIsTaken` from false to true owns `mirror` until it stores false again,
/// with release. Everything else changes only in ``recycle(_:)``, while nobody else has the scope.
final class SpanScope: @unchecked Sendable {
    /// `none` for a span of another process.
    private(set) var span: SpanHandle
    private let remote: SpanContext?
    private let mirrorIsTaken = Atomic<Bool>(false)
    // Who has it is alone with it, says the protocol: asking at run time makes each access allocate.
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

    // MARK: Attributes

    /// Whose `mirror` shows the span's attributes, to be changed and then given to ``closeMirror()``: this scope, or one for the
    /// same span while somebody else has this one's.
    func openMirror() -> SpanScope {
        guard !mirrorIsTaken.exchange(true, ordering: .acquiring) else { return SpanScope(span).openMirror() }
        mirror.show(span)
        return self
    }

    /// Writes what was changed into the span.
    func closeMirror() {
        mirror.write(to: span)
        mirrorIsTaken.store(false, ordering: .releasing)
    }

    // MARK: Used again

    /// Contexts that hold a scope and nothing else, of spans that have ended.
    private static let stash: ThreadStash? = {
        var sample = ServiceContext.topLevel
        sample.scope = none
        return ThreadStash(sample)
    }()

    /// Gives a span its scope and a context that holds it, and all that `outer` holds.
    /// - Parameter isPlain: whether `outer` holds nothing else than a scope.
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

    /// Lets another span have the scope of one that has ended, once nobody else has it any more.
    static func recycle(_ traced: TracedSpan) {
        // Nothing of a span that keeps nothing any more shall stay here.
        guard !traced.scope.mirrorIsTaken.exchange(true, ordering: .acquiring) else { return }
        traced.scope.mirror.clear()
        traced.scope.mirrorIsTaken.store(false, ordering: .releasing)
        if traced.context.count == 1 { stash?.put(unsafeBitCast(traced.context, to: AnyObject.self), traced.scope) }
    }

    // MARK: The current one

    /// That of the current task.
    static var current: SpanScope? { ServiceContext.current?.scope }

    /// Lets the spans of a profiler hang below those of swift-distributed-tracing.
    static let neighbour = Neighbour(ServiceContext.$current) { current?.spanContext }
    /// What spans have where nothing is recorded.
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

    /// The span that spans with this context become children of; nil for none, which makes them roots.
    ///
    /// Set it to hang spans below one that another part of the program started, such as one of a `PerformanceProfiler`:
    ///
    /// ```swift
    /// var context = ServiceContext.topLevel
    /// context.spanContext = span.context
    /// withSpan("callback", context: context) { _ in … }
    /// ```
    public var spanContext: SpanContext? {
        get { scope?.spanContext }
        set { scope = newValue.map { SpanScope(remote: $0) } }
    }

    /// Names and values that travel with every request (W3C Baggage); nil when there are none.
    public var baggage: W3CBaggage? {
        get { self[BaggageKey.self] }
        set { self[BaggageKey.self] = newValue }
    }
}
