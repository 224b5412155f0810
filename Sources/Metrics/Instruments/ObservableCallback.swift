import SpanKitPlatform
import Synchronization

/// A callback of an observable instrument.
final class ObservableCallback: Sendable {
    let name: String
    private let body: @Sendable (MetricObserver) throws -> Void
    private let isStopped = Atomic<Bool>(false)
    /// Whether a call has taken too long and has not returned yet.
    private let isHanging = Atomic<Bool>(false)
    private let hasWarned = Atomic<Bool>(false)

    init(_ name: String, _ body: @escaping @Sendable (MetricObserver) throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Whether the callback can be called: it was not stopped, and no call hangs.
    var isReady: Bool { !isStopped.load(ordering: .relaxed) && !isHanging.load(ordering: .relaxed) }

    /// Whether the callback is not called any more.
    var hasEnded: Bool { isStopped.load(ordering: .relaxed) }

    /// Sets whether a call hangs, which prevents further calls.
    func setHanging(_ value: Bool) { isHanging.store(value, ordering: .relaxed) }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Calls the callback.
    /// - Returns: the values; nil if it threw an error.
    func call(_ empty: Observations, _ log: MeterLog) -> Observations? {
        let observations = Locked(empty)
        var error: (any Error)?
        do { try body(MetricObserver(observations: observations)) } catch let thrown { error = thrown }
        let values = observations.withLock { observations in
            observations.isOver = true
            return observations
        }
        guard let error else { return values }
        warn(log, "its callback failed: \(error)")
        return nil
    }

    /// Logs the first problem of the callback.
    func warn(_ log: MeterLog, _ problem: String) {
        guard !hasWarned.exchange(true, ordering: .relaxed) else { return }
        log(
            .warning,
            "instrument '\(name.shortened)': \(problem); its values are left out until the callback returns in time without an error"
        )
    }
}

/// Calls the callbacks of observable instruments on a thread of its own, and does not wait for those that hang.
enum CallbackRunner {
    private struct Progress {
        var results: [Observations?] = []
        /// The number of callbacks that were called.
        var started = 0
        /// The caller has given up on the callback that is running. The thread ends after it, or at once if it has not called it yet.
        var isAbandoned = false
    }

    /// Calls callbacks one after the other.
    ///
    /// A callback that takes longer than the timeout is left out. The others are called nevertheless.
    /// - Returns: the values of each callback; nil for one that failed or was too slow.
    static func run(
        _ callbacks: [(callback: ObservableCallback, empty: Observations)],
        timeout: Duration,
        log: MeterLog
    ) -> [Observations?] {
        var results: [Observations?] = []
        while results.count < callbacks.count {
            let remaining = Array(callbacks[results.count...])
            let progress = Monitor(Progress())
            let thread = Thread("spankit-observe") {
                for (callback, empty) in remaining {
                    let isWanted = progress.change { progress in
                        if !progress.isAbandoned { progress.started += 1 }
                        return !progress.isAbandoned
                    }
                    guard isWanted else { return }
                    let values = callback.call(empty, log)
                    progress.change { $0.results.append(values) }
                    callback.setHanging(false)
                }
            }
            guard thread != nil else {
                log(
                    .warning,
                    "the system has no thread for the callbacks of observable instruments; their values are left out this time"
                )
                return results + Array(repeating: nil, count: remaining.count)
            }
            var waitsFor = 0
            while waitsFor < remaining.count {
                let count = progress.wait(until: .now.advanced(by: timeout)) { progress in
                    progress.results.count > waitsFor ? progress.results.count : nil
                }
                guard let count else { break }
                waitsFor = count
            }
            let finished = progress.change { progress in
                progress.isAbandoned = true
                // The thread clears this after it has added the result.
                if progress.started > progress.results.count {
                    remaining[progress.results.count].callback.setHanging(true)
                }
                return progress.results
            }
            results += finished
            if finished.count < remaining.count {
                remaining[finished.count].callback.warn(log, "its callback did not return within \(timeout)")
                results.append(nil)
            }
        }
        return results
    }
}
