import Synchronization

/// A hash table from the bytes of a text to its number, which is read without a lock.
///
/// Invariants: the cells live as long as the process. A cell changes once, from 0 to a number, with release, after the text for the
/// number was written. So a thread that loads the number with acquire sees the text. Half of the cells remain empty, so probing
/// ends.
struct DynamicTextCells: @unchecked Sendable {
    /// A power of two.
    private static let cellCount = 32_768
    /// The maximum number of texts.
    static let capacity = cellCount / 2

    let pages = TablePages(bytes: Self.cellCount * 4)
    private let cells: UnsafeMutablePointer<Atomic<UInt32>>
    /// Random, so that input cannot be chosen to make texts collide.
    private let seed = UInt64.random(in: .min ... .max)

    init() {
        // Zero bytes are empty cells.
        cells = pages.base.bindMemory(to: Atomic<UInt32>.self, capacity: Self.cellCount)
    }

    /// The number of a text; 0 if it has none.
    /// - Parameter bytes: Returns the text for a number.
    @inline(__always)
    func number(of text: UnsafeRawBufferPointer, _ bytes: (UInt32) -> UnsafeRawBufferPointer) -> UInt32 {
        var position = position(of: text)
        while true {
            let number = cells[position].load(ordering: .acquiring)
            if number == 0 || bytes(number).hasSameBytes(as: text) { return number }
            position = (position &+ 1) & (Self.cellCount &- 1)
        }
    }

    /// Adds a text that is not in the table. Call it from one thread at a time, at most ``capacity`` times.
    func insert(_ text: UnsafeRawBufferPointer, _ number: UInt32) {
        var position = position(of: text)
        while cells[position].load(ordering: .relaxed) != 0 { position = (position &+ 1) & (Self.cellCount &- 1) }
        cells[position].store(number, ordering: .releasing)
    }

    /// The first cell to probe: a hash by folded multiplication of eight bytes at a time, as in wyhash.
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
