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
    /// It can be called from any thread. A client that runs in ``ModelCall/withSpan(isolation:_:)``,
    /// ``ModelCall/stream(_:endIsMarked:observe:)`` or ``ModelTelemetry/call(_:named:parent:warnThreshold:isolation:_:)`` needs no
    /// argument, even if a span of its own is the current one.
    /// - Parameter span: the call's span. The default is the span of the call that is running. Outside calls, it is the current span.
    public func record(on span: SpanHandle? = nil) {
        let span = span ?? CallScope.span
        var attributes: Attributes = [:]
        attributes.add(.retryAttempt, attempt)
        attributes.add(.errorType, errorType)
        // From the HTTP conventions, not the GenAI ones.
        if let statusCode {
            attributes.elements.append(Attribute("http.response.status_code", statusCode.attributeValue))
        }
        attributes.add(.retryWait, wait.seconds)
        span.addEvent(GenAIAttribute.retry.rawValue, attributes: attributes)
        span.set(GenAIAttribute.retryCount.rawValue, attempt)
    }
}

extension Attributes {
    /// Adds an attribute of SpanKit's own, or one that all conventions name the same, unless the value is nil.
    mutating func add(_ attribute: GenAIAttribute, _ value: (some AttributeValueConvertible)?) {
        if let value { elements.append(Attribute(attribute.rawValue, value.attributeValue)) }
    }
}
