/// Converts ticks to Unix time. Every chunk of the log contains one, so that other processes can read the log.
@usableFromInline
package struct ClockAnchor: Sendable, Equatable {
    /// The tick that was read together with ``unixNanoseconds``.
    @usableFromInline package var ticks: UInt64
    /// Nanoseconds since 1970-01-01 UTC.
    @usableFromInline package var unixNanoseconds: Int64
    /// Nanoseconds per tick, times 2^32.
    @usableFromInline package var rate: UInt64

    /// An anchor for records whose times are not in ticks.
    package static var unused: ClockAnchor { ClockAnchor(ticks: 0, unixNanoseconds: 0, rate: 1 << 32) }

    /// The Unix time of a tick before or after the anchor.
    @inlinable
    @inline(__always)
    package func unixNanoseconds(at tick: UInt64) -> Int64 {
        tick >= ticks
            ? unixNanoseconds &+ Int64(truncatingIfNeeded: Self.scale(tick &- ticks, by: rate))
            : unixNanoseconds &- Int64(truncatingIfNeeded: Self.scale(ticks &- tick, by: rate))
    }

    /// The nanoseconds between two ticks, or 0 if `end` is before `start`. Times on the wire are whole nanoseconds, so the difference between
    /// two of them may be one more or less.
    @inline(__always)
    func nanoseconds(from start: UInt64, to end: UInt64) -> UInt64 {
        end > start ? Self.scale(end &- start, by: rate) : 0
    }

    @inlinable
    @inline(__always)
    package static func scale(_ ticks: UInt64, by rate: UInt64) -> UInt64 {
        let product = ticks.multipliedFullWidth(by: rate)
        return product.high << 32 | product.low >> 32
    }
}

/// Converts ticks that this process recorded to Unix time, with the current wall clock. The clock may have been set
/// since a chunk was opened.
package struct CurrentAnchor: Sendable {
    let anchor: ClockAnchor
    /// The tick of the clock's origin. Earlier ticks may come from before a restart of the counter.
    let firstTick: UInt64
    /// Later than every tick that may be converted with this anchor, including those of spans that have yet to end.
    let lastTick: UInt64

    init(_ anchoring: Anchoring, now: UInt64) {
        anchor = anchoring.anchor
        firstTick = anchoring.origin.ticks
        lastTick = now &+ 1 << 36
    }

    /// The difference between two anchors, in nanoseconds, up to which the older one is used. The current anchor changes slightly
    /// every second, and a span should have the same times whenever it is read.
    private static let tolerance = 1_000_000

    /// The anchor to use for a record.
    /// - Parameters:
    ///   - tick: A tick of the record.
    ///   - opening: The anchor of the record's chunk. It is used if it is still accurate, and for ticks from before the counter
    ///     restarted.
    @inline(__always)
    func anchor(for tick: UInt64, _ opening: ClockAnchor) -> ClockAnchor {
        guard tick >= firstTick, tick <= lastTick else { return opening }
        let difference = anchor.unixNanoseconds(at: tick) &- opening.unixNanoseconds(at: tick)
        return difference.magnitude > Self.tolerance ? anchor : opening
    }
}
