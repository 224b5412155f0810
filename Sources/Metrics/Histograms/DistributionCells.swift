import CSpanKit
import SpanKitPlatform
import Synchronization

/// The histogram of a series: the threads' own histograms, and one that threads share.
///
/// A thread counts its first numbers in the shared one, and later ones in its own, which takes about 2 ns and no lock.
final class DistributionCells: @unchecked Sendable {
    /// The inclusive upper bounds of explicit buckets; nil for exponential ones.
    let bounds: [Double]?
    /// The number of the threads' histograms of zeros and positive numbers. The next number is that of negative ones.
    private(set) var number: UInt32 = 0
    private let gate: UInt64
    /// Called once, when numbers are counted by octave for the first time.
    private let onCoarse: @Sendable () -> Void
    private let hasToldCoarse = Atomic<Bool>(false)

    let lock = Lock()
    // The lock guards everything below.
    private var positive: LiveDistribution?
    private var negative: LiveDistribution?
    private var coarse = ExponentBuckets()
    /// The smallest, the largest and the sum of the numbers in `coarse`.
    private var coarseExtremes: (minimum: Double, maximum: Double) = (.infinity, -.infinity)
    private var coarseSum = 0.0
    private var coarseZeroCount: UInt64 = 0
    /// What was counted before the last reset.
    private var baseline: DistributionReading?

    private var registry: DistributionRegistry { .shared }

    /// - Parameters:
    ///   - gate: the first gate of exemplars.
    ///   - onCoarse: called once, from any thread, when numbers are counted by octave for the first time.
    init(bounds: [Double]?, gate: UInt64, onCoarse: @escaping @Sendable () -> Void = {}) {
        self.bounds = bounds
        self.gate = gate
        self.onCoarse = onCoarse
        number = UInt32(registry.add(self) * 2)
    }

    deinit {
        registry.remove(Int(number / 2))
        if let positive { releaseShared(positive) }
        if let negative { releaseShared(negative) }
        lock.destroy()
    }

    private func releaseShared(_ distribution: LiveDistribution) {
        registry.addSharedBytes(-distribution.bytes)
        distribution.destroy()
    }

    private func makeLive() -> LiveDistribution? {
        bounds.map { LiveDistribution.make(gate: gate, explicitCount: $0.count + 1) }
            ?? LiveDistribution.make(gate: gate)
    }

    // MARK: Recording

    /// Counts any finite number.
    /// - Returns: the gate of exemplars, and a number to compare with it; nil if the number was counted by octave.
    func record(_ value: Double) -> (gate: UnsafeMutablePointer<Atomic<UInt64>>, sum: UInt64)? {
        registry.becomeOwn()
        let isNegative = bounds == nil && value < 0
        if let live = registry.distribution(isNegative ? number + 1 : number, makeLive),
            let sum = record(value, in: live, { registry.record($0, extending: live) })
        {
            return (live.gate, sum)
        }
        let result = recordShared(value, isNegative: isNegative)
        if result == nil, !hasToldCoarse.exchange(true, ordering: .relaxed) { onCoarse() }
        return result
    }

    private func recordShared(
        _ value: Double,
        isNegative: Bool
    ) -> (gate: UnsafeMutablePointer<Atomic<UInt64>>, sum: UInt64)? {
        lock.withLock {
            let live = isNegative ? sharedNegative() : sharedPositive()
            let sum = live.flatMap { live in
                record(value, in: live) { magnitude in
                    guard let growth = live.record(magnitude, allowance: registry.sharedAllowance) else { return false }
                    registry.addSharedBytes(growth)
                    return true
                }
            }
            if let live, let sum { return (live.gate, sum) }
            coarse.record(value.magnitude, isNegative: value < 0)
            coarseSum = (coarseSum + value).limitedToFinite
            coarseExtremes = (Swift.min(coarseExtremes.minimum, value), Swift.max(coarseExtremes.maximum, value))
            return nil
        }
    }

