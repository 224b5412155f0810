import SpanKitRecording

/// Writes entries (``EntryHeader``) to its own memory, aligned as in the log.
///
/// Only one thread at a time may use it. The bytes are valid until the next change.
struct EntryWriter: ~Copyable {
    private var output = Output(capacity: 4_096)
    /// The offset of the current entry's header.
    private var header = 0

    var bytes: UnsafeRawBufferPointer { output.bytes }

    mutating func removeAll() { output.truncate(to: 0) }

    /// Begins an entry, with a key that is written out.
    mutating func begin(_ type: UInt8, key: [UInt8] = []) {
        let keyBytes = min(key.count, Int(UInt16.max))
        key.withUnsafeBytes { begin(type, number: 0, UnsafeRawBufferPointer(rebasing: $0.prefix(keyBytes))) }
    }

    /// Begins an entry with the key of another entry.
    mutating func begin(_ type: UInt8, like entry: Entries.Entry) {
        begin(type, number: entry.header.key, entry.key)
    }

    private mutating func begin(_ type: UInt8, number: UInt32, _ key: UnsafeRawBufferPointer) {
        header = output.count
        output.reserve(EntryHeader.bytes)
        output.store(UInt64(number) | UInt64(type) << 32 | UInt64(number == 0 ? UInt16(key.count) : 0) << 48)
        output.store(UInt64(0))
        if number == 0, !key.isEmpty { append(key) }
    }

    /// Ends an entry with a value of fixed size.
    mutating func end(value: UInt64) { setValue(value, at: header) }

    /// Ends an entry with data.
    mutating func end(data: [UInt8]) { data.withUnsafeBytes { end(data: $0) } }

    /// Ends an entry with data.
    mutating func end(data: UnsafeRawBufferPointer) {
        setValue(UInt64(UInt32(clamping: data.count)), at: header)
        append(data)
    }

    /// Appends bytes and their padding.
    mutating func append(_ data: UnsafeRawBufferPointer) {
        let padding = EntryHeader.padded(data.count) - data.count
        output.reserve(data.count + padding)
        output.raw(data)
        for _ in 0..<padding { output.byte(0) }
    }

    /// Makes everything until ``endContainer(_:elements:)`` the data of the current entry.
    mutating func beginContainer() -> (header: Int, data: Int) { (header, output.count) }

    mutating func endContainer(_ place: (header: Int, data: Int), elements: Int) {
        let bytes = UInt64(UInt32(clamping: output.count - place.data))
        setValue(bytes | UInt64(UInt32(clamping: elements)) << 32, at: place.header)
    }

    private mutating func setValue(_ value: UInt64, at header: Int) {
        for byte in 0..<8 {
            output.replace(at: header + 8 + byte, with: UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)))
        }
    }
}
