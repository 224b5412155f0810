/// A position in a body at which the bytes probably repeat those at the previous hint with the same slot.
///
/// A hint is only a suggestion for a compressor, which compares the bytes. A wrong hint makes a body larger, never wrong.
package struct RepeatHint: BitwiseCopyable {
    /// The offset in the body.
    package let position: UInt32
    /// What begins there, below ``slotCount``: see ``RepeatHints/Slot``.
    package let slot: UInt32

    /// The number of slots, a power of two.
    package static var slotCount: Int { 4_096 }

    package init(position: Int, slot: Int) {
        self.position = UInt32(truncatingIfNeeded: position)
        self.slot = UInt32(truncatingIfNeeded: slot)
    }
}

/// The positions in a body that directly follow bytes that differ from span to span. The bytes that begin there
/// probably occurred before.
///
/// The encoder knows these positions without a search. With them, a compressor finds repeated bytes without searching
/// (`TemplateCompressor`). A match continues as long as the bytes are the same, so that one hint is enough for several
/// fragments.
///
/// Invariant: `start ≤ end ≤ limit`, and the hints are in the order of their positions. Only one thread at a time may use it.
struct RepeatHints: ~Copyable {
    /// The numbers of slots. Those from ``hashed`` on belong to values, names and neighbours, by a hash.
    enum Slot {
        static let spanID = 0
        static let parentSpanID = 1
        static let startTime = 2
        static let endTime = 3
        static let flags = 4
        static let heapBytes = 5
        static let status = 6
        static let events = 7
        static let event = 8
        static let eventName = 9
        static let links = 10
        static let link = 11
        static let traceState = 12
        static let otherKey = 13

        static let hashed = 16
    }

    private var start: UnsafeMutablePointer<RepeatHint>
    private var end: UnsafeMutablePointer<RepeatHint>
    private var limit: UnsafeMutablePointer<RepeatHint>
    /// The distance between two hints: 1, or 0 if no hints are wanted. With 0, each hint overwrites the previous one.
    private let step: Int

    init(areWanted: Bool, capacity: Int = 1_024) {
        start = .allocate(capacity: capacity)
        end = start
        limit = start + capacity
        step = areWanted ? 1 : 0
    }

    deinit { start.deallocate() }

    /// The hints; valid until the next change.
    var all: UnsafeBufferPointer<RepeatHint> { UnsafeBufferPointer(start: start, count: end - start) }

    /// Notes that the bytes of a slot begin at a position.
    @inline(__always)
    mutating func add(_ slot: Int, at position: Int) {
        if end == limit { grow() }
        end.initialize(to: RepeatHint(position: position, slot: slot))
        end += step
    }

    /// Notes that a value begins at a position.
    /// - Parameter bytes: the first eight bytes of the value, or any number that is the same for the same value.
    @inline(__always)
    mutating func add(value bytes: UInt64, at position: Int) {
        // Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
        let hash = (bytes &* 0x9E37_79B9_7F4A_7C15) &>> 52
        add(max(Slot.hashed, Int(truncatingIfNeeded: hash)), at: position)
    }

    /// Notes that a text begins at a position, if it is long enough to be worth it.
    @inline(__always)
    mutating func add(text: UnsafeRawBufferPointer, at position: Int) {
        guard text.count >= 8 else { return }
        add(value: text.loadUnaligned(as: UInt64.self) &+ UInt64(text.count), at: position)
    }

    /// Notes the position at which the bytes between two texts of the string table begin. An example is the end of an
    /// attribute with one key and the start of the next attribute with another key. The number 0 means that there is no
    /// text.
    @inline(__always)
    mutating func add(after text: UInt32, before next: UInt32, at position: Int) {
        add(value: UInt64(text) &<< 32 | UInt64(next), at: position)
    }

    /// Adds the hints of bytes that were written elsewhere and are copied to a position of the body.
    mutating func add(_ others: borrowing RepeatHints, offset: Int) {
        for hint in others.all { add(Int(hint.slot), at: Int(hint.position) + offset) }
    }

    /// Removes the hints of bytes that were removed from the body.
    mutating func truncate(to position: Int) {
        while end > start, (end - 1).pointee.position >= position { end -= 1 }
    }

    mutating func removeAll() { end = start }

    /// Frees the memory that one large body needed.
    mutating func shrink(to capacity: Int) {
        if limit - start > capacity, end - start <= capacity { move(toCapacity: capacity) }
    }

    @inline(never)
    private mutating func grow() { move(toCapacity: 2 * (limit - start)) }

    private mutating func move(toCapacity capacity: Int) {
        let count = end - start
        let moved = UnsafeMutablePointer<RepeatHint>.allocate(capacity: capacity)
        moved.moveInitialize(from: start, count: count)
        start.deallocate()
        start = moved
        end = moved + count
        limit = moved + capacity
    }
}
