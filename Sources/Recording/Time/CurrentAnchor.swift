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

    /// The anchor for a record.
    /// - Parameter opening: that of the record's chunk, for ticks of before a counter began anew.
    @inline(__always)
    func anchor(for header: SpanHeader, _ opening: ClockAnchor) -> ClockAnchor {
        let tick = header.bits.contains(.endIsUnix) ? header.start : header.end
        return tick >= firstTick && tick <= lastTick ? anchor : opening
    }
}
