import SpanKit

/// A failed attempt of a call that is tried again: which one, why it failed, and how long the client waits before the next.
///
/// Without it, a call that was rate limited for a second and a call whose model took a second look alike.
public struct ModelRetry: Sendable, Hashable {
    /// The attempt that failed, counted from 1.
    public var attempt: Int
    /// Why it failed: one of few values, as in ``ErrorType``.
    public var errorType: String
    /// The HTTP status of the failed attempt; nil without an answer.
    public var statusCode: Int?
    /// The wait before the next attempt.
    public var wait: Duration

    /// Creates a record of a failed attempt.
    public init(attempt: Int, errorType: String, statusCode: Int? = nil, wait: Duration) {
        self.attempt = attempt
        self.errorType = errorType
        self.statusCode = statusCode
        self.wait = wait
    }

    /// Adds the event `spankit.gen_ai.retry` to a span, and counts the retries in `spankit.gen_ai.retry_count`.
    ///
    /// A client below ``ModelCall/stream(_:endIsMarked:observe:)`` or ``ModelTelemetry/call(_:named:parent:warnThreshold:isolation:_:)``
    /// needs no span: the call's span is the current one. May be called from any thread.
    /// - Parameter span: the call's span; the current one by default.
    public func record(on span: SpanHandle = .current) {
        let names = Conventions.v1_41_1.names
        var attributes: Attributes = [:]
        attributes.add(names.retryAttempt, .int(Int64(attempt)))
        attributes.add(names.errorType, .string(errorType))
        // Of the conventions of HTTP, not of GenAI.
        if let statusCode { attributes.add("http.response.status_code", .int(Int64(statusCode))) }
        attributes.add(names.retryWait, .double(wait.seconds))
        span.addEvent(names.retry.description, attributes: attributes)
        span.set(names.retryCount, attempt)
    }
}

extension Attributes {
    mutating func add(_ name: StaticString, _ value: AttributeValue) {
        elements.append(Attribute(name.description, value))
    }
}
