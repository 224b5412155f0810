import Synchronization

/// A hash table from the address of a text known at compile time to its number, which is read without a lock.
///
/// Invariants: the cells live as long as the process, because a recorder is never freed. A cell is filled once, and its address is
/// stored last, with release. So a thread that loads the address with acquire sees the rest. Half of the cells remain empty, so
/// probing ends.
struct StaticTextCells: @unchecked Sendable {
    private struct Cell {
        var address: UInt
        var length: UInt32
        var number: UInt32
    }

    let pages = TablePages(bytes: Self.cellCount * Self.cellBytes)
    private let cells: UnsafeMutablePointer<Cell>
    /// A power of two.
    private static let cellCount = 32_768
    private static let cellBytes = 16
    private static let lastOffset = (cellCount - 1) * cellBytes
    /// The maximum number of texts.
    static let capacity = cellCount / 2

    init() {
        // Zero bytes are empty cells.
        cells = pages.base.bindMemory(to: Cell.self, capacity: Self.cellCount)
    }

    /// The number of a text; nil if it is not in the table.
    @inline(__always)
    func number(of text: StaticString) -> UInt32? {
        guard text.hasPointerRepresentation else { return nil }
        let address = UInt(bitPattern: text.utf8Start)
        let length = UInt32(truncatingIfNeeded: text.utf8CodeUnitCount)
        var offset = Self.offset(of: address)
        while true {
            let cell = (UnsafeMutableRawPointer(cells) + offset).assumingMemoryBound(to: Cell.self)
            let seen = UnsafeMutableRawPointer(cell).atomicUInt64(at: 0).pointee.load(ordering: .acquiring)
            if UInt(seen) == address, cell.pointee.length == length { return cell.pointee.number }
            if seen == 0 { return nil }
            offset = Self.next(offset)
        }
    }

    /// Adds a text with its number, unless it is in the table. Call it from one thread at a time.
    /// - Returns: Whether the text was added.
    func insert(_ text: StaticString, _ number: UInt32) -> Bool {
        let address = UInt(bitPattern: text.utf8Start)
        let length = UInt32(truncatingIfNeeded: text.utf8CodeUnitCount)
        var offset = Self.offset(of: address)
        while cells[offset / Self.cellBytes].address != 0 {
            let cell = cells[offset / Self.cellBytes]
            if cell.address == address, cell.length == length { return false }
            offset = Self.next(offset)
        }
        let position = offset / Self.cellBytes
        cells[position].length = length
        cells[position].number = number
        UnsafeMutableRawPointer(cells + position).atomicUInt64(at: 0).pointee
            .store(UInt64(address), ordering: .releasing)
        return true
    }

    /// The offset of the first cell to probe, in bytes to avoid a multiplication by the size of a cell.
    @inline(__always)
    private static func offset(of address: UInt) -> Int {
        Int(truncatingIfNeeded: (UInt64(address) &* 0x9E37_79B9_7F4A_7C15) >> 36) & lastOffset
    }

    @inline(__always)
    private static func next(_ offset: Int) -> Int { (offset &+ cellBytes) & lastOffset }
}
