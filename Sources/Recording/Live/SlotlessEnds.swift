import Synchronization

/// Which spans without a slot have ended lately, so that the second end of one is seen for what it is.
///
/// A handle is a plain value that does not change when its span ends, and a span beyond the pool has no slot that would tell.
/// So each end leaves the span's id in the cell that the id's low bits choose; who finds it there comes second. A first end is
/// never taken for a second one. The other way round it happens once in ``cellCount`` for each span without a slot that ends
/// between the two.
///
/// Any thread at any time: a cell is changed by one exchange, and nothing else depends on it. The cells live as long as the
/// process, as their recorder does.
struct SlotlessEnds: @unchecked Sendable {
    /// A power of two.
    private static let cellCount = 4_096

    /// Zero bytes are cells without an id.
    private let cells = TablePages(bytes: Self.cellCount * 8).base

    /// Whether the span with this id, which is not 0, ends now for the first time.
    func isFirst(_ spanID: UInt64) -> Bool {
        let offset = Int(truncatingIfNeeded: spanID & UInt64(Self.cellCount - 1)) * 8
        return cells.atomicUInt64(at: offset).pointee.exchange(spanID, ordering: .relaxed) != spanID
    }
}
