import Synchronization

/// A note in a region's first chunk of what is being taken out of its log and put into a body file, so that after a crash no span is
/// sent twice or never.
///
/// The order of events: the body is written under a temporary name → ``begin(batch:_:)`` → the body gets its name → the log is
/// consumed → ``end()``. Whoever finds a journal that was begun and not ended goes on with the third step: the body is complete.
/// One that was not begun has changed nothing; temporary files are thrown away.
///
/// One writer: the owner of the region.
package struct ConsumptionJournal {
    /// Stretches that one batch can consist of.
    static let capacity = (Region.chunkBytes - RegionHeader.journalOffset - 32) / 16
    /// Stands in place of a chunk: live slots up to this one have been rescued.
    static let slots = UInt32.max

    let base: UnsafeMutableRawPointer

    private var active: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: RegionHeader.journalOffset) }
    private var last: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: RegionHeader.journalOffset + 8) }
    private var count: UnsafeMutableRawPointer { base + RegionHeader.journalOffset + 16 }
    private var entries: UnsafeMutableRawPointer { base + RegionHeader.journalOffset + 32 }

    /// The number for the next batch: counts up from 1.
    package var nextBatch: UInt64 { last.pointee.load(ordering: .relaxed) + 1 }

    /// The batch that was begun and not ended.
    package var unfinishedBatch: UInt64? {
        let batch = active.pointee.load(ordering: .acquiring)
        return batch == 0 ? nil : batch
    }

    /// Live slots up to this index have been rescued.
    var rescuedSlots: UInt64 {
        get { base.atomicUInt64(at: RegionHeader.journalOffset + 24).pointee.load(ordering: .relaxed) }
        nonmutating set {
            base.atomicUInt64(at: RegionHeader.journalOffset + 24).pointee.store(newValue, ordering: .releasing)
        }
    }

    /// Notes what a batch takes out.
    package func begin(batch: UInt64, _ stretches: [LogStretch]) {
        assert(stretches.count <= Self.capacity, "SpanLog.read hands out no more")
        for (position, stretch) in stretches.enumerated() {
            entries.storeBytes(of: stretch.chunk, toByteOffset: position * 16, as: UInt32.self)
            entries.storeBytes(of: stretch.end, toByteOffset: position * 16 + 8, as: UInt64.self)
        }
        count.storeBytes(of: UInt64(stretches.count), as: UInt64.self)
        // In this order: what a batch has marked (``RecordMark``) counts from the moment it is known to be under way.
        active.pointee.store(batch, ordering: .releasing)
        last.pointee.store(batch, ordering: .releasing)
    }

    /// The latest batch that was begun.
    var lastBatch: UInt64 { max(last.pointee.load(ordering: .relaxed), active.pointee.load(ordering: .acquiring)) }

    /// Makes the unfinished batch one that was begun in every respect: its process may have died in the middle.
    func confirm() {
        last.pointee.store(lastBatch, ordering: .releasing)
    }

    /// The batch is done.
    package func end() {
        active.pointee.store(0, ordering: .releasing)
    }

    /// What the unfinished batch takes out.
    var stretches: [(chunk: UInt32, end: UInt64)] {
        let count = min(Int(clamping: self.count.load(as: UInt64.self)), Self.capacity)
        return (0..<count).map { position in
            (
                entries.load(fromByteOffset: position * 16, as: UInt32.self),
                entries.load(fromByteOffset: position * 16 + 8, as: UInt64.self)
            )
        }
    }
}