    /// Counts a number in a histogram.
    /// - Parameter extend: counts a magnitude outside the known range; returns false if it cannot.
    /// - Returns: the bits of a sum; nil if the number was not counted.
    private func record(_ value: Double, in live: LiveDistribution, _ extend: (Double) -> Bool) -> UInt64? {
        if let bounds { return live.record(value, in: Self.bucket(of: value, bounds)) }
        if value == 0 {
            live.addZero()
            return live.sum.bitPattern
        }
        if let sum = live.recordInRange(value.magnitude) { return sum }
        return extend(value.magnitude) ? live.sum.bitPattern : nil
    }

    /// The first bucket whose bound is not below the number.
    static func bucket(of value: Double, _ bounds: [Double]) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func sharedPositive() -> LiveDistribution? {
        if positive == nil { positive = makeShared() }
        return positive
    }

    private func sharedNegative() -> LiveDistribution? {
        if negative == nil { negative = makeShared() }
        return negative
    }

    private func makeShared() -> LiveDistribution? {
        let made = makeLive()
        if let made { registry.addSharedBytes(made.bytes) }
        return made
    }

    /// Takes over the counts of a thread that ends. The caller holds the registry's lock.
    func absorb(_ ended: LiveDistribution, isNegative: Bool) {
        lock.withLock {
            let live = isNegative ? sharedNegative() : sharedPositive()
            if let live, let growth = live.absorb(ended, allowance: registry.sharedAllowance) {
                registry.addSharedBytes(growth)
                return
            }
            var reading = DistributionReading()
            ended.read(into: &reading, isNegative: isNegative)
            coarse.add(reading.positive.byOctave, isNegative: false)
            coarse.add(reading.negative.byOctave, isNegative: true)
            coarseZeroCount &+= reading.zeroCount
            coarseSum = (coarseSum + reading.sum).limitedToFinite
            coarseExtremes = (
                Swift.min(coarseExtremes.minimum, reading.minimum), Swift.max(coarseExtremes.maximum, reading.maximum)
            )
        }
    }

    // MARK: Reading

    /// The counts since the last reset.
    func read() -> DistributionReading {
        var reading = readAll()
        lock.withLock {
            if let baseline { reading.subtract(baseline) }
        }
        if reading.zeroCount > 0 { reading.note(0, 0) }
        return reading
    }

    private func readAll() -> DistributionReading {
        var reading = DistributionReading()
        registry.lock.withLock {
            registry.forEachDistribution(number) { $0.read(into: &reading, isNegative: $1) }
            lock.withLock {
                positive?.read(into: &reading, isNegative: false)
                negative?.read(into: &reading, isNegative: true)
                reading.coarse = coarse
                reading.zeroCount &+= coarseZeroCount
                reading.sum = (reading.sum + coarseSum).limitedToFinite
                if !coarse.isEmpty { reading.note(coarseExtremes.minimum, coarseExtremes.maximum) }
            }
        }
        return reading
    }

    /// Restarts at zero.
    func reset() {
        let reading = readAll()
        forEach { live, _ in live.forgetExtremes() }
        lock.withLock {
            baseline = reading
            coarseExtremes = (.infinity, -.infinity)
        }
    }

    /// Opens the gates of exemplars again.
    func openGates() {
        forEach { live, _ in live.gate.pointee.store(gate, ordering: .relaxed) }
    }

    /// Calls `body` with each histogram, and whether it is one of negative numbers, while no counts move from one to another.
    private func forEach(_ body: (LiveDistribution, Bool) -> Void) {
        registry.lock.withLock {
            registry.forEachDistribution(number, body)
            lock.withLock {
                if let positive { body(positive, false) }
                if let negative { body(negative, true) }
            }
        }
    }

    /// Discards everything, in the child of a fork. The caller holds the registry's lock.
    func forgetParent() {
        lock.withLock {
            if let positive { releaseShared(positive) }
            if let negative { releaseShared(negative) }
            (positive, negative, baseline) = (nil, nil, nil)
            coarse = ExponentBuckets()
            (coarseSum, coarseZeroCount) = (0, 0)
            coarseExtremes = (.infinity, -.infinity)
        }
    }
}
