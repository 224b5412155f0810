/// Iterates over entries (``EntryHeader``) without copying them.
///
/// It stops before an entry that reaches beyond the bytes, so it is safe on damaged files.
@usableFromInline
package struct Entries {
    /// One entry. Its pointers are valid as long as the bytes it was read from.
    @usableFromInline
    package struct Entry {
        @usableFromInline package var header: EntryHeader
        /// The bytes of the key; empty if the key has a number in the string table (``EntryHeader/key``).
        @usableFromInline package var key: UnsafeRawBufferPointer
        @usableFromInline package var data: UnsafeRawBufferPointer

        @inlinable
        init(header: EntryHeader, key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer) {
            self.header = header
            self.key = key
            self.data = data
        }
    }

    @usableFromInline var rest: UnsafeRawBufferPointer

    /// The bytes that remain.
    @inlinable package var bytes: UnsafeRawBufferPointer { rest }

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    @inlinable
    @inline(__always)
    package mutating func next() -> Entry? {
        guard let start = rest.baseAddress, rest.count >= EntryHeader.bytes else { return nil }
        let header = start.loadUnaligned(as: EntryHeader.self)
        let keyBytes = header.key == 0 ? Int(header.keyBytes) : 0
        let dataStart = EntryHeader.bytes + EntryHeader.padded(keyBytes)
        let dataBytes = EntryType.isFixedSize(header.type) ? 0 : header.dataBytes
        guard dataStart + dataBytes <= rest.count else {
            rest = UnsafeRawBufferPointer(start: nil, count: 0)
            return nil
        }
        let total = min(rest.count, dataStart + EntryHeader.padded(dataBytes))
        rest = UnsafeRawBufferPointer(start: start + total, count: rest.count - total)
        return Entry(
            header: header,
            key: UnsafeRawBufferPointer(start: start + EntryHeader.bytes, count: keyBytes),
            data: UnsafeRawBufferPointer(start: start + dataStart, count: dataBytes)
        )
    }

    /// The data of the first entry of a type.
    package func text(_ type: UInt8) -> UnsafeRawBufferPointer? {
        var entries = self
        while let entry = entries.next() {
            if entry.header.type == type { return entry.data }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// A buffer without bytes.
    package static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}
