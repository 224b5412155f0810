/// Where a tick lies in Unix time. Written into every chunk of the log, so that the log explains itself.
@usableFromInline
package struct ClockAnchor: Sendable, Equatable {
    /// The tick that was read together with ``unixNanoseconds``.
    @usableFromInline package var ticks: UInt64
    /// Nanoseconds since 1970-01-01 UTC.
    @usableFromInline package var unixNanoseconds: Int64
    /// Nanoseconds per tick, times 2^32.
    @usableFromInline package var rate: UInt64

    /// The Unix time of a tick before or after the anchor.
    @inlinable
    @inline(__always)
    package func unixNanoseconds(at tick: UInt64) -> Int64 {
        tick >= ticks
            ? unixNanoseconds &+ Int64(truncatingIfNeeded: Self.scale(tick &- ticks, by: rate))
            : unixNanoseconds &- Int64(truncatingIfNeeded: Self.scale(ticks &- tick, by: rate))
    }

    @inlinable
    @inline(__always)
    package static func scale(_ ticks: UInt64, by rate: UInt64) -> UInt64 {
        let product = ticks.multipliedFullWidth(by: rate)
        return product.high << 32 | product.low >> 32
    }
}

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
