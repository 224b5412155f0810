import CSpanKit
import SpanKitPlatform
import Synchronization

/// One thread's part of a recorder: the chunks it appends to, a few free slots, its generator of ids and its counters.
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
    /// The chunk for spans.
    private(set) var spans = OpenChunk()
    /// The spans in the chunk whose durations were not counted. Other threads may count them.
    let uncounted = Locked(UncountedRecords())
    /// The chunk for log records.
    var logRecords = OpenChunk()
    /// Whether a ``LogRecordWriter`` is writing to the end of ``logRecords``.
    var isWritingLogRecord = false
    /// Complete log records that were made while another was being written. They are written after it.
    var nestedLogRecords: [UInt8] = []
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

    // MARK: The chunk for spans

    /// Bytes used in the chunk for spans (``OpenChunk/used``).
    @inline(__always)
    var used: Int { spans.used }

    /// The address for a span's record of `bytes`; nil if the log is full.
    mutating func reserve(_ bytes: Int, in recorder: Recorder) -> UnsafeMutableRawPointer? {
        guard used + bytes > Self.chunkBytes else { return spans.reserve(bytes, in: recorder.inheritedLog) }
        // Before the chunk goes to the readers of the log, which reuse it.
        countSpans(of: recorder)
        guard let record = spans.reserve(bytes, in: recorder.inheritedLog) else { return nil }
        let open = UncountedRecords(in: spans.chunk)
        uncounted.withLock { $0 = open }
        return record
    }

    /// Counts the durations of the spans in the chunk, which the thread is about to give away.
    func countSpans(of recorder: Recorder) {
        guard spans.chunk != nil else { return }
        uncounted.withLock { uncounted in
            uncounted.count(in: recorder.engine)
            uncounted = UncountedRecords()
        }
    }

    /// The address for the next span's record. There has to be a chunk.
    @inline(__always)
    var nextRecord: UnsafeMutableRawPointer { spans.nextRecord }

    /// Makes the reserved record of a span visible to readers.
    @inline(__always)
    mutating func commit(_ bytes: Int) { spans.commit(bytes) }
}

/// The chunk of a log that a thread appends to.
struct OpenChunk {
    private(set) var chunk: UnsafeMutablePointer<ChunkHeader>?
    /// Bytes used after the chunk's header. Without a chunk it equals ``ThreadRecorder/chunkBytes``, so that one comparison checks both.
    private(set) var used = ThreadRecorder.chunkBytes

    /// The address for a record of `bytes`; nil if the log is full.
    /// - Parameter begun: The bytes of the record that are written already, at ``nextRecord``. They move to the new address.
    @inline(__always)
    mutating func reserve(_ bytes: Int, begun: Int = 0, in log: SpanLog) -> UnsafeMutableRawPointer? {
        if used + bytes > ThreadRecorder.chunkBytes { openNext(begun: begun, in: log) }
        return chunk == nil ? nil : nextRecord
    }

    @inline(never)
    private mutating func openNext(begun: Int, in log: SpanLog) {
        let written = chunk.map { UnsafeRawBufferPointer(start: $0.content + used, count: begun) }
        chunk = log.chunks.next(after: chunk, moving: written ?? .empty)
        used = chunk == nil ? ThreadRecorder.chunkBytes : 0
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
        assert(
            chunk != nil && used + bytes <= ThreadRecorder.chunkBytes,
            "the record was written to where it was reserved"
        )
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
        case logRecordsEmitted
        case logRecordsWritten
        case logRecordsDroppedLogFull
    }

    private static let capacity = 16

    private let values: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        values = .allocate(capacity: Self.capacity)
        for position in 0..<Self.capacity { (values + position).initialize(to: Atomic(0)) }
    }

    func deallocate() {
        values.deinitialize(count: Self.capacity)
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
