/// A thread that runs a closure immediately, then at an interval, and one last time when it is stopped.
///
/// The closure runs without a lock held. It is released when the thread ends.
package final class PeriodicThread: Sendable {
    private struct State {
        var isStopping = false
        var hasEnded = false
    }

    private let name: String
    private let interval: Duration
    private let body: @Sendable (_ isLast: Bool) -> Void
    private let state = Monitor(State())

    /// - Parameters:
    ///   - name: the name in `ps` and debuggers, which show its first 15 bytes.
    ///   - interval: the time from one start of the closure to the next. A call is skipped if the previous one is still
    ///     running.
    ///   - body: the closure. Its argument says whether this is the last call.
    package init(_ name: String, every interval: Duration, _ body: @escaping @Sendable (_ isLast: Bool) -> Void) {
        self.name = name
        self.interval = max(interval, .milliseconds(1))
        self.body = body
    }

    /// Starts the thread; false if the system cannot create one.
    package func start() -> Bool {
        Thread(name) { [self] in run() } != nil
    }

    /// Makes the thread run its closure one last time and end.
    /// - Returns: whether it ended before the deadline. Otherwise it ends as soon as it can.
    package func stop(within deadline: Duration) -> Bool {
        let end = ContinuousClock.now.advanced(by: max(deadline, .zero))
        state.change { $0.isStopping = true }
        return state.wait(until: end) { $0.hasEnded ? true : nil } ?? false
    }

    private func run() {
        var next = ContinuousClock.now
        while true {
            let isLast = state.wait(until: next) { $0.isStopping ? true : nil } ?? false
            body(isLast)
            if isLast { break }
            repeat { next = next.advanced(by: interval) } while next <= .now
        }
        state.change { $0.hasEnded = true }
    }
}
