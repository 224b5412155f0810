/// One entry of a span's payload: an attribute, an event, a link, or text that did not fit elsewhere.
///
/// Sixteen bytes, then the key's bytes (where ``key`` is 0) and the data, each padded to 16. Because everything is a
/// multiple of 16, an entry header never straddles two blocks of a live slot; data may.
///
/// | type | key | value / length + count | data |
/// |---|---|---|---|
/// | bool, int, double | attribute key | the value's eight bytes | – |
/// | string, bytes | attribute key | bytes | the bytes |
/// | array, map | attribute key | bytes + elements | entries |
/// | null | attribute key | – | – |
/// | event | name | bytes + attributes | ``EventHeader``, entries |
/// | link | – | bytes + attributes | ``LinkHeader``, entries |
/// | name, statusDescription | – | bytes | the bytes |
/// | removed | – | bytes | anything: skipped |
struct EntryHeader {
    static let bytes = 16

    /// A number of the string table, or 0: the key's bytes follow the header.
    var key: UInt32
    var type: UInt8
    var reserved: UInt8 = 0
    /// Bytes of the key that follow, where ``key`` is 0.
    var keyBytes: UInt16 = 0
    /// The value of a fixed-size type; otherwise bytes of data in the low half and the number of elements in the high half.
    var value: UInt64 = 0

    var dataBytes: Int { Int(UInt32(truncatingIfNeeded: value)) }
    var elementCount: Int { Int(value >> 32) }

    /// The whole entry with its padding.
    var totalBytes: Int {
        let key = self.key == 0 ? EntryHeader.padded(Int(keyBytes)) : 0
        return EntryHeader.bytes + key + (EntryType.isFixedSize(type) ? 0 : EntryHeader.padded(dataBytes))
    }

    @inline(__always)
    static func padded(_ bytes: Int) -> Int { (bytes + 15) & ~15 }
}

/// What an entry is. Raw values are part of the region's format.
enum EntryType {
    static let removed: UInt8 = 0
    static let bool: UInt8 = 1
    static let int: UInt8 = 2
    static let double: UInt8 = 3
    static let null: UInt8 = 4
    static let string: UInt8 = 5
    static let bytes: UInt8 = 6
    static let array: UInt8 = 7
    static let map: UInt8 = 8
    static let name: UInt8 = 16
    static let statusDescription: UInt8 = 17
    static let event: UInt8 = 18
    static let link: UInt8 = 19

    @inline(__always)
    static func isFixedSize(_ type: UInt8) -> Bool { type >= bool && type <= null }

    @inline(__always)
    static func isAttribute(_ type: UInt8) -> Bool { type >= bool && type <= map }
}

/// The first 16 bytes of an event's data.
struct EventHeader {
    /// Ticks, or Unix nanoseconds where ``isUnix`` is 1.
    var time: UInt64
    var droppedAttributes: UInt32
    var isUnix: UInt32
}

/// The first 48 bytes of a link's data.
struct LinkHeader {
    var traceIDHigh: UInt64
    var traceIDLow: UInt64
    var spanID: UInt64
    var traceState: UInt32
    var traceFlags: UInt8
    var isRemote: UInt8
    var padding: UInt16 = 0
    var droppedAttributes: UInt32
    var reserved: UInt32 = 0
    var reserved2: UInt64 = 0
}

extension EntryType {
    /// Texts of which a span has at most one.
    enum Text {
        case name
        case statusDescription

        var rawValue: UInt8 { self == .name ? EntryType.name : EntryType.statusDescription }
    }

    /// What holds attributes of its own.
    enum Container {
        case event
        case link

        var rawValue: UInt8 { self == .event ? EntryType.event : EntryType.link }
    }
}
