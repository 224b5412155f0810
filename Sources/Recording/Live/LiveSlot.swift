import SpanKitPlatform
import Synchronization

/// Where a span lives between start and end: 512 bytes of the region.
///
/// ```
/// 0    state: generation << 8 | LiveState      (atomic)
/// 8    operation                                12   next block of the payload, 0 at the last
/// 16   SpanHeader (96 bytes)
/// 112  last block of the payload, 0: none       116  bytes used in that block
/// 120  how often an attribute was overwritten in place; never cleared
/// 128  payload, 384 bytes; more of it in chained blocks
/// ```
/// A payload that outgrows the slot goes on in blocks: slots of the same pool whose bytes 0–11 mark them as such and whose
/// payload starts at byte 16.
///
/// Protocol: the thread that takes a free slot, and later the thread that changes the state word from `open` to `busy`, owns all
/// other bytes until it stores `open` again (or `free`, at the end) with release. Ending a span adds one to the generation, so that
/// a handle with the old one can do nothing: it is seen and counted, never followed.
///
/// Threads that own nothing may load the state word, and between two loads of it the operation: the second load, behind an acquire
/// fence, tells whether the slot still holds the same span. So the owner stores the operation atomically, as one word with the next
/// block, which no other thread reads. Another process copies the whole slot between the two loads (``RegionReader/readOpenNow(_:)``).
package struct LiveSlot {
    package static let bytes = 512
    static let operationOffset = 8
    static let nextBlockOffset = 12
    package static let headerOffset = 16
    static let lastBlockOffset = 112
    static let usedInLastBlockOffset = 116
    static let overwritesOffset = 120
    package static let payloadOffset = 128
    static let blockPayloadOffset = 16

    package let address: UnsafeMutableRawPointer

    @inline(__always)
    init(_ address: UnsafeMutableRawPointer) {
        self.address = address
    }

    /// - Parameters:
    ///   - number: of the slot within its region.
    ///   - base: the first byte of the region.
    @inline(__always)
    package init(_ number: UInt32, _ base: UnsafeMutableRawPointer) {
        address = base + Int(number) &* Self.bytes
    }

    @inline(__always)
    package var state: UnsafeMutablePointer<Atomic<UInt64>> { address.atomicUInt64(at: 0) }

    @inline(__always)
    var operation: UnsafeMutablePointer<UInt32> {
        (address + Self.operationOffset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    var nextBlock: UnsafeMutablePointer<UInt32> {
        (address + Self.nextBlockOffset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    var header: UnsafeMutablePointer<SpanHeader> {
        (address + Self.headerOffset).assumingMemoryBound(to: SpanHeader.self)
    }

    @inline(__always)
    var lastBlock: UnsafeMutablePointer<UInt32> {
        (address + Self.lastBlockOffset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    package var overwrites: UnsafeMutablePointer<UInt64> {
        (address + Self.overwritesOffset).assumingMemoryBound(to: UInt64.self)
    }

    @inline(__always)
    var usedInLastBlock: UnsafeMutablePointer<UInt32> {
        (address + Self.usedInLastBlockOffset).assumingMemoryBound(to: UInt32.self)
    }

    /// Takes the slot for this caller alone if it still holds the span of `openState`; false for a span that has ended.
    @inline(__always)
    func lock(_ openState: UInt64) -> Bool {
        tryLock(openState) || lockContended(openState)
    }

    /// Another task is setting an attribute of the same span right now: that takes nanoseconds, unless it was preempted.
    @inline(never)
    private func lockContended(_ openState: UInt64) -> Bool {
        var attempt = 0
        while true {
            let seen = state.pointee.load(ordering: .relaxed)
            guard LiveState.isLive(seen, openState) else { return false }
            if seen == openState, tryLock(openState) { return true }
            attempt += 1
            // The thread that holds the lock was preempted.
            if attempt > 64 { sched_yield() }
        }
    }

    /// Takes the slot if nobody holds it and it holds the span of `openState`: the whole state word, as a
    /// handle knows it, so that nothing has to be put together.
    @inline(__always)
    func tryLock(_ openState: UInt64) -> Bool {
        state.pointee.compareExchange(
            expected: openState,
            desired: openState &- LiveState.open &+ LiveState.busy,
            ordering: .acquiring
        ).exchanged
    }

    @inline(__always)
    func unlock(_ openState: UInt64) {
        state.pointee.store(openState, ordering: .releasing)
    }

    /// Makes the slot nobody's, and every handle of its span an old one.
    @inline(__always)
    func free(_ openState: UInt64) {
        state.pointee.store(openState &- LiveState.open &+ (1 << 8 | LiveState.free), ordering: .releasing)
    }
}

/// The low byte of a slot's state word; above it the generation.
package enum LiveState {
    /// Nobody's.
    static let free: UInt64 = 0
    /// Holds a live span.
    package static let open: UInt64 = 1
    /// Holds a live span that somebody is changing.
    static let busy: UInt64 = 2
    /// Continues the payload of another slot.
    static let block: UInt64 = 3

    /// Whether a slot in this state holds a span.
    package static func isOpen(_ state: UInt64) -> Bool {
        state & 0xFF == open || state & 0xFF == busy
    }

    /// Whether a slot in this state holds the span that has `openState` while nobody is changing it.
    static func isLive(_ state: UInt64, _ openState: UInt64) -> Bool {
        state >> 8 == openState >> 8 && state & 0xFF != free
    }
}
