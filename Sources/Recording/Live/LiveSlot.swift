import SpanKitPlatform
import Synchronization

/// The 512 bytes of the region that hold a span between its start and its end.
///
/// ```
/// 0    state: generation << 8 | LiveState      (atomic)
/// 8    operation                                12   next block of the payload, 0 at the last
/// 16   SpanHeader (96 bytes)
/// 112  last block of the payload, 0 for none    116  bytes used in that block
/// 120  how often an attribute was overwritten in place; never reset
/// 128  payload, 384 bytes; the rest in chained blocks
/// ```
/// A payload that outgrows the slot continues in blocks. A block is a slot of the same pool in the state `block`, and its
/// payload starts at byte 16.
///
/// Protocol: the owner of a slot is the only thread that may access the bytes after the state word. A thread becomes
/// the owner when it takes a free slot, or when it changes the state word from `open` to `busy`. It remains the owner
/// until it stores `open` with release, or `free` when the span ends. Ending a span increments the generation. A call
/// with a handle of an old generation is counted and does nothing.
///
/// Other threads may load the state word. They may also load the operation, if they load the state word before and
/// after it. The second load of the state word, after an acquire fence, shows whether the slot still holds the same
/// span. So the owner stores the operation atomically, in one word with the next block, which no other thread reads.
/// Another process copies the whole slot between two loads of the state word (`readOpenNow` in `SpanKitInputs`).
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
    ///   - number: The number of the slot within its region.
    ///   - base: The first byte of the region.
    @inline(__always)
    package init(_ number: UInt32, _ base: UnsafeMutableRawPointer) {
        address = base + Int(number) &* Self.bytes
    }

    /// The number of the slot within the region that starts at `base`.
    @inline(__always)
    func number(_ base: UnsafeMutableRawPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: (UInt(bitPattern: address) &- UInt(bitPattern: base)) / UInt(Self.bytes))
    }

    @inline(__always)
    package var state: UnsafeMutablePointer<Atomic<UInt64>> { address.atomicUInt64(at: 0) }

    @inline(__always)
    var operation: UnsafeMutablePointer<UInt32> { field(at: Self.operationOffset) }

    @inline(__always)
    var nextBlock: UnsafeMutablePointer<UInt32> { field(at: Self.nextBlockOffset) }

    @inline(__always)
    var header: UnsafeMutablePointer<SpanHeader> { field(at: Self.headerOffset) }

    @inline(__always)
    var lastBlock: UnsafeMutablePointer<UInt32> { field(at: Self.lastBlockOffset) }

    @inline(__always)
    var usedInLastBlock: UnsafeMutablePointer<UInt32> { field(at: Self.usedInLastBlockOffset) }

    @inline(__always)
    package var overwrites: UnsafeMutablePointer<UInt64> { field(at: Self.overwritesOffset) }

    @inline(__always)
    private func field<Field>(at offset: Int) -> UnsafeMutablePointer<Field> {
        (address + offset).assumingMemoryBound(to: Field.self)
    }

    /// Locks the slot if it still holds the span of `openState`; returns false if that span has ended.
    @inline(__always)
    func lock(_ openState: UInt64) -> Bool {
        tryLock(openState) || lockContended(openState)
    }

    /// Waits while another thread changes the same span. This takes nanoseconds, unless that thread was preempted.
    @inline(never)
    private func lockContended(_ openState: UInt64) -> Bool {
        var attempt = 0
        while true {
            let seen = state.pointee.load(ordering: .relaxed)
            guard LiveState.isLive(seen, openState) else { return false }
            if seen == openState, tryLock(openState) { return true }
            attempt += 1
            if attempt > 64 { sched_yield() }
        }
    }

    /// Locks the slot if it is not locked and holds the span of `openState`.
    /// - Parameter openState: The whole state word, as a handle stores it.
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

    /// Frees the slot, and invalidates every handle of its span.
    @inline(__always)
    func free(_ openState: UInt64) {
        state.pointee.store(openState &- LiveState.open &+ (1 << 8 | LiveState.free), ordering: .releasing)
    }
}

/// The low byte of a slot's state word. The other bytes are the generation.
package enum LiveState {
    static let free: UInt64 = 0
    /// The slot holds a live span.
    package static let open: UInt64 = 1
    /// The slot holds a live span that a thread is changing.
    static let busy: UInt64 = 2
    /// The slot continues the payload of another slot.
    static let block: UInt64 = 3

    /// Whether a slot in this state holds a span.
    package static func isOpen(_ state: UInt64) -> Bool {
        state & 0xFF == open || state & 0xFF == busy
    }

    /// Whether a slot in this state holds the span whose state is `openState` when it is not locked.
    static func isLive(_ state: UInt64, _ openState: UInt64) -> Bool {
        state >> 8 == openState >> 8 && state & 0xFF != free
    }
}
