import CClock
import Percentiles

/// Says at once when an operation was slower than its threshold, without ever flooding the log: at most
/// ``linesPerSecond``, and what was left out is counted in the next line.
@usableFromInline
final class SlowOperationWarnings: Sendable {
    static let linesPerSecond = 20

    private struct Window: Sendable {
        var second: UInt64 = 0
        var lines = 0
        var suppressed = 0
    }

    @usableFromInline let threshold: UInt64
    private let log: ProfilerLog
    private let window = Locked(Window())

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
        let suppressed: Int? = window.withLock { window in
            if window.second != second {
                window.second = second
                window.lines = 0
            }
            guard window.lines < Self.linesPerSecond else {
                window.suppressed += 1
                return nil
            }
            window.lines += 1
            defer { window.suppressed = 0 }
            return window.suppressed
        }
        guard let suppressed else { return }
        log(.warning, suppressed == 0 ? line : "\(line) (and \(suppressed) more such lines left out)")
    }
}
