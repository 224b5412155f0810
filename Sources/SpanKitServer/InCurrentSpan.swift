import SpanKitRecording
import Tracing

/// A closure that runs in the span, and in the context, that is current now.
///
/// Use it for closures that a library calls later and outside of the current task, such as the body of a streamed response:
///
/// ```swift no-compile
/// return Response(status: .ok, body: ResponseBody(inCurrentSpan { writer in … }))
/// ```
/// Spans of `profile`, `withSpan` and instrumented libraries in the closure become children of the current span, even if that span has
/// ended by then. The closure can be called several times and on any thread.
/// - Parameter body: the closure.
/// - Returns: a closure with the same parameters and result. A closure that throws becomes asynchronous.
@_disfavoredOverload
public func inCurrentSpan<each Parameter, Result>(
    _ body: @escaping @Sendable (repeat each Parameter) -> Result
) -> @Sendable (repeat each Parameter) -> Result {
    let place = CurrentPlace()
    return { (parameter: repeat each Parameter) in place.run { body(repeat each parameter) } }
}

/// An asynchronous closure that runs in the span, and in the context, that is current now. Like the synchronous form.
@_disfavoredOverload
public func inCurrentSpan<each Parameter, Result>(
    _ body: @escaping @Sendable (repeat each Parameter) async throws -> Result
) -> @Sendable (repeat each Parameter) async throws -> Result {
    let place = CurrentPlace()
    return { (parameter: repeat each Parameter) in try await place.run { try await body(repeat each parameter) } }
}

/// An asynchronous closure with a parameter that it changes, such as the writer of a response's body in Hummingbird. It runs in the
/// span, and in the context, that is current now. Like the synchronous form.
public func inCurrentSpan<Parameter, Result>(
    _ body: @escaping @Sendable (inout Parameter) async throws -> Result
) -> @Sendable (inout Parameter) async throws -> Result {
    let place = CurrentPlace()
    return { parameter in try await place.run { try await body(&parameter) } }
}

/// The current spans of both APIs (`PerformanceProfiler` and swift-distributed-tracing), and the inherited attributes.
private struct CurrentPlace: Sendable {
    private let span = SpanHandle.current
    private let attributes = InheritedAttributes.current
    private let context = ServiceContext.current

    func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try InheritedAttributes.$current.withValue(attributes) {
            try SpanHandle.$current.withValue(span) { try ServiceContext.$current.withValue(context, operation: body) }
        }
    }

    func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await InheritedAttributes.$current.withValue(attributes) {
            try await SpanHandle.$current.withValue(span) {
                try await ServiceContext.$current.withValue(context, operation: body)
            }
        }
    }
}
