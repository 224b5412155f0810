/// Finds the exact bucket of a duration with one table load, one addition and two shifts.
///
/// Each slot covers 2^43 fractions of a `Double` and contains at most one boundary T: boundaries are more than a slot apart,
/// because 2^52 · ln 2 / 2^scale exceeds 2^43 at these scales. In a slot with a boundary, adding the entry carries into
/// the next bucket exactly for the fractions above T. In other slots, the entry moves the fraction inside its bucket.
/// The result, the raw index, is the bucket's index minus ``bias``.
/// The table has 512 slots at both scales, so that on the hot path the scales differ only in the last shift.
package struct IndexTable: @unchecked Sendable {
    /// The scales that have a table.
    static let scales = 7...8
    /// About 39 h in nanoseconds. Longer durations are counted in the bucket of this one.
    static let largestDuration: UInt64 = 1 << 47

    let scale: Int
    let unit: BucketUnit
    /// The 512 entries of the table, which are never freed.
    package let adjustments: UnsafePointer<UInt64>
    /// The number of bits to shift the sum right, which gives the raw index.
    let shift: UInt64
    /// The number to add to a raw index to get OpenTelemetry's bucket index.
    package let bias: Int

    private static let tables: [IndexTable] = scales.flatMap { scale in
        BucketUnit.allCases.map { IndexTable(scale: scale, unit: $0) }
    }

    /// The table for scale 8 with boundaries in seconds.
    package static let standard = IndexTable(scale: 8, unit: .seconds)

    /// The table for scale 8 with the boundaries 2^(i / 256), for numbers without a unit.
    package static let numbers = IndexTable(scale: 8, unit: .nanoseconds)

    /// The table for a scale and a unit; nil for a scale that has none.
    static func table(scale: Int, unit: BucketUnit) -> IndexTable? {
        guard scales.contains(scale) else { return nil }
        return tables[(scale - scales.lowerBound) * BucketUnit.allCases.count + Int(unit.rawValue)]
    }

    private init(scale: Int, unit: BucketUnit) {
        self.scale = scale
        self.unit = unit
        let steps = 1 << scale
        shift = UInt64(52 - scale)
        let width: UInt64 = 1 << shift
        let fractionMask: UInt64 = 1 << 52 - 1
        // The fractions of one octave's boundaries, rounded down to a Double.
        let boundaries = (0..<steps)
            .map { BucketIndex.lowerBoundary(of: $0, scale: scale, unit: unit).nanoseconds }
        let thresholds = boundaries.map { $0.bitPattern & fractionMask }.sorted()
        let entries = UnsafeMutablePointer<UInt64>.allocate(capacity: 512)
        var below: UInt64 = 0
        for slot in 0..<512 {
            let start = UInt64(slot) << 43
            let next = Int(below) < thresholds.count ? thresholds[Int(below)] : .max
            if next < start + 1 << 43 {
                entries[slot] = (below + 1) &* width &- next &- 1
                below += 1
            } else {
                entries[slot] = below &* width &+ width / 4 &- start
            }
        }
        adjustments = UnsafePointer(entries)

        // The raw index of the lower boundary of bucket 0 is that of the values just above it.
        let origin = boundaries[0].bitPattern
        let position = thresholds.count { $0 <= origin & fractionMask }
        bias = -(Int(origin >> 52) * steps + position)
    }

    /// The raw index of a duration of 1…2^53 ns.
    @inline(__always)
    func rawIndex(of nanoseconds: UInt64) -> Int {
        rawIndex(ofBits: Double(Int64(bitPattern: nanoseconds)).bitPattern)
    }

    /// The raw index of a positive number that is normal and finite, from its bits.
    @inline(__always)
    package func rawIndex(ofBits bits: UInt64) -> Int {
        Int((bits &+ adjustments[Int((bits &>> 43) & 511)]) &>> shift)
    }
}
