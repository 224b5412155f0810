import Recording
import Synchronization
import Tracing

/// What a context says about spans: the one it belongs to, ours or one of another process.
///
/// A class, so that it lies in a context without a box of its own, and so that two contexts can be told to mean the same span.
///
/// Sendable by this protocol: whoever turns `mirrorIsTaken` from false to true owns `mirror` until it stores false again,
/// with release. Everything else is constant.
final class SpanScope: @unchecked Sendable {
    /// `none` for a span of another process.
    let span: Recording.Span
    private let remote: SpanContext?
    private let mirrorIsTaken = Atomic<Bool>(false)
    private var mirror = AttributeMirror()

    init(_ span: Recording.Span) {
        self.span = span
        remote = nil
    }

    init(remote: SpanContext) {
        span = .none
        self.remote = remote
    }

    var spanContext: SpanContext { remote ?? span.context }

    // MARK: Attributes

    /// The span's attributes, to be changed and given back.
    func takeMirror() -> (mirror: AttributeMirror, isShared: Bool) {
        // Nothing of a span that keeps nothing any more shall stay here.
        guard span.isLive else { return (AttributeMirror(), false) }
        let state = span.attributeState
        guard !mirrorIsTaken.exchange(true, ordering: .acquiring) else {
            return (state.map { AttributeMirror(span, $0) } ?? AttributeMirror(), false)
        }
        var taken = AttributeMirror()
        swap(&taken, &mirror)
        if let state {
            if taken.state != state { taken = AttributeMirror(span, state) }
        } else if taken.attributes.isEmpty {
            taken.attributes.reserveCapacity(3)
        }
        return (taken, true)
    }

    /// Writes what was changed into the span.
    func giveBack(_ taken: consuming (mirror: AttributeMirror, isShared: Bool)) {
        taken.mirror.write(to: span)
        guard taken.isShared else { return }
        mirror = taken.mirror
        mirrorIsTaken.store(false, ordering: .releasing)
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
    typealias Value = Baggage
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
    public var baggage: Baggage? {
        get { self[BaggageKey.self] }
        set { self[BaggageKey.self] = newValue }
    }
}
