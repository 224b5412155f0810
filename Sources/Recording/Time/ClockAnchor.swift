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
