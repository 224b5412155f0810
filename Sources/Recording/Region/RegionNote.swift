import SpanKitPlatform
import Synchronization

/// A few lines that the owner of a region leaves in its first chunk, for whoever looks at it from outside: what becomes of its spans.
///
/// At ``RegionHeader/noteOffset`` stand the number of bytes and their checksum (CRC-32C) in one word, then the bytes; zero says that
/// there is no note, as in regions of earlier releases. One writer: the thread that sends. A reader in another process takes a copy
/// and believes it when the checksum fits: no note is ever half an old and half a new one.
package struct RegionNote {
    /// Bytes that a note can have.
    package static let capacity = RegionHeader.journalOffset - RegionHeader.noteOffset - 8

    let base: UnsafeMutableRawPointer

    private var word: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: RegionHeader.noteOffset) }
    private var content: UnsafeMutableRawPointer { base + RegionHeader.noteOffset + 8 }

    /// Puts a note in the place of the one before. One that is too long is left out, and so is the one before.
    func write(_ bytes: [UInt8]) {
        word.pointee.store(0, ordering: .relaxed)
        guard bytes.count <= Self.capacity else { return }
        atomicMemoryFence(ordering: .releasing)
        UnsafeMutableRawBufferPointer(start: content, count: bytes.count).copyBytes(from: bytes)
        let checksum = UInt64(CRC32C.checksum(bytes))
        word.pointee.store(checksum << 32 | UInt64(bytes.count), ordering: .releasing)
    }

    /// The note; nil where there is none, or none that is whole.
    func read() -> [UInt8]? {
        // One that is just being written is there a moment later.
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

extension Recorder {
    /// Leaves a note in the region. Of use only where it stands in a file.
    package func leaveNote(_ bytes: [UInt8]) {
        RegionNote(base: region.base).write(bytes)
    }
}

extension RegionReader {
    /// What the process has left as a note lately.
    package var note: [UInt8]? { RegionNote(base: base).read() }
}
