import SpanKitRecording

/// `Span.flags` and `Link.flags`: the W3C flags, and whether the context they came with is from elsewhere.
enum SpanFlags {
    /// The remoteness is known; SDKs always know it.
    static let hasIsRemote: UInt32 = 0x100
    static let isRemote: UInt32 = 0x200

    @inline(__always)
    static func of(_ header: SpanHeader) -> UInt32 {
        UInt32(header.traceFlags) | hasIsRemote | (header.bits.contains(.parentIsRemote) ? isRemote : 0)
    }

    static func of(_ link: LinkHeader) -> UInt32 {
        UInt32(link.traceFlags) | hasIsRemote | (link.isRemote == 1 ? isRemote : 0)
    }
}

/// The attribute that carries a span's change of the heap in use, where memory is tracked. OpenTelemetry has no name for it.
package enum HeapAttribute {
    static let key: StaticString = "spankit.heap.delta_bytes"
    package static let name = key.description
}

/// How deep values may nest before they are written as empty ones: a damaged file must not exhaust the stack.
let deepestValue = 100
