import SpanKitPlatform
import Synchronization

/// The last value of a gauge. Owns a cell, of which it uses one stripe.
final class LastValueCell: @unchecked Sendable {
    private let memory: CellMemory
    let address: UnsafeMutableRawPointer
    /// The bits of a NaN that no gauge can have as its value. The cell contains the exclusive or of these bits and those of the value, so that
    /// zero means that there is no value.
    private static let mark: UInt64 = 0x7FF8_0000_0000_0001

    /// - Returns: nil if the system has no memory.
    init?(_ memory: CellMemory) {
        guard let address = memory.take() else { return nil }
        self.memory = memory
        self.address = address
    }

    deinit { memory.give(address) }

    private var cell: UnsafeMutablePointer<Atomic<UInt64>> { address.atomic }

    /// The last value; nil before the first one.
    var value: Double? { Self.value(of: cell.pointee.load(ordering: .relaxed)) }

    /// The value of the bits in a cell.
    static func value(of bits: UInt64) -> Double? { bits == 0 ? nil : Double(bitPattern: bits ^ mark) }

    func set(_ value: Double) {
        cell.pointee.store(value.bitPattern ^ Self.mark, ordering: .relaxed)
    }

    /// Adds to the last value. Before the first value, adds to 0.
    func add(_ value: Double) {
        var seen = cell.pointee.load(ordering: .relaxed)
        while true {
            let last = seen == 0 ? 0 : Double(bitPattern: seen ^ Self.mark)
            let sum = (last + value).limitedToFinite
            let result = cell.pointee.compareExchange(
                expected: seen,
                desired: sum.bitPattern ^ Self.mark,
                ordering: .relaxed
            )
            if result.exchanged { return }
            seen = result.original
        }
    }

    func clear() { cell.pointee.store(0, ordering: .relaxed) }
}
