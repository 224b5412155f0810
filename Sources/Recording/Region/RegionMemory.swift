import Synchronization

extension UnsafeMutableRawPointer {
    /// Eight bytes at an offset, for atomic access. `Atomic<UInt64>` has the layout of a `UInt64`.
    @inline(__always)
    func atomicUInt64(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (self + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Four bytes at an offset, for atomic access.
    @inline(__always)
    func atomicUInt32(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (self + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

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
    /// The first byte after the header.
    @inline(__always)
    package var content: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) + ChunkHeader.bytes }

    /// The raw value of a ``ChunkType``.
    @inline(__always)
    var type: UInt32 { UnsafeRawPointer(self).load(as: UInt32.self) }

    /// The chunk's number in its region; 0 if its memory was released.
    @inline(__always)
    package var index: UInt32 { UnsafeRawPointer(self).load(fromByteOffset: 4, as: UInt32.self) }

    @inline(__always)
    package var committed: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 8) }

    @inline(__always)
    package var consumed: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 16) }

    @inline(__always)
    package var sequence: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 24) }

    @inline(__always)
    var recordCount: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 32) }

    @inline(__always)
    var takenCount: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 64) }

    /// The number of records that were not taken. A reader may be changing it at this moment.
    var waitingCount: UInt64 {
        let count = recordCount.pointee.load(ordering: .relaxed)
        return count - min(count, takenCount.pointee.load(ordering: .relaxed))
    }

    /// The size in bytes of the records that were not consumed.
    package var waitingBytes: UInt64 {
        let committed = committed.pointee.load(ordering: .relaxed)
        return committed - min(committed, consumed.pointee.load(ordering: .relaxed))
    }

    /// Counts records as taken. Only the reader calls it.
    func addTaken(_ count: UInt64) {
        takenCount.pointee.store(takenCount.pointee.load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    /// Reuses the chunk, in the order of writes that ``ChunkHeader`` specifies.
    func beginUse(sequence: UInt64, anchor: ClockAnchor) {
        committed.pointee.store(0, ordering: .releasing)
        consumed.pointee.store(0, ordering: .releasing)
        recordCount.pointee.store(0, ordering: .relaxed)
        takenCount.pointee.store(0, ordering: .relaxed)
        self.sequence.pointee.store(sequence, ordering: .releasing)
        atomicMemoryFence(ordering: .releasing)
        self.anchor = anchor
    }

    /// The anchor, accessed word by word.
    package var anchor: ClockAnchor {
        get {
            ClockAnchor(
                ticks: anchorWord(0).pointee.load(ordering: .relaxed),
                unixNanoseconds: Int64(bitPattern: anchorWord(1).pointee.load(ordering: .relaxed)),
                rate: anchorWord(2).pointee.load(ordering: .relaxed)
            )
        }
        nonmutating set {
            anchorWord(0).pointee.store(newValue.ticks, ordering: .relaxed)
            anchorWord(1).pointee.store(UInt64(bitPattern: newValue.unixNanoseconds), ordering: .relaxed)
            anchorWord(2).pointee.store(newValue.rate, ordering: .relaxed)
        }
    }

    private func anchorWord(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        UnsafeMutableRawPointer(self).atomicUInt64(at: 40 + 8 * index)
    }
}
