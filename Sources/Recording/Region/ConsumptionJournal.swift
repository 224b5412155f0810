import Synchronization

/// A journal, in the first chunk of a region, of the batch that is being moved from the log to a body file. With it, a
/// crash neither loses nor duplicates a span.
///
/// The order of steps: the body is written to a temporary file → ``begin(batch:_:)`` → the file is renamed → the log is consumed →
/// ``end()``. After a crash, a journal that was begun and not ended continues with the rename, because the body is complete. If it
/// was not begun, nothing has changed, and temporary files are deleted.
///
/// Only the owner of the region writes it.
package struct ConsumptionJournal {
    private static let activeOffset = RegionHeader.journalOffset
    private static let lastOffset = activeOffset + 8
    private static let countOffset = activeOffset + 16
    private static let rescuedSlotsOffset = activeOffset + 24
    private static let entriesOffset = activeOffset + 32
    /// Bytes of one stretch: the index of a chunk, and the end of the stretch.
    private static let entryBytes = 16
    private static let entryEndOffset = 8
    /// The index for ``LogStretch/slots(upTo:)``.
    private static let slotsIndex = UInt32.max
    /// The index for ``LogStretch/chosen(_:)``, whose records are marked (``ChunkRecord/mark``). Chunk 0 never belongs to the log.
    private static let chosenIndex: UInt32 = 0
    /// The maximum number of stretches of one batch.
    static let capacity = (Region.chunkBytes - entriesOffset) / entryBytes

    let base: UnsafeMutableRawPointer

    private var active: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: Self.activeOffset) }
    private var last: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: Self.lastOffset) }
    private var rescued: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: Self.rescuedSlotsOffset) }

    /// The number of the next batch. The first is 1.
    package var nextBatch: UInt64 { last.pointee.load(ordering: .relaxed) + 1 }

    /// The batch that was begun and not ended, if any.
    package var unfinishedBatch: UInt64? {
        let batch = active.pointee.load(ordering: .acquiring)
        return batch == 0 ? nil : batch
    }

    /// The number of the last live slot whose span was read after a crash.
    var rescuedSlots: UInt64 {
        get { rescued.pointee.load(ordering: .relaxed) }
        nonmutating set { rescued.pointee.store(newValue, ordering: .releasing) }
    }

    /// Writes the stretches of a batch into the journal and begins the batch.
    package func begin(batch: UInt64, _ stretches: [LogStretch]) {
        assert(stretches.count <= Self.capacity, "SpanLog.read returns no more")
        for (position, stretch) in stretches.enumerated() {
            let (chunk, end): (UInt32, UInt64) =
                switch stretch {
                case .chunk(let index, _, let end): (index, end)
                case .slots(let end): (Self.slotsIndex, end)
                case .chosen(let count): (Self.chosenIndex, UInt64(count))
                }
            let entry = base + Self.entriesOffset + position * Self.entryBytes
            entry.storeBytes(of: chunk, as: UInt32.self)
            entry.storeBytes(of: end, toByteOffset: Self.entryEndOffset, as: UInt64.self)
        }
        base.storeWord(UInt64(stretches.count), at: Self.countOffset)
        // `active` is stored first, because the marks of a batch (``ChunkRecord/mark``) take effect when the batch
        // becomes active.
        active.pointee.store(batch, ordering: .releasing)
        last.pointee.store(batch, ordering: .releasing)
    }

    /// The last batch that was begun.
    var lastBatch: UInt64 { max(last.pointee.load(ordering: .relaxed), active.pointee.load(ordering: .acquiring)) }

    /// Completes ``begin(batch:_:)`` for the unfinished batch, in case its process died during that call.
    func confirm() {
        last.pointee.store(lastBatch, ordering: .releasing)
    }

    /// Ends the batch.
    package func end() {
        active.pointee.store(0, ordering: .releasing)
    }

    /// The stretches of the unfinished batch. Their sequences are unknown (0).
    var stretches: [LogStretch] {
        let count = min(Int(clamping: base.loadWord(at: Self.countOffset)), Self.capacity)
        return (0..<count).map { position in
            let entry = base + Self.entriesOffset + position * Self.entryBytes
            let end = entry.loadWord(at: Self.entryEndOffset)
            return switch entry.load(as: UInt32.self) {
            case Self.slotsIndex: .slots(upTo: end)
            case Self.chosenIndex: .chosen(Int(clamping: end))
            case let index: .chunk(index: index, sequence: 0, end: end)
            }
        }
    }
}
