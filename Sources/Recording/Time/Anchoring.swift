import CSpanKit

/// Updates an anchor from readings of the clocks.
///
/// The rate is measured from the origin, at first the first reading. It becomes more accurate with every reading. When a machine sleeps or a virtual machine migrates,
/// the counter may stop, go on or restart. The rate is then no longer the same, and the reading becomes the new origin. This type
/// reads no clock itself, so tests can use any readings (`ClockTests`).
struct Anchoring {
    private(set) var anchor: ClockAnchor
    private(set) var origin: ClockReading
    /// Whether the rate was measured from an earlier origin.
    private var isRateInherited = false

    init(origin: ClockReading, _ latest: ClockReading, rate: UInt64) {
        self.origin = origin
        anchor = ClockAnchor(ticks: latest.ticks, unixNanoseconds: latest.wall, rate: rate)
    }

    /// Whether the anchor has to be renewed for a tick that was just read: it is more than a second old, or the tick is earlier by more
    /// than a millisecond, which is more than cores differ.
    func isDue(at tick: UInt64) -> Bool {
        tick >= anchor.ticks
            ? ClockAnchor.scale(tick &- anchor.ticks, by: anchor.rate) > 1_000_000_000
            : ClockAnchor.scale(anchor.ticks &- tick, by: anchor.rate) > 1_000_000
    }

    mutating func renew(_ reading: ClockReading) {
        let measured = reading.rate(since: origin)
        let isSame = max(measured, anchor.rate) &- min(measured, anchor.rate) <= anchor.rate / 1_000
        if reading.ticks > anchor.ticks, isSame || isRateInherited {
            isRateInherited = false
            anchor = ClockAnchor(ticks: reading.ticks, unixNanoseconds: reading.wall, rate: measured)
        } else {
            isRateInherited = true
            origin = reading
            anchor = ClockAnchor(ticks: reading.ticks, unixNanoseconds: reading.wall, rate: anchor.rate)
        }
    }
}

/// The values of all clocks at one moment.
struct ClockReading {
    var ticks: UInt64
    /// Nanoseconds of CLOCK_MONOTONIC.
    var monotonic: UInt64
    /// Nanoseconds since 1970-01-01 UTC.
    var wall: Int64
}

extension ClockReading {
    /// Reads all clocks. It takes the fastest of eight attempts, because an interrupt between two clocks would falsify the rate.
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
        // A counter below a quarter of a hertz is not usable, and would overflow.
        guard elapsed >> 32 < ticks else { return 1 << 32 }
        return ticks.dividingFullWidth((high: elapsed >> 32, low: elapsed << 32)).quotient
    }
}
