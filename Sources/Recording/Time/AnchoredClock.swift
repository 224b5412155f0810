import CSpanKit
import SpanKitPlatform
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

    private let newest: Locked<Anchoring>
    private let rate: Atomic<UInt64>

    package convenience init() {
        self.init(usesCounter: Self.kernelTrustsCounter())
    }

    /// Forces one source or the other; the second is what a machine without a usable counter gets.
    package init(usesCounter: Bool) {
        self.usesCounter = usesCounter
        let first = ClockReading(usesCounter: usesCounter)
        var measured: UInt64 = 1 << 32
        var latest = first
        if usesCounter {
            repeat { latest = ClockReading(usesCounter: true) } while latest.monotonic - first.monotonic < 2_000_000
            measured = latest.rate(since: first)
        }
        rate = Atomic(measured)
        newest = Locked(Anchoring(origin: first, latest, rate: measured))
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
        newest.withLock { renewed(&$0, at: now()).anchor }
    }

    /// The same, for reading what this process has recorded.
    package func current() -> CurrentAnchor {
        newest.withLock { anchoring in
            let ticks = now()
            return CurrentAnchor(renewed(&anchoring, at: ticks), now: ticks)
        }
    }

    private func renewed(_ anchoring: inout Anchoring, at ticks: UInt64) -> Anchoring {
        if anchoring.isDue(at: ticks) {
            anchoring.renew(ClockReading(usesCounter: usesCounter))
            rate.store(anchoring.anchor.rate, ordering: .relaxed)
        }
        return anchoring
    }

    func acquireForFork() { newest.acquireForFork() }

    private static func kernelTrustsCounter() -> Bool {
        #if arch(arm64)
            return true
        #elseif arch(x86_64)
            let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
            return (try? FileSystem.read(path).get()) == Array("tsc\n".utf8)
        #else
            return false
        #endif
    }
}
