/// A value that only one thread at a time can access, with threads waiting for it to change.
///
/// Deadlines are on the monotonic clock. Every change wakes all waiting threads.
package final class Monitor<Value>: @unchecked Sendable {
    private let lock = Lock()
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        condition.initialize(to: pthread_cond_t())
        #if canImport(Darwin)
            pthread_cond_init(condition, nil)
        #else
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        lock.destroy()
    }

    /// Reads the value.
    package func read<Result>(_ body: (Value) -> Result) -> Result {
        lock.withLock { body(value) }
    }

    /// Changes the value and wakes all waiting threads.
    package func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer {
            pthread_cond_broadcast(condition)
            lock.unlock()
        }
        return try body(&value)
    }

    /// Waits until `body`, which runs after each change, returns a result. Returns nil after the deadline.
    /// - Parameter deadline: nil to wait without a limit.
    package func wait<Result>(until deadline: ContinuousClock.Instant?, _ body: (inout Value) -> Result?) -> Result? {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let result = body(&value) { return result }
            guard let deadline else {
                pthread_cond_wait(condition, lock.mutex)
                continue
            }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return nil }
            wait(left)
        }
    }

    private func wait(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        #if canImport(Darwin)
            var span = timespec(tv_sec: Int(clamping: min(seconds, 86_400)), tv_nsec: Int(attoseconds / 1_000_000_000))
            pthread_cond_timedwait_relative_np(condition, lock.mutex, &span)
        #else
            var end = timespec()
            clock_gettime(CLOCK_MONOTONIC, &end)
            // One wait lasts at most a day. The caller then waits again.
            end.tv_sec += Int(clamping: min(seconds, 86_400))
            end.tv_nsec += Int(attoseconds / 1_000_000_000)
            if end.tv_nsec >= 1_000_000_000 {
                end.tv_sec += 1
                end.tv_nsec -= 1_000_000_000
            }
            pthread_cond_timedwait(condition, lock.mutex, &end)
        #endif
    }
}
