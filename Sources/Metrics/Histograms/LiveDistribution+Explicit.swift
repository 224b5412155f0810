import SpanKitPlatform
import Synchronization

// Explicit buckets: the smallest and the largest number are at 96 and 104, and the address of the counts is at 16. There is one count
// more than there are bounds. The buckets never move, so that the writer needs no lock.
extension LiveDistribution {
    /// Makes an empty histogram one with explicit buckets; returns false if the system has no memory.
    func addExplicitBuckets(_ count: Int) -> Bool {
        guard let counts = takeCounts(count, detail: UInt64(count)) else { return false }
        noteCounts(counts)
        (address + 16).atomic.pointee.store(UInt64(UInt(bitPattern: counts)), ordering: .relaxed)
        (address + 112).atomic.pointee.store(UInt64(count), ordering: .relaxed)
        forgetExplicitExtremes()
        return true
    }

    /// The number of explicit buckets.
    var explicitCount: Int { Int((address + 112).atomic.pointee.load(ordering: .relaxed)) }

    /// The explicit buckets; nil for a histogram with exponential ones.
    var explicitBuckets: UnsafeMutableRawPointer? {
        guard explicitCount > 0 else { return nil }
        return UnsafeMutableRawPointer(bitPattern: UInt((address + 16).atomic.pointee.load(ordering: .relaxed)))
    }

    /// The smallest and the largest number.
    var explicitExtremes: (minimum: Double, maximum: Double) {
        (
            Double(bitPattern: (address + 96).atomic.pointee.load(ordering: .relaxed)),
            Double(bitPattern: (address + 104).atomic.pointee.load(ordering: .relaxed))
        )
    }

    func forgetExplicitExtremes() {
        (address + 96).atomic.pointee.store(Double.infinity.bitPattern, ordering: .relaxed)
        (address + 104).atomic.pointee.store((-Double.infinity).bitPattern, ordering: .relaxed)
    }

    /// Counts any finite number. The caller is the writer.
    /// - Returns: the bits of the changed sum.
    func record(_ value: Double, in place: Int) -> UInt64 {
        guard let explicitBuckets else { return 0 }
        (explicitBuckets + place * 8).atomic.pointee.addAlone(1)
        let extremes = explicitExtremes
        if value < extremes.minimum { (address + 96).atomic.pointee.store(value.bitPattern, ordering: .relaxed) }
        if value > extremes.maximum { (address + 104).atomic.pointee.store(value.bitPattern, ordering: .relaxed) }
        let sum = (address + Int(32 + (place & 3) << 3)).atomic
        let new = (Double(bitPattern: sum.pointee.load(ordering: .relaxed)) + value).bitPattern
        sum.pointee.store(new, ordering: .relaxed)
        return new
    }
}
