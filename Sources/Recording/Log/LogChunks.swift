import CSpanKit
import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// The chunks of the span log and their owners, and counts of the records in them.
///
/// A chunk is free, open (one thread writes to it) or queued (full, waiting for the reader). Appending needs no lock; opening the
/// next chunk takes one, every few hundred spans.
///
/// The log is bounded: the queued chunks and one open chunk take the configured bytes. Every further thread adds one chunk, up to
/// ``chunksBeyond``, so that many threads with few spans do not displace each other's spans. Beyond that, threads share chunks.
final class LogChunks: Sendable {
    private struct State {
        var free: [UInt32] = []
        var open: [UInt32] = []
        var queued: [UInt32] = []
        /// Chunks that the reader is reading, which must not be overwritten.
        var pinned: [UInt32] = []
        var made = 0
        var sequence: UInt64 = 0
        var taken: UInt64 = 0
        var overwritten: UInt64 = 0
        /// The number of records that were not taken when the log was closed; nil while it is open.
        var waitingWhenClosed: UInt64?
    }

    /// The number of chunks beyond the configured bytes, one for each further thread.
    static let chunksBeyond = 256

    private let type: ChunkType
    private let region: Region
    private let clock: AnchoredClock
    /// The number of queued chunks at which no further chunk is opened.
    private let queueCapacity: Int
    private let chunkCapacity: Int
    private let whenFull: SpanLogOverflow
    private let state = Locked(State())
    /// The monotonic time in nanoseconds before which no chunk can be had, so that dropping a span does not take the lock. 0 if a
    /// chunk may be free; `.max` until one becomes free.
    private let exhaustedUntil = Atomic<UInt64>(0)
    private let chunkOpened = Locked<(@Sendable () -> Void)?>(nil)

    init(_ type: ChunkType, region: Region, clock: AnchoredClock, bytes: Int, whenFull: SpanLogOverflow) {
        self.type = type
        self.region = region
        self.clock = clock
        self.whenFull = whenFull
        let configured = max(1, bytes / Region.chunkBytes)
        queueCapacity = max(1, configured - 1)
        chunkCapacity = configured + Self.chunksBeyond
    }

    // MARK: Threads that record

    /// Sets a function that is called whenever a thread opens a chunk, on that thread.
    func onChunkOpened(_ body: (@Sendable () -> Void)?) {
        chunkOpened.withLock { $0 = body }
    }

    /// Queues the thread's full chunk and opens another; returns nil if the log is full.
    /// - Parameter begun: The bytes of a record that the thread has begun in the full chunk. They are moved to the start of the other.
    func next(
        after full: UnsafeMutablePointer<ChunkHeader>?,
        moving begun: UnsafeRawBufferPointer = .empty
    ) -> UnsafeMutablePointer<ChunkHeader>? {
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
            // The begun record is moved while the lock is held, because another thread may reuse the full chunk
            // afterwards. This thread may also get the same chunk again.
            if let start = begun.baseAddress { memmove(chunk(index).content, start, begun.count) }
            state.open.append(index)
            return chunk(index)
        }
        chunkOpened.withLock { $0 }?()
        return next
    }

    /// Queues the open chunk of a thread that ends.
    func close(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        state.withLock { queue(chunk, &$0) }
    }

    private func queue(_ chunk: UnsafeMutablePointer<ChunkHeader>, _ state: inout State) {
        // The memory of a closed log was released: the chunk reads as zero, and no reader will read it.
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
        // With `overwriteOldest`, queued chunks are reused at once, so the log is never exhausted.
        guard whenFull == .dropNewest else { return }
        // The log could not grow although it is within its bounds: the disk is full, and may have room later.
        let isRefused = state.queued.count < queueCapacity && state.made < chunkCapacity
        let until = isRefused ? spankit_monotonic_nanoseconds() &+ RegionFile.retryNanoseconds : UInt64.max
        exhaustedUntil.store(until, ordering: .relaxed)
    }

    private func freeChunk(_ state: inout State) -> UInt32? {
        if state.queued.count < queueCapacity {
            if let index = state.free.popLast() { return index }
            if state.made < chunkCapacity, let chunk = region.openChunk(type) {
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

    /// The chunks that hold records, oldest first. They are not reused before ``unpin(taken:)``. Only the reader calls it.
    func pin() -> [UnsafeMutablePointer<ChunkHeader>] {
        state.withLock { state in
            // Loaded once for each chunk, because comparisons would load them again each time.
            let chunks = (state.queued + state.open)
                .map { (index: $0, sequence: chunk($0).sequence.pointee.load(ordering: .relaxed)) }
                .sorted { $0.sequence < $1.sequence }
            state.pinned = chunks.map(\.index)
            return state.pinned.map(chunk)
        }
    }

    /// Pins the chunks of stretches that were not reused since they were read, and returns them with the ends of the stretches.
    /// Only the reader calls it.
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

    /// Ends a `pin`, and frees chunks whose records were all consumed.
    /// - Parameter taken: The number of records that the reader has taken meanwhile.
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

    /// Whether the log was closed.
    var isClosed: Bool { state.withLock { $0.waitingWhenClosed != nil } }

    /// Closes the log. Records that were not taken are counted as waiting from then on. Only the reader calls it.
    func close() {
        state.withLock { state in
            state.waitingWhenClosed = sum(state, \.waitingCount)
            state.free = []
            state.open = []
            state.queued = []
            // What is dropped from then on needs neither the lock nor an anchor.
            exhaustedUntil.store(.max, ordering: .relaxed)
        }
    }

    // MARK: Counts

    /// The numbers of committed records that wait for the reader, that it has taken (consumed or marked), and that were
    /// overwritten before. Each committed record is in exactly one of them.
    /// - Complexity: O(*n*), where *n* is the number of chunks.
    var recordCounts: (waiting: UInt64, taken: UInt64, overwritten: UInt64) {
        state.withLock { state in
            ((state.waitingWhenClosed ?? 0) + sum(state, \.waitingCount), state.taken, state.overwritten)
        }
    }

    /// The number of records that ``SpanLog/readNew(_:_:)`` would return now, unless a reader consumes them first.
    func unseenCount(after places: LogPlaces) -> UInt64 {
        state.withLock { state in
            sum(state) { chunk in
                guard let place = places[chunk] else { return chunk.waitingCount }
                let committed = chunk.recordCount.pointee.load(ordering: .relaxed)
                return committed - min(committed, place.records)
            }
        }
    }

    /// Bytes in the log that were not consumed.
    var waitingBytes: Int { state.withLock { Int(sum($0, \.waitingBytes)) } }

    /// The sum of a count over every chunk that holds records.
    private func sum(_ state: State, _ count: (UnsafeMutablePointer<ChunkHeader>) -> UInt64) -> UInt64 {
        (state.queued + state.open).reduce(0) { $0 + count(chunk($1)) }
    }

    private func chunk(_ index: UInt32) -> UnsafeMutablePointer<ChunkHeader> { region.chunk(Int(index)) }

    // MARK: Fork

    func acquireForFork() {
        state.acquireForFork()
        chunkOpened.acquireForFork()
    }

    /// Empties the log in the child of a fork, because the parent sends the spans in it.
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
            exhaustedUntil.store(state.waitingWhenClosed == nil ? 0 : .max, ordering: .relaxed)
        }
    }
}

/// What happens to a span when the log is full.
package enum SpanLogOverflow: Sendable {
    /// The new span is dropped and counted, because a reader will export the older ones.
    case dropNewest
    /// The oldest chunk is overwritten, because there is no reader.
    case overwriteOldest
}
