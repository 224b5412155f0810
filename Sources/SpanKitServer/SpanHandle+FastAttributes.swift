import SpanKitRecording
import Tracing

// For code that gets `any Span` from the global functions, whichever tracer is in force.
extension Tracing.Span {
    /// Sets an attribute: at once where the span is SpanKit's, by `attributes` where it is another backend's. Nil leaves the attribute
    /// as it is.
    public func set<Value: AttributeValueConvertible>(_ key: StaticString, _ value: Value?) {
        if let traced = self as? TracedSpan { traced.set(key, value) } else { setAttribute(key.description, value) }
    }

    /// Sets an attribute whose key is known at run time only. Nil leaves the attribute as it is.
    @_disfavoredOverload
    public func set<Value: AttributeValueConvertible>(_ key: String, _ value: Value?) {
        if let traced = self as? TracedSpan { traced.set(key, value) } else { setAttribute(key, value) }
    }

    private func setAttribute(_ key: String, _ value: (some AttributeValueConvertible)?) {
        if let value { attributes.set(key, value: SpanAttribute(value.attributeValue)) }
    }
}
