import SpanKitRecording
import Tracing

extension TracedSpan {
    /// The attributes of the span, including those set with `handle` or another copy.
    ///
    /// `span.attributes["key"] = value` only changes that key, even if other tasks set attributes at the same time.
    /// Assigning a collection replaces all attributes. The collection is empty if the span is not recorded. Reading
    /// copies all attributes. To set one attribute, `span.set("key", value)` is faster.
    public var attributes: SpanAttributes {
        get { SpanAttributes(handle.attributes) }
        nonmutating set {
            let holder = scope.openMirror()
            holder.mirror.attributes = newValue
            holder.closeMirror()
        }
        @inline(__always) nonmutating _modify {
            let holder = scope.openMirror()
            // `defer` also runs if an error ends the access.
            defer { holder.closeMirror() }
            yield &holder.mirror.attributes
        }
    }

    /// Sets an attribute. This is faster than changing ``attributes``: a number or a boolean takes a few nanoseconds
    /// without allocation. A nil value changes nothing.
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: StaticString, _ value: Value?) { handle.set(key, value) }

    /// Sets an attribute whose key is only known at run time. This is faster than changing ``attributes``. A nil value
    /// changes nothing.
    @_disfavoredOverload
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: String, _ value: Value?) { handle.set(key, value) }
}

// For code that gets `any Span` from the global functions.
extension Tracing.Span {
    /// Sets an attribute, directly if the span is SpanKit's, or with `attributes` for another backend. A nil value
    /// changes nothing.
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: StaticString, _ value: Value?) {
        if let traced { traced.set(key, value) } else { setAttribute(key.description, value) }
    }

    /// Sets an attribute whose key is only known at run time. A nil value changes nothing.
    @_disfavoredOverload
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: String, _ value: Value?) {
        if let traced { traced.set(key, value) } else { setAttribute(key, value) }
    }

    /// This span if it is SpanKit's. A cast (`as?`) takes longer than setting the attribute (`Benchmarks`: "fast
    /// attributes").
    @inlinable
    @inline(__always)
    var traced: TracedSpan? {
        // Both types are the same, so the bytes can be reinterpreted.
        Self.self == TracedSpan.self ? unsafeBitCast(self, to: TracedSpan.self) : nil
    }

    @usableFromInline
    func setAttribute(_ key: String, _ value: (some AttributeValueConvertible)?) {
        if let value { attributes.set(key, value: SpanAttribute(value.attributeValue)) }
    }
}

extension Attributes {
    init(_ attributes: SpanAttributes) {
        self.init()
        elements.reserveCapacity(attributes.count)
        attributes.forEach { key, attribute in
            if let value = AttributeValue(attribute) { elements.append(Attribute(key, value)) }
        }
        // A dictionary is unordered. A fixed order can be tested.
        elements.sort { $0.key < $1.key }
    }
}

extension AttributeValue {
    /// Creates a value; nil for a type that this version does not know.
    init?(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let value): self = .int(Int64(value))
        case .int64(let value): self = .int(value)
        case .int32Array(let values): self = .array(values.map { .int(Int64($0)) })
        case .int64Array(let values): self = .array(values.map { .int($0) })
        case .double(let value): self = .double(value)
        case .doubleArray(let values): self = .array(values.map { .double($0) })
        case .bool(let value): self = .bool(value)
        case .boolArray(let values): self = .array(values.map { .bool($0) })
        case .string(let value): self = .string(value)
        case .stringArray(let values): self = .array(values.map { .string($0) })
        case .stringConvertible(let value): self = .string(value.description)
        case .stringConvertibleArray(let values):
            // `attributes["key"] = [1, 2]` is passed like this as well, because the library has no arrays of Int.
            let integers = values.compactMap { ($0 as? any BinaryInteger).flatMap { Int64(exactly: $0) } }
            self = .array(
                integers.count == values.count
                    ? integers.map { .int($0) } : values.map { .string($0.description) }
            )
        default: return nil
        }
    }
}

extension SpanAttributes {
    init(_ attributes: [Attribute]) {
        self.init([:])
        if !attributes.isEmpty { reserveCapacity(attributes.count) }
        for attribute in attributes { set(attribute.key, value: SpanAttribute(attribute.value)) }
    }
}

extension SpanAttribute {
    /// Creates an attribute. Arrays of mixed types, bytes and maps become text, because the library has no such
    /// attributes.
    init(_ value: AttributeValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int64(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let values):
            if let values = values.all({ if case .int(let value) = $0 { value } else { nil } }) {
                self = .int64Array(values)
            } else if let values = values.all({ if case .double(let value) = $0 { value } else { nil } }) {
                self = .doubleArray(values)
            } else if let values = values.all({ if case .bool(let value) = $0 { value } else { nil } }) {
                self = .boolArray(values)
            } else if let values = values.all({ if case .string(let value) = $0 { value } else { nil } }) {
                self = .stringArray(values)
            } else {
                self = .string("\(values)")
            }
        case .bytes(let bytes): self = .string("\(bytes)")
        case .map(let attributes): self = .string("\(attributes)")
        case .null: self = .string("")
        }
    }
}

extension [AttributeValue] {
    /// The transformed elements; nil if any result is nil.
    fileprivate func all<Value>(_ transform: (AttributeValue) -> Value?) -> [Value]? {
        let values = compactMap(transform)
        return values.count == count ? values : nil
    }
}
