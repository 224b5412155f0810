import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording

extension DecodedSpan {
    /// A hash of everything that was decoded. Spans with different bytes in any text are different.
    ///
    /// Equality of `String` would not do, because it ignores how characters are composed.
    var fingerprint: UInt64 {
        var hasher = Hasher()
        hasher.combine(attributes: resource.attributes)
        hasher.combine(text: resource.schemaURL)
        hasher.combine(text: scope.name)
        hasher.combine(text: scope.version)
        hasher.combine(text: scope.schemaURL)
        hasher.combine(attributes: scope.attributes)
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
