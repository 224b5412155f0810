import CSystem
import Platform
import Synchronization

/// The ended spans, in chunks: each thread appends to a chunk of its own, readers take what is committed.
///
/// A chunk is free, open (one thread writes it), or queued (full, waiting for the reader). Appending needs no lock; passing
/// from one chunk to the next takes one, every few hundred spans.
///
/// Bounded: queued chunks and one open one take what was configured. Every further thread has its chunk on top, so that many threads
/// which record little do not lose spans to each other; ``chunksBeyond`` of them, the rest share what there is.
/// Order of locks: reader, then state.
final class SpanLog: Sendable {
    struct State {
        var free: [UInt32] = []
        var open: [UInt32] = []
        var queued: [UInt32] = []
        /// What the reader is looking at: not to be overwritten.
        var pinned: [UInt32] = []
        var made = 0
        var sequence: UInt64 = 0
        var taken: UInt64 = 0
        var overwritten: UInt64 = 0
        /// Of a log that was closed: the records that were in it and that no reader had taken.
        var waitingWhenClosed: UInt64?
    }

    /// What became of the records that were committed: each is in exactly one of these.
    struct RecordCounts: Equatable {
        /// In the log, and not taken by a reader.
        var waiting: UInt64
        /// Consumed or marked by a reader.
        var taken: UInt64
        /// Overwritten before a reader took them.
        var overwritten: UInt64
    }

    /// Open chunks on top of what was configured, one a thread.
    static let chunksBeyond = 256

    let region: Region
    let clock: AnchoredClock
    /// Chunks that may wait for the reader before no other is opened.
    private let queueCapacity: Int
    private let chunkCapacity: Int
    private let whenFull: SpanLogOverflow
    let state = Locked(State())
    /// Held by whoever reads. Not `Void`: a value of no size shares the address of its object, which ThreadSanitizer takes for a race.
    let reader = Locked(false)
    /// Until when there is no use in asking for a chunk, so that dropping does not take the lock each time: monotonic nanoseconds;
    /// 0 while there may be one, `.max` until one becomes free.
    private let exhaustedUntil = Atomic<UInt64>(0)
    private let chunkOpened = Locked<(@Sendable () -> Void)?>(nil)

    init(region: Region, clock: AnchoredClock, bytes: Int, whenFull: SpanLogOverflow) {
        self.region = region
        self.clock = clock
        self.whenFull = whenFull
        let configured = max(1, bytes / Region.chunkBytes)
        queueCapacity = max(1, configured - 1)
        chunkCapacity = configured + Self.chunksBeyond
    }

    /// What became of the records so far. Costs one look at the header of each chunk, whatever is in it.
    var recordCounts: RecordCounts {
        state.withLock { state in
            var waiting = state.waitingWhenClosed ?? 0
            forEachChunk(state) { waiting += waitingCount($0) }
            return RecordCounts(waiting: waiting, taken: state.taken, overwritten: state.overwritten)
        }
    }

    /// Sets what is called, on the thread that records, whenever one begins a chunk: every few hundred spans.
    func onChunkOpened(_ body: (@Sendable () -> Void)?) {
        chunkOpened.withLock { $0 = body }
    }

    /// Queues the thread's full chunk and opens another; nil when there is none.
    func nextChunk(after full: UnsafeMutablePointer<ChunkHeader>?) -> UnsafeMutablePointer<ChunkHeader>? {
        if full == nil, isExhausted { return nil }
        let anchor = clock.anchor()
        let index: UInt32? = state.withLock { state in
            guard state.waitingWhenClosed == nil else { return nil }
            if let full { queue(full, &state) }
            guard let index = freeChunk(&state) else {
                noteExhausted(state)
                return nil
            }
            state.sequence += 1
            let chunk = region.chunk(Int(index))
            // In the order that ``ChunkHeader`` prescribes.
            chunk.committed.pointee.store(0, ordering: .releasing)
            chunk.consumed.pointee.store(0, ordering: .releasing)
            chunk.recordCount.pointee.store(0, ordering: .relaxed)
            chunk.takenCount.pointee.store(0, ordering: .relaxed)
            chunk.sequence.pointee.store(state.sequence, ordering: .releasing)
            atomicMemoryFence(ordering: .releasing)
            chunk.anchor = anchor
            state.open.append(index)
            return index
        }
        chunkOpened.withLock { $0 }?()
        return index.map { region.chunk(Int($0)) }
    }

    /// Takes the open chunk of a thread that ends.
    func close(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        state.withLock { queue(chunk, &$0) }
    }

