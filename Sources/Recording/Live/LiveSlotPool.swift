import SpanKitPlatform
import Synchronization

/// The slots nobody uses. Threads keep a few of their own (``ThreadRecorder``) and come here for the rest.
///
/// Bounded by `capacity`; slots are made a chunk at a time and never given back before the recorder closes.
/// Threads: one lock, taken once for many spans.
package final class LiveSlotPool: Sendable {
    /// Slots in one chunk: the first 512 bytes hold the chunk's header.
    static let slotsPerChunk = Region.chunkBytes / LiveSlot.bytes - 1

    /// The numbers, within the region, of a chunk's slots.
    package static func slots(ofChunk index: UInt32) -> ClosedRange<UInt32> {
        let first = index * UInt32(Region.chunkBytes / LiveSlot.bytes)
        return first + 1...first + UInt32(slotsPerChunk)
    }

    private struct State {
        var free: [UInt32] = []
        var made = 0
        /// Of a pool that was closed.
        var openWhenClosed: UInt64?
    }

    private let region: Region
    private let capacity: Int
    private let firstGeneration: UInt64
    private let state = Locked(State())

    /// - Parameter firstGeneration: what the generations of new slots start at; distinct for each recorder.
    init(region: Region, capacity: Int, firstGeneration: UInt64) {
        self.region = region
        self.capacity = capacity
        self.firstGeneration = firstGeneration
    }

    /// Moves up to `count` slots into `destination`; returns how many there were.
    func take(_ count: Int, into destination: UnsafeMutablePointer<UInt32>) -> Int {
        state.withLock { state in
            if state.free.isEmpty { makeChunk(&state) }
            let taken = min(count, state.free.count)
            for position in 0..<taken { destination[position] = state.free.removeLast() }
            return taken
        }
    }

    /// Takes slots back.
    func give(_ slots: UnsafeBufferPointer<UInt32>) {
        state.withLock { $0.free.append(contentsOf: slots) }
    }

    func acquireForFork() { state.acquireForFork() }

    /// Spans that have a slot now; those that had one when the recorder was closed, since then.
    var openCount: UInt64 {
        if let closed = state.withLock({ $0.openWhenClosed }) { return closed }
        var count: UInt64 = 0
        forEachOpenSlot { _, _ in count += 1 }
        return count
    }

    /// To be called before the memory of the slots is given back.
    func close() {
        let count = openCount
        state.withLock { $0.openWhenClosed = count }
    }

    /// Makes every slot one of the pool again, in the child of a fork: none is in use (`ForkHandlers.c`), and the threads that kept a few
    /// are the parent's.
    func startEmptyAfterFork() {
        state.withLock { state in
            state.free = []
            forEachChunk { index in addSlots(ofChunk: index, &state) }
            if state.openWhenClosed != nil { state.openWhenClosed = 0 }
        }
    }

    /// Hands out the operation of every span that has a slot, while other threads take and free slots.
    ///
    /// The state word is loaded before and after: when the span in the slot is still the same, the operation between was its own.
    func forEachOpen(_ body: (_ operation: UInt32) -> Void) {
        forEachOpenSlot { slot, seen in
            let operation = slot.address.atomicUInt32(at: LiveSlot.operationOffset).pointee.load(ordering: .relaxed)
            atomicMemoryFence(ordering: .acquiring)
            let after = slot.state.pointee.load(ordering: .relaxed)
            if after >> 8 == seen >> 8, LiveState.isOpen(after) { body(operation) }
        }
    }

    private func forEachOpenSlot(_ body: (LiveSlot, _ state: UInt64) -> Void) {
        forEachChunk { index in
            for number in Self.slots(ofChunk: index) {
                let slot = LiveSlot(number, region.base)
                let seen = slot.state.pointee.load(ordering: .acquiring)
                if LiveState.isOpen(seen) { body(slot, seen) }
            }
        }
    }

    /// Calls `body` with the index of every chunk that holds slots.
    private func forEachChunk(_ body: (UInt32) -> Void) {
        let chunkCount = Int(
            region.base.atomicUInt32(at: RegionHeader.chunkCountOffset).pointee.load(ordering: .acquiring)
        )
        for index in 1..<max(1, chunkCount) where region.chunk(index).type == ChunkType.slots.rawValue {
            body(UInt32(index))
        }
    }

    private func makeChunk(_ state: inout State) {
        guard state.made < capacity, let chunk = region.openChunk(.slots) else { return }
        for number in Self.slots(ofChunk: chunk.index) {
            LiveSlot(number, region.base).state.pointee.store(firstGeneration << 8 | LiveState.free, ordering: .relaxed)
        }
        addSlots(ofChunk: chunk.index, &state)
        chunk.committed.pointee.store(UInt64(Self.slotsPerChunk), ordering: .releasing)
        state.made += Self.slotsPerChunk
    }

    private func addSlots(ofChunk index: UInt32, _ state: inout State) {
        // Descending, so that the lowest address is handed out first.
        state.free.append(contentsOf: Self.slots(ofChunk: index).reversed())
    }
}
