import CClock
import Synchronization

/// What one thread keeps for one recorder: the chunk it appends to, a few free slots, its ids and its counters.
///
/// Only the owning thread touches it, but for the counters, which anybody may read, and the end of the thread, when the
/// recorder takes everything back. A thread finds it through a thread-local pointer; one that serves several
/// recorders keeps a list and moves the one in use to the front.
struct ThreadRecorder {
    static let slotCapacity = 64

    let recorder: Unmanaged<Recorder>
    var next: UnsafeMutablePointer<ThreadRecorder>?
    var ids = RandomIDs()
    var chunk: UnsafeMutablePointer<ChunkHeader>?
    /// Bytes used behind the chunk's header.
    var used = 0
    var slotCount = 0
    let slots: UnsafeMutablePointer<UInt32>
    let counters: RecordingCounters

    init(recorder: Recorder) {
        self.recorder = .passUnretained(recorder)
        slots = .allocate(capacity: Self.slotCapacity)
        counters = RecordingCounters()
    }

    /// Begins anew in the child of a fork: the chunk is gone, the ids must not be the parent's.
    mutating func startEmptyAfterFork() {
        chunk = nil
        used = 0
        ids = RandomIDs()
        counters.clear()
    }

    /// Takes a free slot; nil when the pool is exhausted.
    @inline(__always)
    mutating func takeSlot(from pool: LiveSlotPool) -> UInt32? {
        if slotCount == 0 {
            slotCount = pool.take(Self.slotCapacity / 2, into: slots)
            guard slotCount > 0 else { return nil }
        }
        slotCount -= 1
        return slots[slotCount]
    }

    /// Gives a slot back: to this thread's few, and half of those to the pool when they are too many.
    @inline(__always)
    mutating func giveSlot(_ index: UInt32, to pool: LiveSlotPool) {
        if slotCount == Self.slotCapacity {
            slotCount = Self.slotCapacity / 2
            pool.give(UnsafeBufferPointer(start: slots + slotCount, count: Self.slotCapacity / 2))
        }
        slots[slotCount] = index
        slotCount += 1
    }

    /// Room for a record of `bytes`, at the end of this thread's chunk; nil when the log is full.
    @inline(__always)
    mutating func reserve(_ bytes: Int, in log: SpanLog) -> UnsafeMutableRawPointer? {
        if chunk == nil || used + bytes > Region.chunkBytes - ChunkHeader.bytes {
            chunk = log.nextChunk(after: chunk)
            used = 0
        }
        return chunk.map { $0.content + used }
    }

    /// Makes the reserved record visible to readers.
    @inline(__always)
    mutating func commit(_ bytes: Int) {
        used += bytes
        chunk?.pointee.recordCount &+= 1
        chunk?.committed.pointee.store(UInt64(used), ordering: .releasing)
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

    func clear() {
        for counter in Counter.allCases { values[counter.rawValue].store(0, ordering: .relaxed) }
    }

    func read(_ counter: Counter) -> UInt64 {
        values[counter.rawValue].load(ordering: .relaxed)
    }
}