    /// Ends the log, to be called before its memory is given back: nothing can be read or written from now on. Records that no reader
    /// has taken are counted as waiting for ever.
    func close() {
        reader.withLock { _ in
            state.withLock { state in
                var waiting: UInt64 = 0
                forEachChunk(state) { waiting += waitingCount($0) }
                state.waitingWhenClosed = waiting
                state.free = []
                state.open = []
                state.queued = []
            }
        }
    }

    /// Hands every committed record that no reader has taken to `body`, oldest chunk first, until it says false.
    ///
    /// One reader at a time; writers go on. A record is valid during the call only.
    /// - Returns: what was handed out and accepted, for ``consume(_:)``.
    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        let current = clock.current()
        var stretches: [LogStretch] = []
        withPinnedChunks { chunks in
            for index in chunks.prefix(ConsumptionJournal.capacity) {
                let chunk = region.chunk(Int(index))
                let opening = chunk.anchor
                let start = chunk.consumed.pointee.load(ordering: .relaxed)
                let committed = chunk.committed.pointee.load(ordering: .acquiring)
                let end = Self.forEachRecord(in: chunk, from: start, to: committed) { record, bytes in
                    RecordMark.mark(of: record) != 0 || body(SpanRecord(record, bytes: bytes, current, opening))
                }
                if end > start {
                    let sequence = chunk.sequence.pointee.load(ordering: .relaxed)
                    stretches.append(LogStretch(chunk: index, sequence: sequence, end: end))
                }
                if end < committed { break }
            }
        }
        return stretches
    }

    /// Takes what was read out of the log, which makes room.
    ///
    /// The records are counted here, by walking over them: those of a stretch may have been taken meanwhile, all or some.
    func consume(_ stretches: [LogStretch]) {
        guard !stretches.isEmpty else { return }
        reader.withLock { _ in
            let current = state.withLock { state in
                let current = stretches.filter { stretch in
                    state.waitingWhenClosed == nil
                        && region.chunk(Int(stretch.chunk)).sequence.pointee.load(ordering: .relaxed)
                            == stretch.sequence
                }
                // So that the chunks hold still while they are walked over without the lock.
                state.pinned = current.map(\.chunk)
                return current
            }
            var taken: UInt64 = 0
            for stretch in current { taken += consume(stretch) }
            state.withLock { state in
                state.taken += taken
                state.pinned = []
                recycle(&state)
            }
        }
    }

    /// - Returns: how many records that takes. For the reader; the chunk is pinned.
    private func consume(_ stretch: LogStretch) -> UInt64 {
        let chunk = region.chunk(Int(stretch.chunk))
        let start = chunk.consumed.pointee.load(ordering: .relaxed)
        guard start < stretch.end else { return 0 }
        var taken: UInt64 = 0
        _ = Self.forEachRecord(in: chunk, from: start, to: stretch.end) { record, _ in
            if RecordMark.mark(of: record) == 0 { taken += 1 }
            return true
        }
        addTaken(taken, in: chunk)
        chunk.consumed.pointee.store(stretch.end, ordering: .releasing)
        return taken
    }

    /// Counts records of a chunk as taken. For the reader, who adds them to the log's count afterwards.
    func addTaken(_ count: UInt64, in chunk: UnsafeMutablePointer<ChunkHeader>) {
        let before = chunk.takenCount.pointee.load(ordering: .relaxed)
        chunk.takenCount.pointee.store(before &+ count, ordering: .relaxed)
    }

    /// Calls `body` as the reader, with all chunks that hold records, oldest first, none of which is used again meanwhile.
    func withPinnedChunks(_ body: ([UInt32]) -> Void) {
        reader.withLock { _ in
            let chunks = state.withLock { state in
                // Taken once for each, because the comparison would load both from memory each time.
                state.pinned = (state.queued + state.open)
                    .map { (index: $0, sequence: region.chunk(Int($0)).sequence.pointee.load(ordering: .relaxed)) }
                    .sorted { $0.sequence < $1.sequence }
                    .map(\.index)
                return state.pinned
            }
            body(chunks)
            state.withLock { $0.pinned = [] }
        }
    }

    /// Calls `body` with every chunk that holds records. Under the lock `state`.
    func forEachChunk(_ state: State, _ body: (UnsafeMutablePointer<ChunkHeader>) -> Void) {
        for index in state.queued { body(region.chunk(Int(index))) }
        for index in state.open { body(region.chunk(Int(index))) }
    }

    /// Records of a chunk that no reader has taken. A reader may be counting them at this moment.
    func waitingCount(_ chunk: UnsafeMutablePointer<ChunkHeader>) -> UInt64 {
        let count = chunk.recordCount.pointee.load(ordering: .relaxed)
        return count - min(count, chunk.takenCount.pointee.load(ordering: .relaxed))
    }

    /// Bytes in the log that no reader has consumed.
    var waitingBytes: Int {
        state.withLock { state in
            var sum = 0
            forEachChunk(state) { chunk in
                let consumed = chunk.consumed.pointee.load(ordering: .relaxed)
                sum += Int(chunk.committed.pointee.load(ordering: .relaxed) &- consumed)
            }
            return sum
        }
    }

    // MARK: Fork

    func acquireForFork() {
        reader.acquireForFork()
        state.acquireForFork()
        chunkOpened.acquireForFork()
    }

    /// Empties the log in the child of a fork: its spans are the parent's, who sends them.
    func startEmptyAfterFork() {
        state.withLock { state in
            for index in state.queued + state.open {
                let chunk = region.chunk(Int(index))
                chunk.committed.pointee.store(0, ordering: .relaxed)
                chunk.consumed.pointee.store(0, ordering: .relaxed)
                state.free.append(index)
            }
            state.queued = []
            state.open = []
            state.pinned = []
            state.taken = 0
            state.overwritten = 0
            if state.waitingWhenClosed != nil { state.waitingWhenClosed = 0 }
        }
        exhaustedUntil.store(0, ordering: .relaxed)
    }

    private func queue(_ chunk: UnsafeMutablePointer<ChunkHeader>, _ state: inout State) {
        // A closed log has given its memory back: the chunk reads as zero, and no reader comes back to it.
        guard state.waitingWhenClosed == nil else { return }
        let index = chunk.index
        state.open.removeAll { $0 == index }
        state.queued.append(index)
        if isTaken(chunk) { recycle(&state) }
    }

    private var isExhausted: Bool {
        let until = exhaustedUntil.load(ordering: .relaxed)
        return until != 0 && (until == .max || spankit_monotonic_nanoseconds() < until)
    }

    private func noteExhausted(_ state: State) {
        // Old chunks are used again as soon as they are queued, which nobody waits for.
        guard whenFull == .dropNewest else { return }
        // Below its bounds the log could not grow: the disk is full, and may have room again.
        let isRefused = state.queued.count < queueCapacity && state.made < chunkCapacity
        let until = isRefused ? spankit_monotonic_nanoseconds() &+ RegionFile.retryNanoseconds : UInt64.max
        exhaustedUntil.store(until, ordering: .relaxed)
    }

    private func isTaken(_ chunk: UnsafeMutablePointer<ChunkHeader>) -> Bool {
        chunk.consumed.pointee.load(ordering: .relaxed) == chunk.committed.pointee.load(ordering: .relaxed)
    }

    private func freeChunk(_ state: inout State) -> UInt32? {
        if state.queued.count < queueCapacity {
            if let index = state.free.popLast() { return index }
            if state.made < chunkCapacity, let chunk = region.openChunk(.log) {
                state.made += 1
                return chunk.index
            }
        }
        guard whenFull == .overwriteOldest,
            let position = state.queued.firstIndex(where: { !state.pinned.contains($0) })
        else { return nil }
        let index = state.queued.remove(at: position)
        state.overwritten += waitingCount(region.chunk(Int(index)))
        return index
    }

    func recycle(_ state: inout State) {
        var freed = 0
        state.queued.removeAll { index in
            guard !state.pinned.contains(index), isTaken(region.chunk(Int(index))) else { return false }
            state.free.append(index)
            freed += 1
            return true
        }
        if freed > 0 { exhaustedUntil.store(0, ordering: .relaxed) }
    }

    /// Calls `body` with records until it says false.
    /// - Returns: the end of the last record it accepted.
    static func forEachRecord(
        in chunk: UnsafeMutablePointer<ChunkHeader>,
        from start: UInt64,
        to end: UInt64,
        _ body: (UnsafeRawPointer, Int) -> Bool
    ) -> UInt64 {
        var offset = start
        while offset < end {
            let record = UnsafeRawPointer(chunk.content) + Int(offset)
            let bytes = record.load(as: RecordHeader.self).recordBytes
            guard bytes >= RecordHeader.bytes + SpanHeader.bytes, body(record, Int(bytes)) else { break }
            offset += UInt64(bytes)
        }
        return offset
    }
}

/// What happens to a span that finds no free chunk.
package enum SpanLogOverflow: Sendable {
    /// The new span is dropped and counted: somebody is going to read the older ones.
    case dropNewest
    /// The oldest chunk is used again: nobody reads, and the newest spans are worth more.
    case overwriteOldest
}
