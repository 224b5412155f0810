import CSpanKit
import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// Which chunk of the span log belongs to whom, and what became of the records in it.
///
/// A chunk is free, open (one thread writes it), or queued (full, waiting for the reader). Appending needs no lock; passing
/// from one chunk to the next takes one, every few hundred spans.
///
/// Bounded: queued chunks and one open one take what was configured. Every further thread has its chunk on top, so that many threads
/// which record little do not lose spans to each other; ``chunksBeyond`` of them, the rest share what there is.
final class LogChunks: Sendable {
    private struct State {
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

    private let region: Region
    private let clock: AnchoredClock
    /// Chunks that may wait for the reader before no other is opened.
    private let queueCapacity: Int
    private let chunkCapacity: Int
    private let whenFull: SpanLogOverflow
    private let state = Locked(State())
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

    // MARK: Threads that record

    /// Sets what is called, on the thread that records, whenever one begins a chunk: every few hundred spans.
    func onChunkOpened(_ body: (@Sendable () -> Void)?) {
        chunkOpened.withLock { $0 = body }
    }

    /// Queues the thread's full chunk and opens another; nil when there is none.
    func next(after full: UnsafeMutablePointer<ChunkHeader>?) -> UnsafeMutablePointer<ChunkHeader>? {
        if full == nil, isExhausted { return nil }
        let anchor = clock.anchor()
        let next = state.withLock { state -> UnsafeMutablePointer<ChunkHeader>? in
            guard state.waitingWhenClosed == nil else { return nil }
            if let full { queue(full, &state) }
            guard let index = freeChunk(&state) else {
                noteExhausted(state)
                return nil
            }
            state.sequence += 1
            chunk(index).beginUse(sequence: state.sequence, anchor: anchor)
            state.open.append(index)
            return chunk(index)
        }
        chunkOpened.withLock { $0 }?()
        return next
    }

    /// Takes the open chunk of a thread that ends.
    func close(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        state.withLock { queue(chunk, &$0) }
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
        // Old chunks are used again as soon as they are queued; no reader waits for them.
        guard whenFull == .dropNewest else { return }
        // Below its bounds the log could not grow: the disk is full, and may have room again.
        let isRefused = state.queued.count < queueCapacity && state.made < chunkCapacity
        let until = isRefused ? spankit_monotonic_nanoseconds() &+ RegionFile.retryNanoseconds : UInt64.max
        exhaustedUntil.store(until, ordering: .relaxed)
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
        state.overwritten += chunk(index).waitingCount
        return index
    }

    // MARK: The reader

    /// The chunks that hold records, oldest first. None of them is used again before ``unpin(taken:)``. For the reader.
    func pin() -> [UnsafeMutablePointer<ChunkHeader>] {
        state.withLock { state in
            // Taken once for each, because the comparison would load both from memory each time.
            let chunks = (state.queued + state.open)
                .map { (index: $0, sequence: chunk($0).sequence.pointee.load(ordering: .relaxed)) }
                .sorted { $0.sequence < $1.sequence }
            state.pinned = chunks.map(\.index)
            return state.pinned.map(chunk)
        }
    }

    /// The chunks of stretches that are still in the use in which they were read, and the ends of these, pinned. For the reader.
    func pin(_ stretches: [LogStretch]) -> [(chunk: UnsafeMutablePointer<ChunkHeader>, end: Int)] {
        state.withLock { state in
            guard state.waitingWhenClosed == nil else { return [] }
            let current = stretches.compactMap { stretch -> (UnsafeMutablePointer<ChunkHeader>, Int)? in
                guard case .chunk(let index, let sequence, let end) = stretch else { return nil }
                let chunk = chunk(index)
                return chunk.sequence.pointee.load(ordering: .relaxed) == sequence ? (chunk, Int(end)) : nil
            }
            state.pinned = current.map { $0.0.index }
            return current
        }
    }

    /// Ends what a `pin` began, and makes room where everything in a chunk was consumed.
    /// - Parameter taken: records that the reader has taken meanwhile.
    func unpin(taken: UInt64 = 0) {
        state.withLock { state in
            state.taken += taken
            state.pinned = []
            recycle(&state)
        }
    }

    private func recycle(_ state: inout State) {
        var freed = 0
        state.queued.removeAll { index in
            guard !state.pinned.contains(index), isTaken(chunk(index)) else { return false }
            state.free.append(index)
            freed += 1
            return true
        }
        if freed > 0 { exhaustedUntil.store(0, ordering: .relaxed) }
    }

    private func isTaken(_ chunk: UnsafeMutablePointer<ChunkHeader>) -> Bool {
        chunk.consumed.pointee.load(ordering: .relaxed) == chunk.committed.pointee.load(ordering: .relaxed)
    }

    /// Whether the memory of the log was given back.
    var isClosed: Bool { state.withLock { $0.waitingWhenClosed != nil } }

    /// Ends the log. Records that no reader has taken are counted as waiting for ever. For the reader.
    func close() {
        state.withLock { state in
            state.waitingWhenClosed = sum(state, \.waitingCount)
            state.free = []
            state.open = []
            state.queued = []
        }
    }

    // MARK: Counts

    /// What became of the records so far. Costs one look at the header of each chunk, whatever is in it.
    var recordCounts: RecordCounts {
        state.withLock { state in
            RecordCounts(
                waiting: (state.waitingWhenClosed ?? 0) + sum(state, \.waitingCount),
                taken: state.taken,
                overwritten: state.overwritten
            )
        }
    }

    /// How many records ``SpanLog/readNew(_:_:)`` would hand out now, unless another reader consumes them before.
    func unseenCount(after places: LogPlaces) -> UInt64 {
        state.withLock { state in
            sum(state) { chunk in
                guard let place = places[chunk] else { return chunk.waitingCount }
                let committed = chunk.recordCount.pointee.load(ordering: .relaxed)
                return committed - min(committed, place.records)
            }
        }
    }

    /// Bytes in the log that no reader has consumed.
    var waitingBytes: Int { state.withLock { Int(sum($0, \.waitingBytes)) } }

    /// Over every chunk that holds records.
    private func sum(_ state: State, _ count: (UnsafeMutablePointer<ChunkHeader>) -> UInt64) -> UInt64 {
        (state.queued + state.open).reduce(0) { $0 + count(chunk($1)) }
    }

    private func chunk(_ index: UInt32) -> UnsafeMutablePointer<ChunkHeader> { region.chunk(Int(index)) }

    // MARK: Fork

    func acquireForFork() {
        state.acquireForFork()
        chunkOpened.acquireForFork()
    }

    /// Empties the log in the child of a fork: its spans are the parent's, who sends them.
    func startEmptyAfterFork() {
        state.withLock { state in
            for index in state.queued + state.open {
                chunk(index).committed.pointee.store(0, ordering: .relaxed)
                chunk(index).consumed.pointee.store(0, ordering: .relaxed)
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
}

/// What happens to a span that finds no free chunk.
package enum SpanLogOverflow: Sendable {
    /// The new span is dropped and counted: a reader will take the older ones.
    case dropNewest
    /// The oldest chunk is used again: there is no reader, and the newest spans are worth more.
    case overwriteOldest
}
