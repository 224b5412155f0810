/// Turns ticks that this process has recorded into Unix time, as the wall clock stands now: a chunk may have been opened hours ago,
/// and the clock been set since.
package struct CurrentAnchor: Sendable {
    let anchor: ClockAnchor
    /// Of the clock's origin: ticks before it may be another count.
    let firstTick: UInt64
    /// Behind all that can have been recorded when this is used: spans that end meanwhile are meant, too.
    let lastTick: UInt64

    init(_ anchoring: Anchoring, now: UInt64) {
        anchor = anchoring.anchor
        firstTick = anchoring.origin.ticks
        lastTick = now &+ 1 << 36
    }

    /// By as much an anchor may be wrong before another takes its place, in nanoseconds. The current one changes by a little every
    /// second; where that is all, a span has the same times however often it is read.
    private static let tolerance = 1_000_000

    /// The anchor for a record.
    /// - Parameter opening: that of the record's chunk, which holds as long as it is right, and for ticks of before a counter began anew.
    @inline(__always)
    func anchor(for header: SpanHeader, _ opening: ClockAnchor) -> ClockAnchor {
        let tick = header.bits.contains(.endIsUnix) ? header.start : header.end
        guard tick >= firstTick, tick <= lastTick else { return opening }
        let difference = anchor.unixNanoseconds(at: tick) &- opening.unixNanoseconds(at: tick)
        return difference.magnitude > Self.tolerance ? anchor : opening
    }
}
