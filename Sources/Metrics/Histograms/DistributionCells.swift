import CSpanKit
import SpanKitPlatform
import Synchronization

/// The histogram of a series: the threads' own histograms, and one that threads share.
///
/// A thread counts its first numbers in the shared one, and later ones in its own, which takes about 2 ns and no lock.
final class DistributionCells: @unchecked Sendable {
    /// The inclusive upper bounds of explicit buckets; nil for exponential ones.
    let bounds: [Double]?
    /// Identifies the threads' histograms for zeros and positive numbers. The next number identifies those for negative numbers.
    private(set) var number: UInt32 = 0
    private let gate: UInt64
    /// The series in the file of the memory; nil without one.
    private let record: SeriesRecord?
    /// Called once, when numbers are counted by octave for the first time.
    private let onCoarse: @Sendable () -> Void
    private let hasToldCoarse = Atomic<Bool>(false)

    let lock = Lock()
    // The lock guards everything below.
    private var positive: LiveDistribution?
    private var negative: LiveDistribution?
    /// Histograms of threads that have ended, if the series is in a file. Their counts are not moved, because the process could be killed
    /// between two steps of the move. Later threads continue to use these histograms.
    private var retired: (positive: [LiveDistribution], negative: [LiveDistribution]) = ([], [])
    private var coarse = ExponentBuckets()
    private var coarseTotals = CoarseTotals()
    private var coarseZeroCount: UInt64 = 0
    /// What was counted before the last reset.
    private var baseline: DistributionReading?

    private var registry: DistributionRegistry { .shared }

    /// - Parameters:
    ///   - gate: the first gate of exemplars.
    ///   - record: the series in the file of the memory.
    ///   - onCoarse: called once, from any thread, when numbers are counted by octave for the first time.
    init(
        bounds: [Double]?,
        gate: UInt64,
        _ record: SeriesRecord? = nil,
        onCoarse: @escaping @Sendable () -> Void = {}
    ) {
        self.record = record
        self.bounds = bounds
        self.gate = gate
        self.onCoarse = onCoarse
        number = UInt32(registry.add(self) * 2)
    }

    deinit {
        registry.remove(Int(number / 2))
        if let positive { releaseShared(positive) }
        if let negative { releaseShared(negative) }
        for distribution in retired.positive + retired.negative { registry.free(distribution) }
        lock.destroy()
    }

    private func releaseShared(_ distribution: LiveDistribution) {
        registry.addSharedBytes(-distribution.bytes)
        distribution.destroy()
    }

    private func makeLive(isNegative: Bool) -> LiveDistribution? {
        LiveDistribution.make(
            gate: gate,
            explicitCount: bounds.map { $0.count + 1 } ?? 0,
            record,
            isNegative: isNegative
        )
    }

    /// A histogram of a thread that has ended. The caller holds the registry's lock.
    private func takeRetired(isNegative: Bool) -> LiveDistribution? {
        lock.withLock { isNegative ? retired.negative.popLast() : retired.positive.popLast() }
    }

    // MARK: Recording

    /// Counts any finite number.
    /// - Returns: the gate of exemplars, and a number to compare with it; nil if the number was counted by octave.
    func record(_ value: Double) -> (gate: UnsafeMutablePointer<Atomic<UInt64>>, sum: UInt64)? {
        registry.becomeOwn()
        let isNegative = bounds == nil && value < 0
        if let live = registry.distribution(
            isNegative ? number + 1 : number,
            reuses: record != nil,
            { takeRetired(isNegative: isNegative) },
            { makeLive(isNegative: isNegative) }
        ),
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
            let (octave, count) = coarse.record(value.magnitude, isNegative: value < 0)
            coarseTotals.add(sum: value, from: value, through: value)
            record?.setCoarse(octave, isNegative: value < 0, count, coarseTotals)
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
        if positive == nil { positive = makeShared(isNegative: false) }
        return positive
    }

    private func sharedNegative() -> LiveDistribution? {
        if negative == nil { negative = makeShared(isNegative: true) }
        return negative
    }

    private func makeShared(isNegative: Bool) -> LiveDistribution? {
        let made = makeLive(isNegative: isNegative)
        if let made { registry.addSharedBytes(made.bytes) }
        return made
    }

    /// Takes over the counts of a thread that ends. The caller holds the registry's lock.
    /// - Returns: whether the histogram itself was taken over. Otherwise the caller frees it.
    func absorb(_ ended: LiveDistribution, isNegative: Bool) -> Bool {
        lock.withLock {
            guard record == nil else {
                if isNegative { retired.negative.append(ended) } else { retired.positive.append(ended) }
                return true
            }
            let live = isNegative ? sharedNegative() : sharedPositive()
            if let live, let growth = live.absorb(ended, allowance: registry.sharedAllowance) {
                registry.addSharedBytes(growth)
                return false
            }
            var reading = DistributionReading()
            ended.read(into: &reading, isNegative: isNegative)
            coarse.add(reading.positive.byOctave, isNegative: false)
            coarse.add(reading.negative.byOctave, isNegative: true)
            coarseZeroCount &+= reading.zeroCount
            coarseTotals.add(sum: reading.sum, from: reading.minimum, through: reading.maximum)
            return false
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
                forEachOwn { $0.read(into: &reading, isNegative: $1) }
                reading.zeroCount &+= coarseZeroCount
                reading.add(coarse, coarseTotals)
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
            coarseTotals.forgetExtremes()
            record?.setCoarse(coarseTotals)
            record?.setBaseline(reading)
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
            lock.withLock { forEachOwn(body) }
        }
    }

    /// Calls `body` with each histogram that no thread owns. The caller holds the lock.
    private func forEachOwn(_ body: (LiveDistribution, Bool) -> Void) {
        if let positive { body(positive, false) }
        if let negative { body(negative, true) }
        for distribution in retired.positive { body(distribution, false) }
        for distribution in retired.negative { body(distribution, true) }
    }

    /// Discards everything, in the child of a fork. The caller holds the registry's lock.
    func forgetParent() {
        lock.withLock {
            if let positive { releaseShared(positive) }
            if let negative { releaseShared(negative) }
            for distribution in retired.positive + retired.negative { distribution.destroy() }
            (positive, negative, baseline) = (nil, nil, nil)
            retired = ([], [])
            coarse = ExponentBuckets()
            coarseZeroCount = 0
            coarseTotals = CoarseTotals()
        }
    }
}
