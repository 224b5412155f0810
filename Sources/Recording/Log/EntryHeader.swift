/// The first 16 bytes of an entry. The entries of a span's payload are its attributes, events, links and some texts; those of a log
/// record are its body, attributes and some texts (``LogRecordHeader``).
///
/// The key's bytes (if ``key`` is 0) and the data follow, each padded to a multiple of 16. So an entry header never crosses
/// from one block of a live slot into the next; the data may.
///
/// | type | key | value / length + count | data |
/// |---|---|---|---|
/// | bool, int, double | attribute key | the value's eight bytes | – |
/// | string, bytes | attribute key | bytes | the bytes |
/// | array, map | attribute key | bytes + elements | entries |
/// | null | attribute key | – | – |
/// | event | name | bytes + attributes | ``EventHeader``, entries |
/// | link | – | bytes + attributes | ``LinkHeader``, entries |
/// | name, statusDescription, traceState | – | bytes | the bytes |
/// | scope, eventName, severityText, file, function | – | bytes | the bytes (texts of a log record) |
/// | removed | – | bytes | anything: skipped |
@usableFromInline
package struct EntryHeader {
    @inlinable package static var bytes: Int { 16 }

    /// The key's number in the string table. 0 means that the key's bytes follow the header.
    @usableFromInline package var key: UInt32
    @usableFromInline package var type: UInt8
    var reserved: UInt8 = 0
    /// The number of bytes of the key after the header, if ``key`` is 0.
    @usableFromInline package var keyBytes: UInt16 = 0
    /// The value of a fixed-size type. For other types, the low half is the size of the data in bytes, and the high
    /// half is the number of elements.
    @usableFromInline package var value: UInt64 = 0

    @inlinable
    package var dataBytes: Int { Int(UInt32(truncatingIfNeeded: value)) }
    @inlinable
    package var elementCount: Int { Int(value >> 32) }

    /// The size of the whole entry with its padding, in bytes.
    @inlinable
    package var totalBytes: Int {
        let key = self.key == 0 ? EntryHeader.padded(Int(keyBytes)) : 0
        return EntryHeader.bytes + key + (EntryType.isFixedSize(type) ? 0 : EntryHeader.padded(dataBytes))
    }

    @inlinable
    @inline(__always)
    package static func padded(_ bytes: Int) -> Int { (bytes + 15) & ~15 }

    /// Bytes that follow the header for a key or a name: 0 if it has a number.
    static func keyBytes(of text: String, number: UInt32 = 0) -> Int {
        number == 0 ? min(text.utf8.count, Int(UInt16.max)) : 0
    }
}

extension EntryHeader {
    /// The header of an entry that has data.
    init(key: UInt32, _ type: UInt8, keyBytes: Int, _ dataBytes: Int, elements: Int) {
        self.init(
            key: key,
            type: type,
            keyBytes: UInt16(keyBytes),
            value: UInt64(UInt32(dataBytes)) | UInt64(elements) << 32
        )
    }
}

/// The types of entries. Their numbers are part of the region's format.
///
/// They are computed and inlinable, because other modules would otherwise call a getter for each.
@usableFromInline
package enum EntryType {
    @inlinable package static var removed: UInt8 { 0 }
    @inlinable package static var bool: UInt8 { 1 }
    @inlinable package static var int: UInt8 { 2 }
    @inlinable package static var double: UInt8 { 3 }
    @inlinable package static var null: UInt8 { 4 }
    @inlinable package static var string: UInt8 { 5 }
    @inlinable package static var bytes: UInt8 { 6 }
    @inlinable package static var array: UInt8 { 7 }
    @inlinable package static var map: UInt8 { 8 }
    @inlinable package static var name: UInt8 { 16 }
    @inlinable package static var statusDescription: UInt8 { 17 }
    @inlinable package static var event: UInt8 { 18 }
    @inlinable package static var link: UInt8 { 19 }
    @inlinable package static var traceState: UInt8 { 20 }
    @inlinable package static var scope: UInt8 { 32 }
    @inlinable package static var eventName: UInt8 { 33 }
    @inlinable package static var severityText: UInt8 { 34 }
    @inlinable package static var file: UInt8 { 35 }
    @inlinable package static var function: UInt8 { 36 }

    @inlinable
    @inline(__always)
    package static func isFixedSize(_ type: UInt8) -> Bool { type >= bool && type <= null }

    @inlinable
    @inline(__always)
    package static func isAttribute(_ type: UInt8) -> Bool { type >= bool && type <= map }
}

/// The first 16 bytes of an event's data.
package struct EventHeader {
    package static var bytes: Int { 16 }

    /// The time of the event in ticks, or in Unix nanoseconds if ``isUnix`` is 1.
    package var time: UInt64
    package var droppedAttributes: UInt32
    package var isUnix: UInt32

    /// - Parameters:
    ///   - unixNanoseconds: The time in nanoseconds since 1970-01-01 UTC; nil to use `ticks`.
    ///   - ticks: Evaluated only if `unixNanoseconds` is nil.
    package init(unixNanoseconds: Int64?, ticks: @autoclosure () -> UInt64 = 0, dropped: UInt32) {
        time = unixNanoseconds.map { UInt64(bitPattern: $0) } ?? ticks()
        droppedAttributes = dropped
        isUnix = unixNanoseconds == nil ? 0 : 1
    }

    /// The time in nanoseconds since 1970-01-01 UTC.
    package func unixNanoseconds(_ anchor: ClockAnchor) -> Int64 {
        isUnix == 1 ? Int64(bitPattern: time) : anchor.unixNanoseconds(at: time)
    }
}

/// The first 48 bytes of a link's data. An entry among the link's attributes holds its trace state.
package struct LinkHeader {
    package static var bytes: Int { 48 }

    package var traceIDHigh: UInt64
    package var traceIDLow: UInt64
    package var spanID: UInt64
    var unused: UInt32 = 0
    package var traceFlags: UInt8
    package var isRemote: UInt8
    var padding: UInt16 = 0
    package var droppedAttributes: UInt32
    var reserved: UInt32 = 0
    var reserved2: UInt64 = 0

    init(_ context: SpanContext, dropped: UInt32) {
        traceIDHigh = context.traceID.high
        traceIDLow = context.traceID.low
        spanID = context.spanID.rawValue
        traceFlags = context.traceFlags.rawValue
        isRemote = context.isRemote ? 1 : 0
        droppedAttributes = dropped
    }

    /// Bytes of the entry for the context's trace state; 0 if it has none.
    static func traceStateBytes(_ context: SpanContext) -> Int {
        context.traceState.isEmpty ? 0 : EntryHeader.bytes + EntryHeader.padded(context.traceState.utf8.count)
    }
}
