import Tracing

// For code that gets `any Span` from the global functions, whichever tracer is in force.
extension Tracing.Span {
    /// Sets an attribute: at once where the span is SpanKit's, by `attributes` where it is another backend's.
    public func set(_ key: StaticString, _ value: Int) {
        if let traced = self as? TracedSpan { traced.set(key, value) } else { attributes[key.description] = value }
    }

    /// Sets an attribute: at once where the span is SpanKit's, by `attributes` where it is another backend's.
    public func set(_ key: StaticString, _ value: Double) {
        if let traced = self as? TracedSpan { traced.set(key, value) } else { attributes[key.description] = value }
    }

    /// Sets an attribute: at once where the span is SpanKit's, by `attributes` where it is another backend's.
    public func set(_ key: StaticString, _ value: Bool) {
        if let traced = self as? TracedSpan { traced.set(key, value) } else { attributes[key.description] = value }
    }

    /// Sets an attribute: at once where the span is SpanKit's, by `attributes` where it is another backend's.
    public func set(_ key: StaticString, _ value: String) {
        if let traced = self as? TracedSpan { traced.set(key, value) } else { attributes[key.description] = value }
    }
}
