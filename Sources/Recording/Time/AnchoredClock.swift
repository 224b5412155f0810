import CSpanKit
import SpanKitPlatform
import Synchronization

/// The clock of spans: the processor's counter, which takes a few nanoseconds to read, and an anchor that converts it to Unix time.
///
/// The counter is used only if the kernel keeps time with it as well (`current_clocksource` is `tsc`; always on arm64). Otherwise a
/// tick is one nanosecond of CLOCK_MONOTONIC. The rate is measured at first over two milliseconds (error about 10⁻⁵, well below the
/// percentile engine's 0.27 %), and with every new anchor over a longer time. Reading takes no lock; anchoring takes one.
@usableFromInline
package final class AnchoredClock: Sendable {
    /// The clock of all recorders of the process.
    package static let shared = AnchoredClock()

    /// Whether ticks are those of the processor's counter; otherwise they are nanoseconds of CLOCK_MONOTONIC.
    @usableFromInline package let usesCounter: Bool

    private let newest: Locked<Anchoring>
    private let rate: Atomic<UInt64>

    package convenience init() {
        self.init(usesCounter: Self.kernelTrustsCounter())
    }

    /// Creates a clock with or without the processor's counter.
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

    /// The nanoseconds between two ticks, or 0 if `end` is before `start`. The counters of two cores can differ by a few ticks.
    @inline(__always)
    package func nanoseconds(from start: UInt64, to end: UInt64) -> UInt64 {
        end > start ? ClockAnchor.scale(end &- start, by: rate.load(ordering: .relaxed)) : 0
    }

    /// The anchor for spans that end from now on. It is at most one second old, so it follows changes of the wall clock.
    package func anchor() -> ClockAnchor {
        newest.withLock { renewed(&$0, at: now()).anchor }
    }

    /// The anchor for reading spans that this process recorded.
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
        switch Int(spankit_counter_kind()) {
        case SPANKIT_COUNTER_ARM64: return true
        case SPANKIT_COUNTER_TSC:
            let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
            return (try? FileSystem.read(path).get()) == Array("tsc\n".utf8)
        default: return false
        }
    }
}
