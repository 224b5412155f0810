/// The exact bucket of a duration by one table load, one add and two shifts.
///
/// A slot of 2^43 fractions holds at most one boundary T. There the slot's entry makes the addition carry into the next
/// bucket exactly for the fractions above T; elsewhere it moves the fraction to the inside of its bucket.
/// Boundaries lie more than a slot apart, because 2^52 · ln 2 / 2^scale exceeds 2^43 at these scales.
/// The result, the raw index, is the bucket's index less ``bias``.
/// The table has 512 slots at either scale, so that all that differs on the hot path is the last shift.
struct IndexTable: @unchecked Sendable {
    /// The scales there are tables for.
    static let scales = 7...8
    /// Durations above, 39 h, are counted in the bucket of this one.
    static let largestDuration: UInt64 = 1 << 47

    let scale: Int
    let unit: BucketUnit
    /// 512 entries, alive as long as the process.
    let adjustments: UnsafePointer<UInt64>
    /// How far the sum goes right to become the raw index.
    let shift: UInt64
    /// OpenTelemetry's index = raw index + bias.
    let bias: Int

    private static let tables: [IndexTable] = scales.flatMap { scale in
        BucketUnit.allCases.map { IndexTable(scale: scale, unit: $0) }
    }

    /// Scale 8 in seconds.
    static let standard = IndexTable(scale: 8, unit: .seconds)

    /// The table for a scale and a unit, nil for scales without one.
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
        // The fractions of one octave's boundaries, rounded down to the grid of Double.
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

        // Seen from the boundary of bucket 0: its own raw index is that of the values just above.
        let origin = boundaries[0].bitPattern
        let position = thresholds.count { $0 <= origin & fractionMask }
        bias = -(Int(origin >> 52) * steps + position)
    }

    /// The raw index of a duration of 1…2^53 ns.
    @inline(__always)
    func rawIndex(of nanoseconds: UInt64) -> Int {
        let bits = Double(Int64(bitPattern: nanoseconds)).bitPattern
        return Int((bits &+ adjustments[Int((bits &>> 43) & 511)]) &>> shift)
    }
}
