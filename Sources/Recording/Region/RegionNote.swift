import SpanKitPlatform
import Synchronization

/// A note in the first chunk of a region, in which the process tells others (`spankit live`) what happened to its spans.
///
/// At ``RegionHeader/noteOffset`` there is one word with the number of bytes and their checksum (CRC-32C), then the bytes. The word
/// is 0 if there is no note. Only the thread that sends spans writes it. A reader in another process takes a copy and checks the
/// checksum, so it never sees half of a new note.
package struct RegionNote {
    /// The maximum number of bytes of a note.
    package static let capacity = RegionHeader.journalOffset - RegionHeader.noteOffset - 8

    let base: UnsafeMutableRawPointer

    private var word: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: RegionHeader.noteOffset) }
    private var content: UnsafeMutableRawPointer { base + RegionHeader.noteOffset + 8 }

    /// Replaces the note. If `bytes` are too many, there is no note afterwards.
    func write(_ bytes: [UInt8]) {
        word.pointee.store(0, ordering: .relaxed)
        guard bytes.count <= Self.capacity else { return }
        atomicMemoryFence(ordering: .releasing)
        UnsafeMutableRawBufferPointer(start: content, count: bytes.count).copyBytes(from: bytes)
        let checksum = UInt64(CRC32C.checksum(bytes))
        word.pointee.store(checksum << 32 | UInt64(bytes.count), ordering: .releasing)
    }

    /// The note; nil if it is missing or damaged.
    func read() -> [UInt8]? {
        // Try again, because the process may be writing the note at this moment.
        for _ in 0..<3 {
            let word = word.pointee.load(ordering: .acquiring)
            let count = Int(word & 0xFFFF_FFFF)
            guard count > 0, count <= Self.capacity else { continue }
            let bytes = [UInt8](UnsafeRawBufferPointer(start: content, count: count))
            if UInt64(CRC32C.checksum(bytes)) == word >> 32 { return bytes }
        }
        return nil
    }
}

extension RegionReader {
    /// The latest note of the process, if any.
    package var note: [UInt8]? { RegionNote(base: base).read() }
}
