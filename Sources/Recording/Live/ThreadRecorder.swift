import CSpanKit
import Synchronization

/// What one thread keeps for one recorder: the chunk it appends to, a few free slots, its ids and its counters.
///
/// Only the owning thread touches it, but for the counters, which anybody may read, and the end of the thread, when the
/// recorder takes everything back. A thread finds it through a thread-local pointer; one that serves several
/// recorders keeps a list and moves the one in use to the front.
struct ThreadRecorder {
    static let slotCapacity = 64
    /// Bytes of records that fit into one chunk.
    static let chunkBytes = Region.chunkBytes - ChunkHeader.bytes

    let recorder: Unmanaged<Recorder>
    var next: UnsafeMutablePointer<ThreadRecorder>?
    var ids = RandomIDs()
    private(set) var chunk: UnsafeMutablePointer<ChunkHeader>?
    /// Bytes used behind the chunk's header; all of them while there is no chunk, so that one comparison finds both out.
    private(set) var used = ThreadRecorder.chunkBytes
    private(set) var slotCount = 0
    let slots: UnsafeMutablePointer<UInt32>
    let counters: RecordingCounters

    init(recorder: Recorder) {
        self.recorder = .passUnretained(recorder)
        slots = .allocate(capacity: Self.slotCapacity)
        counters = RecordingCounters()
    }

    /// Takes a free slot; nil when the pool is exhausted.
    mutating func takeSlot(from pool: LiveSlotPool) -> UInt32? {
        hasSlot(from: pool) ? takeOwnSlot() : nil
    }

    /// Whether there is a free slot for ``takeOwnSlot()``, if need be from the pool.
    mutating func hasSlot(from pool: LiveSlotPool) -> Bool {
        if slotCount == 0 { slotCount = pool.take(Self.slotCapacity / 2, into: slots) }
        return slotCount > 0
    }

    /// Takes one of this thread's few free slots, of which there are some.
    @inline(__always)
    mutating func takeOwnSlot() -> UInt32 {
        assert(slotCount > 0)
        slotCount &-= 1
        return slots[slotCount]
    }

    /// Gives a slot back: to this thread's few, and half of those to the pool when they are too many.
    mutating func giveSlot(_ index: UInt32, to pool: LiveSlotPool) {
        if slotCount == Self.slotCapacity {
            slotCount = Self.slotCapacity / 2
            pool.give(UnsafeBufferPointer(start: slots + slotCount, count: Self.slotCapacity / 2))
        }
        keepSlot(index)
    }

    /// Gives a slot back to this thread's few, which have room for it.
    @inline(__always)
    mutating func keepSlot(_ index: UInt32) {
        assert(slotCount < Self.slotCapacity)
        slots[slotCount] = index
        slotCount &+= 1
    }

    /// Room for a record of `bytes`, at the end of this thread's chunk; nil when the log is full.
    mutating func reserve(_ bytes: Int, in log: SpanLog) -> UnsafeMutableRawPointer? {
        if used + bytes > Self.chunkBytes {
            chunk = log.chunks.next(after: chunk)
            used = chunk == nil ? Self.chunkBytes : 0
        }
        return chunk == nil ? nil : nextRecord
    }

    /// Where the next record goes, for whoever knows that it fits.
    @inline(__always)
    var nextRecord: UnsafeMutableRawPointer {
        assert(chunk != nil, "without a chunk nothing fits")
        return chunk.unsafelyUnwrapped.content + used
    }

    /// Makes the reserved record visible to readers.
    @inline(__always)
    mutating func commit(_ bytes: Int) {
        assert(chunk != nil && used + bytes <= Self.chunkBytes, "the record was written to where it was reserved")
        used &+= bytes
        let chunk = chunk.unsafelyUnwrapped
        chunk.recordCount.pointee.store(
            chunk.recordCount.pointee.load(ordering: .relaxed) &+ 1,
            ordering: .relaxed
        )
        chunk.committed.pointee.store(UInt64(truncatingIfNeeded: used), ordering: .releasing)
    }
}

/// Counts of one thread. Written by their thread alone, with relaxed stores; read by anybody.
struct RecordingCounters: @unchecked Sendable {
    enum Counter: Int, CaseIterable {
        case started
        case written
        case unsampled
        case droppedLogFull
        case droppedTooManyLive
        case ignoredCalls
    }

    private let values: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        values = .allocate(capacity: 8)
        for position in 0..<8 { (values + position).initialize(to: Atomic(0)) }
    }

    func deallocate() {
        values.deinitialize(count: 8)
        values.deallocate()
    }

    @inline(__always)
    func add(_ counter: Counter) {
        let value = values + counter.rawValue
        value.pointee.store(value.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    func read(_ counter: Counter) -> UInt64 {
        values[counter.rawValue].load(ordering: .relaxed)
    }
}
