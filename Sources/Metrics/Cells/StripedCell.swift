import CSpanKit
import SpanKitPlatform
import Synchronization

/// A number that several threads can change at the same time. It is the sum of a cell's parts in all stripes. Owns the cell.
final class StripedCell: @unchecked Sendable {
    let memory: CellMemory
    /// The cell of stripe 0.
    let address: UnsafeMutableRawPointer

    /// - Returns: nil if the system has no memory.
    init?(_ memory: CellMemory) {
        guard let address = memory.take() else { return nil }
        self.memory = memory
        self.address = address
    }

    deinit { memory.give(address) }

    private func stripe(_ number: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (address + number * CellMemory.stripeBytes).atomic
    }

    /// The calling thread's part of the number.
    private var own: UnsafeMutablePointer<Atomic<UInt64>> {
        (address + Int(spankit_thread_stripe() & memory.stripeMask)).atomic
    }

    // MARK: Whole numbers

    /// Amounts up to this magnitude are added with one atomic addition. If the magnitude of the result is above ``safeSum``, the caller then
    /// calls ``correct(_:after:)``.
    static let quickAmount: Int64 = 1 << 40
    /// Sums up to this magnitude cannot have exceeded the range of `Int64`.
    static let safeSum: Int64 = 1 << 62

    /// Adds a number to the calling thread's part. The part stops at the smallest and at the largest `Int64`.
    /// - Returns: the new value of the calling thread's part.
    @discardableResult
    func add(_ value: Int64) -> Int64 {
        let cell = own
        var seen = cell.pointee.load(ordering: .relaxed)
        while true {
            let sum = Int64(bitPattern: seen).addingSaturating(value)
            let result = cell.pointee.compareExchange(
                expected: seen,
                desired: UInt64(bitPattern: sum),
                ordering: .relaxed
            )
            if result.exchanged { return sum }
            seen = result.original
        }
    }

    /// Corrects the calling thread's part if an atomic addition has exceeded the range of `Int64`.
    /// - Parameters:
    ///   - sum: the part after the addition.
    ///   - value: the amount that was added, at most ``quickAmount``.
    func correct(_ sum: Int64, after value: Int64) {
        let before = sum &- value
        let limited = before.addingSaturating(value)
        guard limited != sum else { return }
        let cell = own
        var seen = cell.pointee.load(ordering: .relaxed)
        // Other threads may have added since then. As long as the sign is wrong, the sum is beyond the end.
        while Int64(bitPattern: seen).signum() == sum.signum() {
            let result = cell.pointee.compareExchange(
                expected: seen,
                desired: UInt64(bitPattern: limited),
                ordering: .relaxed
            )
            if result.exchanged { return }
            seen = result.original
        }
    }

    /// The sum of all parts, limited to the range of `Int64`.
    var integer: Int64 {
        var sum: Int128 = 0
        for number in 0..<memory.stripes {
            sum += Int128(Int64(bitPattern: stripe(number).pointee.load(ordering: .relaxed)))
        }
        return Int64(clamping: sum)
    }

    // MARK: Floating-point numbers

    /// Adds a finite number to the calling thread's part. The part stops at the largest finite number of either sign.
    /// - Returns: the new value of the calling thread's part.
    @discardableResult
    func add(_ value: Double) -> Double {
        let cell = own
        var seen = cell.pointee.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + value).limitedToFinite
            let result = cell.pointee.compareExchange(expected: seen, desired: sum.bitPattern, ordering: .relaxed)
            if result.exchanged { return sum }
            seen = result.original
        }
    }

    /// The sum of all parts, limited to finite numbers.
    var number: Double {
        (0..<memory.stripes).reduce(0) { sum, number in
            (sum + Double(bitPattern: stripe(number).pointee.load(ordering: .relaxed))).limitedToFinite
        }
    }

    /// Sets every part to zero.
    func clear() {
        for number in 0..<memory.stripes { stripe(number).pointee.store(0, ordering: .relaxed) }
    }
}
