/// Keeps an anchor up to date from readings of the clocks.
///
/// The rate is measured from the origin, over a longer and longer base. A machine that slept, or moved, may have a counter that
/// stood still, went on, or began anew meanwhile: then the base is worth nothing, and the reading becomes the new origin.
/// Holds no clock: every order of readings can be tried (`ClockTests`).
struct Anchoring {
    private(set) var anchor: ClockAnchor
    private(set) var origin: ClockReading
    /// Whether the rate is that of an earlier origin.
    private var isRateInherited = false

    init(origin: ClockReading, _ latest: ClockReading, rate: UInt64) {
        self.origin = origin
        anchor = ClockAnchor(ticks: latest.ticks, unixNanoseconds: latest.wall, rate: rate)
    }

    /// Whether the anchor is too old for a tick that was just read: by more than a second, or the tick lies before it, by more than
    /// cores differ.
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
