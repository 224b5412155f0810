import CSpanKit

/// All clocks at one moment.
struct ClockReading {
    var ticks: UInt64
    /// Nanoseconds of CLOCK_MONOTONIC.
    var monotonic: UInt64
    /// Nanoseconds since 1970-01-01 UTC.
    var wall: Int64
}

extension ClockReading {
    /// The tightest of several readings: an interrupt between the clocks would tilt the rate.
    init(usesCounter: Bool) {
        self.init(ticks: 0, monotonic: 0, wall: 0)
        var tightest = UInt64.max
        for _ in 0..<8 {
            let before = usesCounter ? spankit_counter() : spankit_monotonic_nanoseconds()
            let monotonic = spankit_monotonic_nanoseconds()
            let wall = spankit_wall_nanoseconds()
            let after = usesCounter ? spankit_counter() : spankit_monotonic_nanoseconds()
            if after &- before < tightest {
                tightest = after &- before
                ticks = usesCounter ? before &+ (after &- before) / 2 : monotonic
                self.monotonic = monotonic
                self.wall = wall
            }
        }
    }

    /// Nanoseconds per tick since an earlier reading, times 2^32.
    func rate(since earlier: ClockReading) -> UInt64 {
        let ticks = ticks &- earlier.ticks
        let elapsed = monotonic &- earlier.monotonic
        // A counter slower than a quarter of a hertz is none, and would overflow.
        guard elapsed >> 32 < ticks else { return 1 << 32 }
        return ticks.dividingFullWidth((high: elapsed >> 32, low: elapsed << 32)).quotient
    }
}
