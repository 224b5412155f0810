import CSpanKit
import Synchronization

/// Limits how often a warning is logged. It uses no lock, because the child of a fork could find it taken.
package final class WarningLimit: Sendable {
    private let lines: UInt64
    private let milliseconds: UInt64
    /// The start of the current period in monotonic milliseconds, and in the low byte the number of lines in it.
    private let period = Atomic<UInt64>(0)
    private let suppressed = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - lines: The number of lines that may be logged in a period, at most 255.
    ///   - milliseconds: The length of a period, which starts with its first line.
    package init(lines: UInt64, milliseconds: UInt64) {
        self.lines = lines
        self.milliseconds = milliseconds
    }

    /// Counts a warning that is due.
    /// - Parameter now: Monotonic milliseconds.
    /// - Returns: The number of warnings that were not logged since the last one that was; nil if this one must not be logged.
    package func admit(at now: UInt64 = spankit_monotonic_nanoseconds() / 1_000_000) -> UInt64? {
        var seen = period.load(ordering: .relaxed)
        while true {
            let isOver = seen == 0 || now >= seen >> 8 + milliseconds
            guard isOver || seen & 0xFF < lines else {
                suppressed.add(1, ordering: .relaxed)
                return nil
            }
            let next = isOver ? now << 8 | 1 : seen + 1
            let result = period.compareExchange(expected: seen, desired: next, ordering: .relaxed)
            if result.exchanged { return suppressed.exchange(0, ordering: .relaxed) }
            seen = result.original
        }
    }
}
