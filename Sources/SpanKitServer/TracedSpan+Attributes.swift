import SpanKitRecording
import Tracing

extension TracedSpan {
    /// What describes the span. There is one truth, the span itself: what `handle` or another copy sets can be read here.
    ///
    /// `span.attributes["key"] = value` changes that key alone, whatever other tasks set at the same time. Assigning a whole
    /// collection replaces all. For spans that are not recorded it is always empty. Reading copies:
    /// for speed use `span.set("key", value)`.
    public var attributes: SpanAttributes {
        get { SpanAttributes(handle.attributes) }
        nonmutating set {
            let holder = scope.openMirror()
            holder.mirror.attributes = newValue
            holder.closeMirror()
        }
        @inline(__always) nonmutating _modify {
            let holder = scope.openMirror()
            // Also where an error ends the access.
            defer { holder.closeMirror() }
            yield &holder.mirror.attributes
        }
    }

    /// Sets an attribute without ``attributes``: a number or a boolean takes a few nanoseconds, and nothing is allocated. Nil leaves
    /// the attribute as it is.
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: StaticString, _ value: Value?) { handle.set(key, value) }

    /// Sets an attribute without ``attributes``, whose key is known at run time only. Nil leaves the attribute as it is.
    @_disfavoredOverload
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: String, _ value: Value?) { handle.set(key, value) }
}

extension Attributes {
    init(_ attributes: SpanAttributes) {
        self.init()
        elements.reserveCapacity(attributes.count)
        attributes.forEach { key, attribute in
            if let value = AttributeValue(attribute) { elements.append(Attribute(key, value)) }
        }
        // A dictionary has no order of its own; one that is the same every time can be read and tested.
        elements.sort { $0.key < $1.key }
    }
}

extension AttributeValue {
    /// nil for a value of a type that is newer than this package.
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
            // `attributes["key"] = [1, 2]` comes here too: the library knows arrays of Int64, but not of Int.
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
    /// As the ecosystem has it: arrays hold one type. What it has no word for becomes text.
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
    /// What `transform` makes of the elements, if it makes something of each.
    fileprivate func all<Value>(_ transform: (AttributeValue) -> Value?) -> [Value]? {
        let values = compactMap(transform)
        return values.count == count ? values : nil
    }
}
