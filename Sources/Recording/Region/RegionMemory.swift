import Synchronization

extension UnsafeMutableRawPointer {
    /// Eight bytes at an offset, accessed atomically: `Atomic<UInt64>` has the layout of a `UInt64`.
    @inline(__always)
    func atomicUInt64(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (self + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Four bytes at an offset, accessed atomically.
    @inline(__always)
    func atomicUInt32(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (self + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    }
}

extension UnsafeMutableRawPointer {
    /// Loads eight bytes at an offset.
    @inline(__always)
    func loadWord(at offset: Int) -> UInt64 {
        load(fromByteOffset: offset, as: UInt64.self)
    }

    /// Stores eight bytes at an offset.
    @inline(__always)
    func storeWord(_ word: UInt64, at offset: Int) {
        storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
    }
}

extension UnsafeMutablePointer<ChunkHeader> {
    /// The first byte behind the header.
    @inline(__always)
    var content: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) + ChunkHeader.bytes }

    /// `committed`, accessed atomically.
    @inline(__always)
    var committed: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 8) }

    /// `consumed`, accessed atomically.
    @inline(__always)
    var consumed: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 16) }
}
