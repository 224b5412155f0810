import CClock
import Percentiles
import Synchronization

/// The clock of all spans: a processor counter read in a few nanoseconds, and an anchor that turns it into Unix time.
///
/// The counter is used only where the kernel itself keeps time with it (`current_clocksource` is `tsc`; always on arm64);
/// elsewhere a tick is one nanosecond of CLOCK_MONOTONIC. The rate is measured once over a few milliseconds
/// (error about 10⁻⁵, far below the percentile engine's 0.27 %) and again at every new anchor, over a longer and longer
/// base. Threads: reading is free of locks; anchoring takes one.
@usableFromInline
package final class AnchoredClock: Sendable {
    /// The process's clock: one rate measurement serves all recorders.
    package static let shared = AnchoredClock()

    /// Whether ticks are those of the processor's counter.
    @usableFromInline package let usesCounter: Bool

    private let origin: Reading
    private let newest: Locked<ClockAnchor>
    private let rate: Atomic<UInt64>

    package convenience init() {
        self.init(usesCounter: Self.kernelTrustsCounter())
    }

    /// Forces one source or the other; the second is what a machine without a usable counter gets.
    package init(usesCounter: Bool) {
        self.usesCounter = usesCounter
        let first = Reading(usesCounter: usesCounter)
        origin = first
        var measured: UInt64 = 1 << 32
        var latest = first
        if usesCounter {
            repeat { latest = Reading(usesCounter: true) } while latest.monotonic - first.monotonic < 2_000_000
            measured = Self.rate(from: first, to: latest)
        }
        rate = Atomic(measured)
        newest = Locked(ClockAnchor(ticks: latest.ticks, unixNanoseconds: latest.wall, rate: measured))
    }

    /// The current tick.
    @inlinable
    @inline(__always)
    package func now() -> UInt64 {
        usesCounter ? spankit_counter() : spankit_monotonic_nanoseconds()
    }

    /// Nanoseconds between two ticks; 0 when they stand the wrong way round, which may happen by a few ticks across cores.
    @inline(__always)
    package func nanoseconds(from start: UInt64, to end: UInt64) -> UInt64 {
        end > start ? ClockAnchor.scale(end &- start, by: rate.load(ordering: .relaxed)) : 0
    }

    /// The anchor for spans that end from now on: at most a second old, so that steps of the wall clock are followed.
    package func anchor() -> ClockAnchor {
        newest.withLock { anchor in
            let ticks = now()
            if nanoseconds(from: anchor.ticks, to: ticks) > 1_000_000_000 {
                let reading = Reading(usesCounter: usesCounter)
                let measured = usesCounter ? Self.rate(from: origin, to: reading) : 1 << 32
                rate.store(measured, ordering: .relaxed)
                anchor = ClockAnchor(ticks: reading.ticks, unixNanoseconds: reading.wall, rate: measured)
            }
            return anchor
        }
    }

    func acquireForFork() { newest.acquireForFork() }
    func releaseAfterFork() { newest.releaseAfterFork() }

    private static func rate(from first: Reading, to second: Reading) -> UInt64 {
        let ticks = second.ticks &- first.ticks
        let elapsed = second.monotonic &- first.monotonic
        // Nanoseconds per tick, times 2^32. A counter slower than a quarter of a hertz is none, and would overflow.
        guard elapsed >> 32 < ticks else { return 1 << 32 }
        return ticks.dividingFullWidth((high: elapsed >> 32, low: elapsed << 32)).quotient
    }

    /// The tightest of several readings: an interrupt between the clocks would tilt the rate.
    private struct Reading {
        var ticks: UInt64
        var monotonic: UInt64
        var wall: Int64

        init(usesCounter: Bool) {
            ticks = 0
            monotonic = 0
            wall = 0
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
    }

    private static func kernelTrustsCounter() -> Bool {
        #if arch(arm64)
            return true
        #elseif arch(x86_64)
            let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
            return firstBytes(ofFile: path, count: 4) == Array("tsc\n".utf8)
        #else
            return false
        #endif
    }
}

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
