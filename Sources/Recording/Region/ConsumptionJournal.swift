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
    private static let activeOffset = RegionHeader.journalOffset
    private static let lastOffset = activeOffset + 8
    private static let countOffset = activeOffset + 16
    private static let rescuedSlotsOffset = activeOffset + 24
    private static let entriesOffset = activeOffset + 32
    /// Of one stretch: a chunk's index, and where the stretch ends.
    private static let entryBytes = 16
    private static let entryEndOffset = 8
    /// Is written in place of a chunk's index: ``LogStretch/slots(upTo:)``.
    private static let slotsIndex = UInt32.max
    /// The first chunk of a region, which is no chunk of the log: ``LogStretch/chosen(_:)``, which marks say (``LogRecord/mark``).
    private static let chosenIndex: UInt32 = 0
    /// Stretches that one batch can consist of.
    static let capacity = (Region.chunkBytes - entriesOffset) / entryBytes

    let base: UnsafeMutableRawPointer

    private var active: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: Self.activeOffset) }
    private var last: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: Self.lastOffset) }
    private var rescued: UnsafeMutablePointer<Atomic<UInt64>> { base.atomicUInt64(at: Self.rescuedSlotsOffset) }

    /// The number for the next batch: counts up from 1.
    package var nextBatch: UInt64 { last.pointee.load(ordering: .relaxed) + 1 }

    /// The batch that was begun and not ended.
    package var unfinishedBatch: UInt64? {
        let batch = active.pointee.load(ordering: .acquiring)
        return batch == 0 ? nil : batch
    }

    /// Live slots up to this index have been rescued.
    var rescuedSlots: UInt64 {
        get { rescued.pointee.load(ordering: .relaxed) }
        nonmutating set { rescued.pointee.store(newValue, ordering: .releasing) }
    }

    /// Notes what a batch takes out.
    package func begin(batch: UInt64, _ stretches: [LogStretch]) {
        assert(stretches.count <= Self.capacity, "SpanLog.read hands out no more")
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
        // In this order: what a batch has marked (``LogRecord/mark``) counts from the moment it is known to be under way.
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

    /// What the unfinished batch takes out. The sequences are unknown.
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
