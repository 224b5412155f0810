import Percentiles
import Synchronization

/// The ended spans, in chunks: each thread appends to a chunk of its own, readers take what is committed.
///
/// A chunk is free, open (one thread writes it), or queued (full, waiting for the reader). Appending needs no lock; passing
/// from one chunk to the next takes one, every few hundred spans.
/// Order of locks: reader, then state.
final class SpanLog: Sendable {
    private struct State {
        var free: [UInt32] = []
        var open: [UInt32] = []
        var queued: [UInt32] = []
        /// What the reader is looking at: not to be overwritten.
        var pinned: [UInt32] = []
        var made = 0
        var sequence: UInt64 = 0
        var overwritten: UInt64 = 0
    }

    private let region: Region
    private let clock: AnchoredClock
    private let chunkCapacity: Int
    private let whenFull: SpanLogOverflow
    private let state = Locked(State())
    private let reader = Locked(())
    /// Set while no chunk is free, so that dropping does not take the lock each time.
    private let isExhausted = Atomic<Bool>(false)

    init(region: Region, clock: AnchoredClock, bytes: Int, whenFull: SpanLogOverflow) {
        self.region = region
        self.clock = clock
        self.whenFull = whenFull
        chunkCapacity = max(1, bytes / Region.chunkBytes)
    }

    /// Spans that were overwritten before anybody read them.
    var overwrittenCount: UInt64 { state.withLock { $0.overwritten } }

    /// Queues the thread's full chunk and opens another; nil when there is none.
    func nextChunk(after full: UnsafeMutablePointer<ChunkHeader>?) -> UnsafeMutablePointer<ChunkHeader>? {
        if full == nil, isExhausted.load(ordering: .relaxed) { return nil }
        let anchor = clock.anchor()
        let index: UInt32? = state.withLock { state in
            if let full { Self.queue(full.pointee.index, &state) }
            guard let index = freeChunk(&state) else {
                isExhausted.store(true, ordering: .relaxed)
                return nil
            }
            state.sequence += 1
            let chunk = region.chunk(Int(index))
            chunk.pointee.consumed = 0
            chunk.pointee.recordCount = 0
            chunk.pointee.sequence = state.sequence
            chunk.pointee.anchor = anchor
            chunk.committed.pointee.store(0, ordering: .releasing)
            state.open.append(index)
            return index
        }
        return index.map { region.chunk(Int($0)) }
    }

    /// Takes the open chunk of a thread that ends.
    func close(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        state.withLock { Self.queue(chunk.pointee.index, &$0) }
    }

    /// Hands every committed record to `body`, oldest chunk first, and takes it out of the log if `consuming`.
    ///
    /// One reader at a time; writers go on. The record is valid during the call only.
    func read(consuming: Bool, _ body: (UnsafeRawPointer, ClockAnchor) -> Void) {
        reader.withLock { _ in
            let chunks = state.withLock { state in
                state.pinned = (state.queued + state.open)
                    .sorted { region.chunk(Int($0)).pointee.sequence < region.chunk(Int($1)).pointee.sequence }
                return state.pinned
            }
            for index in chunks {
                let chunk = region.chunk(Int(index))
                let end = chunk.committed.pointee.load(ordering: .acquiring)
                Self.forEachRecord(in: chunk, to: end) { body($0, chunk.pointee.anchor) }
                if consuming { chunk.pointee.consumed = end }
            }
            state.withLock { state in
                state.pinned = []
                if consuming { recycle(&state) }
            }
        }
    }

    private static func queue(_ index: UInt32, _ state: inout State) {
        state.open.removeAll { $0 == index }
        state.queued.append(index)
    }

    private func freeChunk(_ state: inout State) -> UInt32? {
        if let index = state.free.popLast() { return index }
        if state.made < chunkCapacity, let chunk = region.openChunk(.log) {
            state.made += 1
            return chunk.pointee.index
        }
        guard whenFull == .overwriteOldest,
            let position = state.queued.firstIndex(where: { !state.pinned.contains($0) })
        else { return nil }
        let index = state.queued.remove(at: position)
        let chunk = region.chunk(Int(index))
        if chunk.pointee.consumed == 0 {
            state.overwritten += chunk.pointee.recordCount
        } else {
            Self.forEachRecord(in: chunk, to: chunk.committed.pointee.load(ordering: .relaxed)) { _ in
                state.overwritten += 1
            }
        }
        return index
    }

    private func recycle(_ state: inout State) {
        let taken = state.queued.filter { index in
            let chunk = region.chunk(Int(index))
            return chunk.pointee.consumed == chunk.committed.pointee.load(ordering: .relaxed)
        }
        guard !taken.isEmpty else { return }
        state.queued.removeAll { taken.contains($0) }
        state.free.append(contentsOf: taken)
        isExhausted.store(false, ordering: .relaxed)
    }

    private static func forEachRecord(
        in chunk: UnsafeMutablePointer<ChunkHeader>,
        to end: UInt64,
        _ body: (UnsafeRawPointer) -> Void
    ) {
        var offset = chunk.pointee.consumed
        while offset < end {
            let record = UnsafeRawPointer(chunk.content) + Int(offset)
            let bytes = record.load(as: RecordHeader.self).recordBytes
            guard bytes >= RecordHeader.bytes else { return }
            body(record)
            offset += UInt64(bytes)
        }
    }
}

/// What happens to a span that finds no free chunk.
package enum SpanLogOverflow: Sendable {
    /// The new span is dropped and counted: somebody is going to read the older ones.
    case dropNewest
    /// The oldest chunk is used again: nobody reads, and the newest spans are worth more.
    case overwriteOldest
}
