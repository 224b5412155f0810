#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A plain thread that does something at once, then every so often, and a last time when it is stopped.
///
/// One mutex guards the two flags; the one condition wakes the thread when it is to stop, and who waits for it when it
/// has ended. The body runs without the mutex. The thread keeps this object alive until it ends.
final class PeriodicThread: @unchecked Sendable {
    private let interval: Duration
    private let body: @Sendable (_ isLast: Bool) -> Void
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    // Under the mutex:
    private var isStopping = false
    private var hasEnded = false

    init(every interval: Duration, _ body: @escaping @Sendable (_ isLast: Bool) -> Void) {
        self.interval = max(interval, .milliseconds(1))
        self.body = body
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        #if canImport(Darwin)
            pthread_cond_init(condition, nil)
        #else
            // Somebody may set the wall clock.
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
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Starts the thread; false when the system gives none.
    func start() -> Bool {
        let context = Unmanaged.passRetained(self)
        // Signals are the host program's; its handlers shall not run here.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        #if canImport(Darwin)
            var thread: pthread_t?
            let result = pthread_create(&thread, nil, { PeriodicThread.main($0) }, context.toOpaque())
            guard result == 0, let thread else {
                context.release()
                return false
            }
        #else
            var thread = pthread_t()
            guard pthread_create(&thread, nil, { PeriodicThread.main($0) }, context.toOpaque()) == 0 else {
                context.release()
                return false
            }
        #endif
        pthread_detach(thread)
        return true
    }

    /// Makes the thread do its work a last time and end.
    /// - Returns: whether it has ended when `deadline` is over; otherwise it ends when it can.
    func stop(within deadline: Duration) -> Bool {
        let end = Self.now + max(deadline, .zero)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isStopping = true
        pthread_cond_broadcast(condition)
        while !hasEnded, Self.now < end { wait(until: end) }
        return hasEnded
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        Unmanaged<PeriodicThread>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }

    private func run() {
        var next = Self.now
        while true {
            pthread_mutex_lock(mutex)
            while !isStopping, Self.now < next { wait(until: next) }
            let isLast = isStopping
            pthread_mutex_unlock(mutex)
            body(isLast)
            if isLast { break }
            // A slow body skips its turns instead of making up for them.
            repeat { next += interval } while next <= Self.now
        }
        pthread_mutex_lock(mutex)
        hasEnded = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// With the mutex held.
    private func wait(until end: Duration) {
        #if canImport(Darwin)
            var rest = timespec(max(end - Self.now, .zero))
            pthread_cond_timedwait_relative_np(condition, mutex, &rest)
        #else
            var end = timespec(end)
            pthread_cond_timedwait(condition, mutex, &end)
        #endif
    }

    private static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension timespec {
    fileprivate init(_ duration: Duration) {
        // A year is as good as for ever, and fits everywhere.
        let (seconds, attoseconds) = min(duration, .seconds(1 << 40)).components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
