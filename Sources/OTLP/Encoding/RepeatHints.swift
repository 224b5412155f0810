/// A position in a body whose bytes probably occurred before, at the last hint with the same slot.
///
/// A hint is only a suggestion for a compressor, which compares the bytes. A wrong hint makes a body larger, never wrong.
package struct RepeatHint: BitwiseCopyable {
    /// The offset in the body.
    package let position: UInt32
    /// What begins there: see ``RepeatHints/Slot``.
    package let slot: UInt32

    package init(position: Int, slot: Int) {
        self.position = UInt32(truncatingIfNeeded: position)
        self.slot = UInt32(truncatingIfNeeded: slot)
    }
}

/// The positions where an encoder wrote something that occurs often: a fragment, a name, a key, an id.
///
/// The encoder knows them anyway. With them, a compressor finds repeated bytes without searching (`TemplateCompressor`).
///
/// Invariant: `start ≤ end ≤ limit`, and the hints are in the order of their positions. Only one thread at a time may use it.
struct RepeatHints: ~Copyable {
    /// The numbers of slots.
    ///
    /// The first ones are for the fragments of the encoder, then there are those of values, then four for each text of a string table.
    enum Slot {
        static let span = 0
        static let spanID = 1
        static let parentSpanID = 2
        static let startTime = 3
        static let endTime = 4
        static let flags = 5
        static let heapBytes = 6
        static let status = 7
        static let events = 8
        static let event = 9
        static let eventName = 10
        static let links = 11
        static let link = 12
        static let traceState = 13
        static let otherKey = 14

        /// Values, by a hash of their first bytes.
        static let values = 16
        static let valueBits = 12
        static let texts = values + 1 << valueBits
    }

    /// What begins at a text that has a number in the string table.
    enum TextPart: Int {
        case name, afterTimes, key, afterValue
    }

    private var start: UnsafeMutablePointer<RepeatHint>
    private var end: UnsafeMutablePointer<RepeatHint>
    private var limit: UnsafeMutablePointer<RepeatHint>

    init(capacity: Int = 1_024) {
        start = .allocate(capacity: capacity)
        end = start
        limit = start + capacity
    }

    deinit { start.deallocate() }

    /// The hints; valid until the next change.
    var all: UnsafeBufferPointer<RepeatHint> { UnsafeBufferPointer(start: start, count: end - start) }

    /// Notes that the bytes of a slot begin at a position.
    @inline(__always)
    mutating func add(_ slot: Int, at position: Int) {
        if end == limit { grow() }
        end.initialize(to: RepeatHint(position: position, slot: slot))
        end += 1
    }

    /// Notes that a value begins at a position.
    /// - Parameter bytes: the first eight bytes of the value, or any number that is the same for the same value.
    @inline(__always)
    mutating func add(value bytes: UInt64, at position: Int) {
        // Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
        let hash = (bytes &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - Slot.valueBits)
        add(Slot.values &+ Int(truncatingIfNeeded: hash), at: position)
    }

    /// Notes that a part begins that belongs to a text.
    @inline(__always)
    mutating func add(_ part: TextPart, of number: UInt32, at position: Int) {
        // Numbers that no string table has, from a damaged file, share slots.
        let number = Int(min(number, FragmentCache.largestNumber))
        add(Slot.texts &+ 4 &* number &+ part.rawValue, at: position)
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
