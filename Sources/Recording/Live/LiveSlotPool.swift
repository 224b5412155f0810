import Percentiles

/// The slots nobody uses. Threads keep a few of their own (``ThreadRecorder``) and come here for the rest.
///
/// Bounded by `capacity`; slots are made a chunk at a time and never given back before the recorder closes.
/// Threads: one lock, taken once for many spans.
final class LiveSlotPool: Sendable {
    /// Slots in one chunk: the first 512 bytes hold the chunk's header.
    static let slotsPerChunk = Region.chunkBytes / LiveSlot.bytes - 1

    private struct State {
        var free: [UInt32] = []
        var made = 0
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
    func releaseAfterFork() { state.releaseAfterFork() }

    /// Frees every slot that holds a span, in the child of a fork: open spans are the parent's, and handles to them old.
    func freeAllAfterFork() {
        forEachTaken { number, slot, seen in
            slot.state.pointee.store((seen >> 8 &+ 1) << 8 | LiveState.free, ordering: .relaxed)
            state.withLock { $0.free.append(number) }
        }
    }

    /// Looks at every slot that holds a span, while others may take and free them.
    func forEachOpen(_ body: (LiveSlot) -> Void) {
        forEachTaken { _, slot, seen in
            if seen & 0xFF == LiveState.open || seen & 0xFF == LiveState.busy { body(slot) }
        }
    }

    private func forEachTaken(_ body: (_ number: UInt32, _ slot: LiveSlot, _ state: UInt64) -> Void) {
        let chunkCount = Int(
            region.base.atomicUInt32(at: RegionHeader.chunkCountOffset).pointee.load(ordering: .acquiring)
        )
        for index in 1..<max(1, chunkCount) where region.chunk(index).pointee.type == ChunkType.slots.rawValue {
            for position in 1...Self.slotsPerChunk {
                let number = UInt32(index * (Region.chunkBytes / LiveSlot.bytes) + position)
                let slot = LiveSlot(region.base + Int(number) * LiveSlot.bytes)
                let seen = slot.state.pointee.load(ordering: .relaxed)
                if seen & 0xFF != LiveState.free { body(number, slot, seen) }
            }
        }
    }

    private func makeChunk(_ state: inout State) {
        guard state.made < capacity, let chunk = region.openChunk(.slots) else { return }
        let first = chunk.pointee.index * UInt32(Region.chunkBytes / LiveSlot.bytes)
        // Descending, so that the lowest address is handed out first.
        for position in stride(from: UInt32(Self.slotsPerChunk), through: 1, by: -1) {
            let index = first + position
            let slot = LiveSlot(region.base + Int(index) * LiveSlot.bytes)
            slot.state.pointee.store(firstGeneration << 8 | LiveState.free, ordering: .relaxed)
            state.free.append(index)
        }
        chunk.committed.pointee.store(UInt64(Self.slotsPerChunk), ordering: .releasing)
        state.made += Self.slotsPerChunk
    }
}
