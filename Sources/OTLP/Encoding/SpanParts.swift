import SpanKitRecording

// What the encoders of JSON and of protobuf have in common.

extension Entries {
    /// The next event or link, with its header and what follows the header: attributes, and a link's trace state.
    mutating func next<Header>(
        _ type: UInt8,
        _: Header.Type
    ) -> (entry: Entry, header: Header, rest: Entries)? {
        while let entry = next() {
            guard entry.header.type == type, entry.data.count >= MemoryLayout<Header>.size else { continue }
            let rest = UnsafeRawBufferPointer(rebasing: entry.data[MemoryLayout<Header>.size...])
            return (entry, entry.data.loadUnaligned(as: Header.self), Entries(rest))
        }
        return nil
    }
}

extension SpanHeader {
    /// `Span.flags`.
    @inline(__always)
    var flags: UInt32 { spanFlags(traceFlags, isRemote: bits.contains(.parentIsRemote)) }
}

extension LinkHeader {
    /// `Link.flags`.
    var flags: UInt32 { spanFlags(traceFlags, isRemote: isRemote == 1) }
}

/// The W3C flags; 0x100, because SDKs always know whether a context is remote; and 0x200 for a remote one.
@inline(__always)
private func spanFlags(_ traceFlags: UInt8, isRemote: Bool) -> UInt32 {
    UInt32(traceFlags & ~TraceFlags.debug.rawValue) | 0x100 | (isRemote ? 0x200 : 0)
}

/// The attribute for the change in heap memory in use during a span, in bytes. OpenTelemetry has no name for it.
package enum HeapAttribute {
    static let key: StaticString = "spankit.heap.delta_bytes"
    package static let name = key.description
}

/// Values nested deeper than this are written as empty ones, because a damaged file must not exhaust the stack.
let deepestValue = 100
