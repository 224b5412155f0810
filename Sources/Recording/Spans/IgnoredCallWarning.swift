import CSpanKit
import SpanKitPlatform
import Synchronization

/// Tells of calls that did nothing, because their span had ended or is another profiler's: of the first at once, of all others
/// in one line a minute. The account counts each of them.
final class IgnoredCallWarning: Sendable {
    static let interval: UInt64 = 60_000_000_000

    private let log = Locked<ProfilerLog?>(nil)
    private let nextLine = Atomic<UInt64>(0)
    private let sinceLastLine = Atomic<UInt64>(0)

    /// Says it to this log from now on.
    func say(to log: ProfilerLog) {
        self.log.withLock { $0 = log }
    }

    func acquireForFork() { log.acquireForFork() }

    /// Takes note of a call.
    /// - Parameters:
    ///   - name: of the span's operation; nil for a span of another profiler.
    ///   - now: monotonic nanoseconds.
    func tell(of name: @autoclosure () -> String?, now: UInt64 = spankit_monotonic_nanoseconds()) {
        sinceLastLine.add(1, ordering: .relaxed)
        let due = nextLine.load(ordering: .relaxed)
        guard now >= due,
            nextLine.compareExchange(expected: due, desired: now + Self.interval, ordering: .relaxed).exchanged
        else { return }
        let others = sinceLastLine.exchange(0, ordering: .relaxed) - 1
        let what =
            name().map { "the span '\($0)' had ended when it was changed or ended again" }
            ?? "a span of another profiler, or none, was given to this one to end"
        let more = others == 0 ? "" : ", as did \(others) more such calls since the last such line"
        log.withLock { $0 }?(.warning, "\(what): that does nothing\(more) (account.ignoredCalls)")
    }
}
