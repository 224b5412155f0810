import SpanKit

/// A failed attempt of a call that will be retried.
///
/// Call ``record(on:)`` to show in the span that a call waited between attempts, for example because of a rate limit.
public struct ModelRetry: Sendable, Hashable {
    /// The number of the failed attempt, starting from 1.
    public var attempt: Int
    /// The reason for the failure, from a small set of values as in ``ErrorType``.
    public var errorType: String
    /// The HTTP status of the failed attempt; nil if there was no response.
    public var statusCode: Int?
    /// The wait before the next attempt.
    public var wait: Duration

    /// Creates a description of a failed attempt.
    public init(attempt: Int, errorType: String, statusCode: Int? = nil, wait: Duration) {
        self.attempt = attempt
        self.errorType = errorType
        self.statusCode = statusCode
        self.wait = wait
    }

    /// Adds the event `spankit.gen_ai.retry` to a span, and sets the attribute `spankit.gen_ai.retry_count`.
    ///
    /// It can be called from any thread. A client that runs in ``ModelCall/stream(_:endIsMarked:observe:)`` or
    /// ``ModelTelemetry/call(_:named:parent:warnThreshold:isolation:_:)`` needs no argument, because the call's span is the current
    /// one.
    /// - Parameter span: the call's span; the current span by default.
    public func record(on span: SpanHandle = .current) {
        let names = Conventions.v1_41_1.names
        var attributes: Attributes = [:]
        attributes.add(names.retryAttempt, attempt)
        attributes.add(names.errorType, errorType)
        // From the HTTP conventions, not the GenAI ones.
        attributes.add("http.response.status_code", statusCode)
        attributes.add(names.retryWait, wait.seconds)
        span.addEvent(names.retry.description, attributes: attributes)
        span.set(names.retryCount, attempt)
    }
}
