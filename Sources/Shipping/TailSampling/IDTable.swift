import SpanKitRecording

/// Numbers by trace id, in a hash table with open addressing.
///
/// Tail sampling looks up a trace for every span. With a `Dictionary`, that takes longer than recording the span
/// (`Benchmarks`: "tail sampling"). The hash has a random seed, because other processes choose trace ids.
struct IDTable {
    private struct Cell {
        var id = TraceID.invalid
        /// The number plus one; 0 for an empty cell.
        var mark: UInt32 = 0
    }

    /// A power of two. At most half of the cells are used, so that probing ends.
    private var cells: [Cell]
    private(set) var count = 0
    private let seed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    /// - Parameter capacity: the number of ids that need no more memory.
    init(capacity: Int = 32) {
        var size = 64
        while size < 2 * capacity { size *= 2 }
        cells = Array(repeating: Cell(), count: size)
    }

    /// The number of an id; nil if it is not in the table. `nil` removes it.
    subscript(id: TraceID) -> UInt32? {
        get {
            let mark = cells[position(of: id)].mark
            return mark == 0 ? nil : mark - 1
        }
        set {
            let position = position(of: id)
            guard let newValue else { return remove(at: position) }
            if cells[position].mark == 0 { count += 1 }
            cells[position] = Cell(id: id, mark: newValue + 1)
            if 2 * count > cells.count { grow() }
        }
    }

    /// The cell of an id, or the empty cell where it would be.
    private func position(of id: TraceID) -> Int {
        var position = home(of: id)
        while cells[position].mark != 0, cells[position].id != id { position = (position &+ 1) & (cells.count &- 1) }
        return position
    }

    private func home(of id: TraceID) -> Int {
        let product = (id.low ^ seed.0).multipliedFullWidth(by: id.high ^ seed.1)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (cells.count &- 1)
    }

    /// Empties a cell, and moves later ones so that probing finds them.
    private mutating func remove(at position: Int) {
        guard cells[position].mark != 0 else { return }
        let last = cells.count &- 1
        var hole = position
        var next = (hole &+ 1) & last
        while cells[next].mark != 0 {
            if (next &- home(of: cells[next].id)) & last >= (next &- hole) & last {
                cells[hole] = cells[next]
                hole = next
            }
            next = (next &+ 1) & last
        }
        cells[hole].mark = 0
        count -= 1
    }

    private mutating func grow() {
        let old = cells
        cells = Array(repeating: Cell(), count: 2 * old.count)
        for cell in old where cell.mark != 0 { cells[position(of: cell.id)] = cell }
    }
}
