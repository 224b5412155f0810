import CSpanKit
import SpanKitPlatform
import Synchronization

/// Hands out cells of eight bytes, each of them once for every stripe.
///
/// Threads are spread over the stripes, and cells of different stripes are never in the same cache line. So threads that count at the
/// same time do not slow each other down, unless there are more threads than stripes. A cell takes eight bytes in each stripe.
///
/// Cells of one stripe are neighbours: the cell of stripe `n` is `n` · 4096 bytes after that of stripe 0. New cells are zero.
/// Memory is never moved, and is freed together with this object, which the users of cells have to keep.
package final class CellMemory: @unchecked Sendable {
    /// The number of stripes: a power of two, 1…64.
    let stripes: Int
    /// The bits of ``spankit_thread_stripe()`` that are the offset of the thread's stripe.
    let stripeMask: UInt

    private struct State {
        var pages: [UnsafeMutableRawPointer] = []
        var unused: [UnsafeMutableRawPointer] = []
    }

    private let state = Locked(State())

    static let stripeBytes = 1 << Int(SPANKIT_STRIPE_SHIFT)

    /// The number of processors, rounded up to a power of two, and at most 64.
    static let defaultStripes: Int = {
        let processors = max(1, min(64, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return processors == 1 ? 1 : 1 << (Int.bitWidth - (processors - 1).leadingZeroBitCount)
    }()

    init(stripes: Int = CellMemory.defaultStripes) {
        self.stripes = stripes
        stripeMask = UInt((stripes - 1) * Self.stripeBytes)
    }

    deinit {
        state.withLock { state in
            for page in state.pages { page.deallocate() }
        }
    }

    /// A cell, which is zero in every stripe.
    func take() -> UnsafeMutableRawPointer {
        state.withLock { state in
            if let cell = state.unused.popLast() { return cell }
            let bytes = stripes * Self.stripeBytes
            let page = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.stripeBytes)
            page.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            state.pages.append(page)
            state.unused = stride(from: Self.stripeBytes - 8, to: 0, by: -8).map { page + $0 }
            return page
        }
    }

    /// Takes a cell back. No thread may use it any more.
    func give(_ cell: UnsafeMutableRawPointer) {
        for stripe in 0..<stripes {
            (cell + stripe * Self.stripeBytes).assumingMemoryBound(to: Atomic<UInt64>.self).pointee
                .store(0, ordering: .relaxed)
        }
        state.withLock { $0.unused.append(cell) }
    }
}

/// A number that threads change at the same time: the total of a cell in every stripe.
///
/// Owns the cell.
final class StripedCell: @unchecked Sendable {
    let memory: CellMemory
    let address: UnsafeMutableRawPointer

    init(_ memory: CellMemory) {
        self.memory = memory
        address = memory.take()
    }

    deinit { memory.give(address) }

    func stripe(_ number: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (address + number * CellMemory.stripeBytes).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// The calling thread's part of the number.
    var own: UnsafeMutablePointer<Atomic<UInt64>> {
        (address + Int(spankit_thread_stripe() & memory.stripeMask)).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    // MARK: Whole numbers

    /// Adds a number. A part that would exceed the range of `Int64` stays at its end.
    func add(_ value: Int64) {
        let cell = own
        var seen = cell.pointee.load(ordering: .relaxed)
        while true {
            let sum = Int64(bitPattern: seen).addingSaturating(value)
            let result = cell.pointee.compareExchange(
                expected: seen,
                desired: UInt64(bitPattern: sum),
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

    /// Adds a finite number. A part that would become infinite stays at the largest finite number.
    func add(_ value: Double) {
        let cell = own
        var seen = cell.pointee.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + value).limitedToFinite
            let result = cell.pointee.compareExchange(expected: seen, desired: sum.bitPattern, ordering: .relaxed)
            if result.exchanged { return }
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

extension Double {
    /// The number itself, or the largest finite number of its sign if it is infinite.
    var limitedToFinite: Double {
        Swift.min(Swift.max(self, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }
}

/// The last value of a gauge. Zero bits stand for no value.
final class LastValueCell: @unchecked Sendable {
    private let memory: CellMemory
    private let address: UnsafeMutableRawPointer
    /// The bits of a NaN, which is never stored, so that no number is encoded as zero.
    private static let mark: UInt64 = 0x7FF8_0000_0000_0001

    init(_ memory: CellMemory) {
        self.memory = memory
        address = memory.take()
    }

    deinit { memory.give(address) }

    private var cell: UnsafeMutablePointer<Atomic<UInt64>> { address.assumingMemoryBound(to: Atomic<UInt64>.self) }

    /// The last value; nil before the first one.
    var value: Double? {
        let bits = cell.pointee.load(ordering: .relaxed)
        return bits == 0 ? nil : Double(bitPattern: bits ^ Self.mark)
    }

    func set(_ value: Double) {
        cell.pointee.store(value.bitPattern ^ Self.mark, ordering: .relaxed)
    }

    /// Adds to the last value, or to 0 if there is none.
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
