import CSpanKit
import Synchronization

/// One thread's part of a recorder: the chunk it appends to, a few free slots, its generator of ids and its counters.
///
/// Only its thread uses it. Other threads may read the counters, and the recorder takes everything back when the thread ends. A
/// thread-local pointer refers to it. A thread that uses several recorders has a list, with the last one used at the front.
struct ThreadRecorder {
    static let slotCapacity = 64
    /// The number of bytes of records that fit into one chunk.
    static let chunkBytes = Region.chunkBytes - ChunkHeader.bytes

    let recorder: Unmanaged<Recorder>
    var next: UnsafeMutablePointer<ThreadRecorder>?
    var ids = RandomIDs()
    private(set) var chunk: UnsafeMutablePointer<ChunkHeader>?
    /// Bytes used after the chunk's header. Without a chunk it equals ``chunkBytes``, so that one comparison checks both.
    private(set) var used = ThreadRecorder.chunkBytes
    private(set) var slotCount = 0
    let slots: UnsafeMutablePointer<UInt32>
    let counters: RecordingCounters
    /// Whether a ``SpanProcessor`` is running on this thread. The spans that it records are not processed.
    var isInProcessor = false

    init(recorder: Recorder) {
        self.recorder = .passUnretained(recorder)
        slots = .allocate(capacity: Self.slotCapacity)
        counters = RecordingCounters()
    }

    /// Takes a free slot; returns nil if the pool is exhausted.
    mutating func takeSlot(from pool: LiveSlotPool) -> UInt32? {
        if slotCount == 0 { slotCount = pool.take(Self.slotCapacity / 2, into: slots) }
        return slotCount > 0 ? takeOwnSlot() : nil
    }

    /// Takes one of this thread's free slots. There has to be one.
    @inline(__always)
    mutating func takeOwnSlot() -> UInt32 {
        assert(slotCount > 0)
        slotCount &-= 1
        return slots[slotCount]
    }

    /// Frees a slot. If the thread has too many free slots, half of them go to the pool.
    mutating func giveSlot(_ index: UInt32, to pool: LiveSlotPool) {
        if slotCount == Self.slotCapacity {
            slotCount = Self.slotCapacity / 2
            pool.give(UnsafeBufferPointer(start: slots + slotCount, count: Self.slotCapacity / 2))
        }
        keepSlot(index)
    }

    /// Adds a slot to this thread's free slots. There has to be room for it.
    @inline(__always)
    mutating func keepSlot(_ index: UInt32) {
        assert(slotCount < Self.slotCapacity)
        slots[slotCount] = index
        slotCount &+= 1
    }

    /// The address for a record of `bytes` in this thread's chunk; nil if the log is full.
    mutating func reserve(_ bytes: Int, in log: SpanLog) -> UnsafeMutableRawPointer? {
        if used + bytes > Self.chunkBytes {
            chunk = log.chunks.next(after: chunk)
            used = chunk == nil ? Self.chunkBytes : 0
        }
        return chunk == nil ? nil : nextRecord
    }

    /// The address for the next record. There has to be a chunk.
    @inline(__always)
    var nextRecord: UnsafeMutableRawPointer {
        assert(chunk != nil, "reserve a record first")
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

/// The counters of one thread. Only the thread changes them, with relaxed stores; other threads may read them.
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

    // The last two values are a note about the thread's current call of a processor: its number plus 1, and the tick of the call.
    private static let callPlace = 6
    private static let beganPlace = 7

    func noteCall(of processor: Int, at tick: UInt64) {
        values[Self.beganPlace].store(tick, ordering: .relaxed)
        values[Self.callPlace].store(UInt64(processor) + 1, ordering: .releasing)
    }

    func noteReturn() {
        values[Self.callPlace].store(0, ordering: .releasing)
    }

    /// The call of a processor that the thread is in; nil if it is in none.
    var currentCall: (number: Int, began: UInt64)? {
        let call = values[Self.callPlace].load(ordering: .acquiring)
        return call == 0 ? nil : (Int(call) - 1, values[Self.beganPlace].load(ordering: .relaxed))
    }

    func read(_ counter: Counter) -> UInt64 {
        values[counter.rawValue].load(ordering: .relaxed)
    }
}
