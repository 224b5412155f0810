import SpanKitPlatform
import Synchronization

/// The free slots of a recorder, except those that threads keep (``ThreadRecorder``).
///
/// It creates slots one chunk at a time, up to `capacity`, and keeps them until the recorder closes. Its lock is taken once for many
/// spans.
package final class LiveSlotPool: Sendable {
    /// Slots in one chunk: the first 512 bytes hold the chunk's header.
    static let slotsPerChunk = Region.chunkBytes / LiveSlot.bytes - 1

    /// The numbers of a chunk's slots within the region.
    package static func slots(ofChunk index: UInt32) -> ClosedRange<UInt32> {
        let first = index * UInt32(Region.chunkBytes / LiveSlot.bytes)
        return first + 1...first + UInt32(slotsPerChunk)
    }

    private struct State {
        var free: [UInt32] = []
        var made = 0
        /// The number of open spans when the pool was closed; nil before.
        var openWhenClosed: UInt64?
    }

    private let region: Region
    private let capacity: Int
    private let firstGeneration: UInt64
    private let state = Locked(State())

    /// - Parameter firstGeneration: The first generation of new slots, which is different for each recorder.
    init(region: Region, capacity: Int, firstGeneration: UInt64) {
        self.region = region
        self.capacity = capacity
        self.firstGeneration = firstGeneration
    }

    /// Moves up to `count` slots into `destination`, and returns their number.
    func take(_ count: Int, into destination: UnsafeMutablePointer<UInt32>) -> Int {
        state.withLock { state in
            if state.free.isEmpty { makeChunk(&state) }
            let taken = min(count, state.free.count)
            for position in 0..<taken { destination[position] = state.free.removeLast() }
            return taken
        }
    }

    /// Returns slots to the pool.
    func give(_ slots: UnsafeBufferPointer<UInt32>) {
        state.withLock { $0.free.append(contentsOf: slots) }
    }

    func acquireForFork() { state.acquireForFork() }

    /// The number of spans that have a slot; after the recorder was closed, the number at that time.
    var openCount: UInt64 {
        if let closed = state.withLock({ $0.openWhenClosed }) { return closed }
        var count: UInt64 = 0
        forEachOpenSlot { _, _ in count += 1 }
        return count
    }

    /// Stores the number of open spans. Call it before the memory of the slots is released.
    func close() {
        let count = openCount
        state.withLock { $0.openWhenClosed = count }
    }

    /// Returns every slot to the pool, in the child of a fork: no slot is in use (`ForkHandlers.c`), and the threads that kept some do
    /// not exist.
    func startEmptyAfterFork() {
        state.withLock { state in
            state.free = []
            forEachChunk { index in addSlots(ofChunk: index, &state) }
            if state.openWhenClosed != nil { state.openWhenClosed = 0 }
        }
    }

    /// Calls `body` with the operation of every span that has a slot, while other threads take and free slots.
    ///
    /// It loads the state word before and after the operation, to check that the slot still holds the same span.
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
        // The slots are added in descending order, so that the one with the lowest address is handed out first.
        state.free.append(contentsOf: Self.slots(ofChunk: index).reversed())
    }
}
