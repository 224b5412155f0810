import Recording
import Tracing

/// What a context says about spans: the one it belongs to, ours or one of another process.
///
/// A class, so that it lies in a context without a box of its own, and so that two contexts can be told to mean the same span.
final class SpanScope: Sendable {
    /// `none` for a span of another process.
    let span: Recording.Span
    private let remote: SpanContext?

    init(_ span: Recording.Span) {
        self.span = span
        remote = nil
    }

    init(remote: SpanContext) {
        span = .none
        self.remote = remote
    }

    var spanContext: SpanContext { remote ?? span.context }

    /// That of the current task.
    static var current: SpanScope? { ServiceContext.current?.scope }

    /// Lets the spans of a profiler hang below those of swift-distributed-tracing.
    static let neighbour = Neighbour(ServiceContext.$current) { current?.spanContext }
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
    /// Set it to hang spans below one that another part of the program started, such as one of a ``PerformanceProfiler``:
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
