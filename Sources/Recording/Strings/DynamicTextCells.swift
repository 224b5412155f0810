import Synchronization

/// From the bytes of a text to its number: a hash table that is read without a lock.
///
/// Invariants as in ``StaticTextCells``: the cells live as long as the process; a cell goes from 0 to a number once, with
/// release, after the text behind the number was written, so that whoever sees the number (acquire) sees the text; half of
/// the cells stay empty, so that probing ends.
struct DynamicTextCells: @unchecked Sendable {
    /// A power of two.
    private static let cellCount = 32_768
    /// How many texts it takes at most.
    static let capacity = cellCount / 2

    let pages = TablePages(bytes: Self.cellCount * 4)
    private let cells: UnsafeMutablePointer<Atomic<UInt32>>
    /// Of the process, so that nobody can choose texts that fall into one place.
    private let seed = UInt64.random(in: .min ... .max)

    init() {
        // Zero bytes are empty cells.
        cells = pages.base.bindMemory(to: Atomic<UInt32>.self, capacity: Self.cellCount)
    }

    /// The number of a text, 0 where it has none. One probe as a rule.
    /// - Parameter bytes: what stands behind a number.
    @inline(__always)
    func number(of text: UnsafeRawBufferPointer, _ bytes: (UInt32) -> UnsafeRawBufferPointer) -> UInt32 {
        var position = position(of: text)
        while true {
            let number = cells[position].load(ordering: .acquiring)
            if number == 0 || bytes(number).hasSameBytes(as: text) { return number }
            position = (position &+ 1) & (Self.cellCount &- 1)
        }
    }

    /// Adds a text that is not there. One thread at a time, at most ``capacity`` times.
    func insert(_ text: UnsafeRawBufferPointer, _ number: UInt32) {
        var position = position(of: text)
        while cells[position].load(ordering: .relaxed) != 0 { position = (position &+ 1) & (Self.cellCount &- 1) }
        cells[position].store(number, ordering: .releasing)
    }

    /// Eight bytes a step: folded multiplication, as wyhash has it.
    @inline(__always)
    private func position(of text: UnsafeRawBufferPointer) -> Int {
        var hash = seed ^ UInt64(truncatingIfNeeded: text.count)
        var offset = 0
        while offset &+ 8 <= text.count {
            hash = Self.fold(hash ^ text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < text.count {
            rest = rest << 8 | UInt64(text[offset])
            offset &+= 1
        }
        return Int(truncatingIfNeeded: Self.fold(hash ^ rest) & UInt64(Self.cellCount &- 1))
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    fileprivate func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset &+ 8 <= count {
            let own = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard own == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset &+= 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset &+= 1
        }
        return true
    }
}
