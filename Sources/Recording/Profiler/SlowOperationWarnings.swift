import CSpanKit
import SpanKitPlatform
import Synchronization

/// Says at once when an operation was slower than its threshold, without ever flooding the log: at most
/// ``linesPerSecond``, and what was left out is counted in the next line.
@usableFromInline
final class SlowOperationWarnings: Sendable {
    static let linesPerSecond = 20

    @usableFromInline let threshold: UInt64
    private let log: ProfilerLog
    /// The present second, and in the low byte the lines said in it. No lock, which the child of a fork could find taken.
    private let window = Atomic<UInt64>(0)
    private let suppressed = Atomic<Int>(0)

    init(threshold: Int64, log: ProfilerLog) {
        self.threshold = UInt64(max(0, threshold))
        self.log = log
    }

    @inlinable
    @inline(__always)
    func isDue(_ nanoseconds: UInt64, _ own: Duration?) -> Bool {
        guard let own else { return nanoseconds > threshold }
        return Duration.nanoseconds(Int64(clamping: nanoseconds)) > own
    }

    @inline(never)
    func warn(_ name: String, _ nanoseconds: UInt64, _ own: Duration?) {
        let limit = own.map { ReadableDuration($0) } ?? ReadableDuration(nanoseconds: threshold)
        say("\(name) took \(ReadableDuration(nanoseconds: nanoseconds)), more than its threshold of \(limit)")
    }

    private func say(_ line: String) {
        let second = spankit_monotonic_nanoseconds() / 1_000_000_000
        guard isAllowed(second) else {
            suppressed.add(1, ordering: .relaxed)
            return
        }
        let suppressed = suppressed.exchange(0, ordering: .relaxed)
        log(.warning, suppressed == 0 ? line : "\(line) (and \(suppressed) more such lines left out)")
    }

    /// Whether one more line may be said in this second; counts it.
    private func isAllowed(_ second: UInt64) -> Bool {
        var seen = window.load(ordering: .relaxed)
        while true {
            let lines = seen >> 8 == second ? seen & 0xFF : 0
            guard lines < Self.linesPerSecond else { return false }
            let result = window.compareExchange(expected: seen, desired: second << 8 | lines + 1, ordering: .relaxed)
            if result.exchanged { return true }
            seen = result.original
        }
    }
}
