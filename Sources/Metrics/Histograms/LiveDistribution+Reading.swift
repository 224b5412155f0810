import SpanKitPlatform
import Synchronization

extension LiveDistribution {
    /// The sum.
    var sum: Double { Self.total(sums) }

    /// The bits of the four sums.
    private var sums: SIMD4<UInt64> {
        func bits(_ place: Int) -> UInt64 { (address + 32 + place * 8).atomic.pointee.load(ordering: .relaxed) }
        return SIMD4(bits(0), bits(1), bits(2), bits(3))
    }

    private static func total(_ sums: SIMD4<UInt64>) -> Double {
        var total = 0.0
        for place in 0..<4 { total = (total + Double(bitPattern: sums[place])).limitedToFinite }
        return total
    }

    /// Adds the counts to a reading. The buckets must not move meanwhile.
    /// - Parameter isNegative: whether this is the side of the negative numbers.
    func read(into reading: inout DistributionReading, isNegative: Bool) {
        reading.zeroCount &+= (address + 72).atomic.pointee.load(ordering: .relaxed)
        let count = explicitCount > 0 ? explicitCount : octaves << 8
        guard let buckets = explicitBuckets ?? buckets else { return }
        var counts: [UInt64] = []
        var before = sums
        // Nearly every number changes a sum. If the sums are the same before and after, the copy is of one moment.
        for _ in 0...3 {
            counts = Array(unsafeUninitializedCapacity: count) { copy, filled in
                for place in 0..<count {
                    copy.initializeElement(
                        at: place,
                        to: (buckets + place * 8).atomic.pointee.load(ordering: .relaxed)
                    )
                }
                filled = count
            }
            let after = sums
            if before == after { break }
            before = after
        }
        let sum = Self.total(before)
        reading.sum = (reading.sum + (isNegative ? -sum : sum)).limitedToFinite
        guard explicitCount == 0 else {
            reading.addExplicit(counts)
            let extremes = explicitExtremes
            reading.note(extremes.minimum, extremes.maximum)
            return
        }
        let first = firstOctave << 8
        if isNegative { reading.negative.add(first, counts) } else { reading.positive.add(first, counts) }
        let range = (address + 8).atomic.pointee.load(ordering: .relaxed)
        if range > 0 {
            let low = address.atomic.pointee.load(ordering: .relaxed)
            reading.note(low, low &+ range &- 1, isNegative: isNegative)
        }
        let beyond = (address + 96).atomic.pointee.load(ordering: .relaxed)
        if beyond > 0 {
            reading.note(beyond, (address + 104).atomic.pointee.load(ordering: .relaxed), isNegative: isNegative)
        }
    }

    /// Forgets the smallest and the largest number, so that the next numbers start new ones. The caller holds the registry's lock.
    func forgetExtremes() {
        guard explicitCount == 0 else { return forgetExplicitExtremes() }
        (address + 8).atomic.pointee.store(0, ordering: .relaxed)
        (address + 96).atomic.pointee.store(0, ordering: .relaxed)
        (address + 104).atomic.pointee.store(0, ordering: .relaxed)
    }

    /// Adds the counts of a histogram that no thread writes. The caller is the writer and holds the registry's lock.
    /// - Returns: by how many bytes the buckets grew; nil if they cannot hold the counts, and then nothing was added.
    func absorb(_ other: LiveDistribution, allowance: Int) -> Int? {
        var growth = 0
        if let counts = other.explicitBuckets, let explicitBuckets {
            for place in 0..<Swift.min(explicitCount, other.explicitCount) {
                add((counts + place * 8).atomic.pointee.load(ordering: .relaxed), to: explicitBuckets + place * 8)
            }
            let own = explicitExtremes
            let extremes = other.explicitExtremes
            (address + 96).atomic.pointee.store(
                Swift.min(own.minimum, extremes.minimum).bitPattern,
                ordering: .relaxed
            )
            (address + 104).atomic.pointee.store(
                Swift.max(own.maximum, extremes.maximum).bitPattern,
                ordering: .relaxed
            )
        } else if let counts = other.buckets {
            let first = other.firstOctave
            let last = first + other.octaves - 1
            let low = octaves == 0 ? first : Swift.min(first, firstOctave)
            let high = octaves == 0 ? last : Swift.max(last, firstOctave + octaves - 1)
            let needed = high - low + 1
            // Both ends at once, so that a refusal leaves nothing that the caller does not count.
            guard needed <= Self.octaveLimit, (needed - octaves) * Self.octaveBytes <= allowance else { return nil }
            guard let down = reach(octave: first, allowance: allowance) else { return nil }
            growth = down
            guard let up = reach(octave: last, allowance: allowance - down), let buckets else { return nil }
            growth += up
            let offset = (first - firstOctave) * Self.octaveBytes
            for place in stride(from: 0, to: other.octaves * Self.octaveBytes, by: 8) {
                add((counts + place).atomic.pointee.load(ordering: .relaxed), to: buckets + offset + place)
            }
            let range = (other.address + 8).atomic.pointee.load(ordering: .relaxed)
            let smallest = other.address.atomic.pointee.load(ordering: .relaxed)
            if range > 0 { extendRange(from: smallest, through: smallest &+ range &- 1) }
            let beyond = (other.address + 96).atomic.pointee.load(ordering: .relaxed)
            if beyond > 0 {
                let largest = (other.address + 104).atomic.pointee.load(ordering: .relaxed)
                noteBeyond(Double(bitPattern: beyond), Double(bitPattern: largest))
            }
        }
        add((other.address + 72).atomic.pointee.load(ordering: .relaxed), to: address + 72)
        addToSum(other.sum)
        return growth
    }

    private func add(_ count: UInt64, to word: UnsafeMutableRawPointer) {
        if count > 0 { word.atomic.pointee.addAlone(count) }
    }
}

// A copy of a histogram that another process has left (`MetricFileReader`).
extension LiveDistribution {
    /// Sets the buckets of a copy.
    /// - Returns: false if the copy is damaged.
    func relocate(_ buckets: UnsafeMutableRawPointer?, first: Int, octaves: Int) -> Bool {
        guard explicitCount == 0 else { return false }
        let address = UInt64(UInt(bitPattern: buckets)) &- UInt64(first * Self.octaveBytes)
        (self.address + 16).atomic.pointee.store(address, ordering: .relaxed)
        (self.address + 80).atomic.pointee.store(UInt64(first), ordering: .relaxed)
        (self.address + 88).atomic.pointee.store(UInt64(octaves), ordering: .relaxed)
        return true
    }

    /// Sets the explicit buckets of a copy.
    /// - Returns: false if the copy is damaged.
    func relocateExplicit(_ buckets: UnsafeMutableRawPointer, count: Int) -> Bool {
        guard explicitCount == count else { return false }
        (address + 16).atomic.pointee.store(UInt64(UInt(bitPattern: buckets)), ordering: .relaxed)
        return true
    }

    /// Whether the smallest and the largest magnitude are not known, because they were being extended when the process was killed.
    var hasUnknownExtremes: Bool {
        guard octaves > 0, address.loadWord(8) == 0, address.loadWord(96) == 0, let buckets else { return false }
        return (0..<(octaves << 8)).contains { buckets.loadWord($0 * 8) > 0 }
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func loadWord(_ offset: Int) -> UInt64 { (self + offset).atomic.pointee.load(ordering: .relaxed) }
}
