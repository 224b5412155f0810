import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording

extension DecodedSpan {
    /// A hash of all decoded values. Spans with different bytes in any text are different.
    ///
    /// `==` of `String` cannot be used, because it treats different bytes of equivalent characters as equal.
    func fingerprint(from origin: SpanOrigin) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(origin.fingerprint)
        hasher.combine(text: span.name)
        hasher.combine(context: span.context)
        hasher.combine(span.parentSpanID?.rawValue ?? 0)
        hasher.combine(span.parentIsRemote)
        hasher.combine(span.kind)
        hasher.combine(span.startUnixNanoseconds)
        hasher.combine(span.endUnixNanoseconds)
        switch span.status {
        case .unset: hasher.combine(0)
        case .ok: hasher.combine(1)
        case .error(let message):
            hasher.combine(2)
            hasher.combine(text: message)
        }
        hasher.combine(attributes: span.attributes)
        hasher.combine(span.events.count)
        for event in span.events {
            hasher.combine(text: event.name)
            hasher.combine(event.unixNanoseconds)
            hasher.combine(event.droppedAttributeCount)
            hasher.combine(attributes: event.attributes)
        }
        hasher.combine(span.links.count)
        for link in span.links {
            hasher.combine(context: link.context)
            hasher.combine(link.droppedAttributeCount)
            hasher.combine(attributes: link.attributes)
        }
        hasher.combine(span.droppedAttributeCount)
        hasher.combine(span.droppedEventCount)
        hasher.combine(span.droppedLinkCount)
        hasher.combine(span.heapDeltaBytes)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

/// The data of a resource and a scope that reports need. Many spans share it, so it is an object.
final class SpanOrigin: Sendable {
    let service: String
    /// `service.namespace`; empty without one.
    let namespace: String
    /// A hash of all decoded values.
    fileprivate let fingerprint: Int
    let resource: Resource
    let scope: InstrumentationScope

    init(_ decoded: DecodedSpan) {
        (resource, scope) = (decoded.resource, decoded.scope)
        service = decoded.serviceName
        namespace = if case .string(let name)? = resource["service.namespace"] { name } else { "" }
        var hasher = Hasher()
        hasher.combine(attributes: resource.attributes)
        hasher.combine(text: resource.schemaURL)
        hasher.combine(text: scope.name)
        hasher.combine(text: scope.version)
        hasher.combine(text: scope.schemaURL)
        hasher.combine(attributes: scope.attributes)
        fingerprint = hasher.finalize()
    }

    /// Whether a span certainly has this origin: the attributes share their memory, and the short texts are equal.
    func isOrigin(of decoded: DecodedSpan) -> Bool {
        Self.areShared(resource.attributes, decoded.resource.attributes)
            && Self.areShared(scope.attributes, decoded.scope.attributes)
            && resource.schemaURL.hasSameBytes(as: decoded.resource.schemaURL)
            && scope.name.hasSameBytes(as: decoded.scope.name)
            && scope.version.hasSameBytes(as: decoded.scope.version)
            && scope.schemaURL.hasSameBytes(as: decoded.scope.schemaURL)
    }

    private static func areShared(_ left: [Attribute], _ right: [Attribute]) -> Bool {
        guard left.count == right.count, !left.isEmpty else { return left.isEmpty && right.isEmpty }
        return left.withUnsafeBufferPointer { $0.baseAddress } == right.withUnsafeBufferPointer { $0.baseAddress }
    }
}

extension Hasher {
    fileprivate mutating func combine(text: String) {
        var text = text
        combine(text.utf8.count)
        text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    fileprivate mutating func combine(context: SpanContext) {
        combine(context.traceID)
        combine(context.spanID)
        combine(context.traceFlags)
        combine(text: context.traceState)
    }

    fileprivate mutating func combine(attributes: [Attribute]) {
        combine(attributes.count)
        for attribute in attributes {
            combine(text: attribute.key)
            combine(value: attribute.value)
        }
    }

    /// The decoder limits the depth of values.
    private mutating func combine(value: AttributeValue) {
        switch value {
        case .string(let text):
            combine(0 as UInt8)
            combine(text: text)
        case .array(let values):
            combine(1 as UInt8)
            combine(values.count)
            for value in values { combine(value: value) }
        case .map(let members):
            combine(2 as UInt8)
            combine(attributes: members)
        case .double(let number):
            combine(3 as UInt8)
            combine(number.bitPattern)
        case .bool, .int, .bytes, .null: combine(value)
        }
    }
}
