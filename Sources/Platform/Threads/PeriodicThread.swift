/// A plain thread that does something at once, then every so often, and a last time when it is stopped.
///
/// The body runs while nothing is locked. The thread keeps what it needs alive until it ends.
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
    ///   - name: shown by `ps` and debuggers, at most 15 bytes of it.
    ///   - interval: from one start of the body to the next; one that takes longer skips its turns.
    ///   - body: what is done; the last time it is told so.
    package init(_ name: String, every interval: Duration, _ body: @escaping @Sendable (_ isLast: Bool) -> Void) {
        self.name = name
        self.interval = max(interval, .milliseconds(1))
        self.body = body
    }

    /// Starts the thread; false when the system gives none.
    package func start() -> Bool {
        Thread(name) { [self] in run() } != nil
    }

    /// Makes the thread do its work a last time and end.
    /// - Returns: whether it has ended when `deadline` is over; otherwise it ends when it can.
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
