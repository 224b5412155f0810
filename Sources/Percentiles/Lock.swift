import CClock

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A mutex in memory of its own, to be destroyed by its owner.
///
/// Not `Synchronization.Mutex`, because ThreadSanitizer does not see that one on Linux.
struct Lock: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    /// Gives the memory back; nobody may hold or want the lock.
    func destroy() {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }

    /// - Returns: whether the lock was free and is now held.
    func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }

    func unlock() { pthread_mutex_unlock(mutex) }

    /// Takes the lock until the fork is over, in the parent and in the child. For a function that runs before a fork
    /// (`spankit_on_fork`).
    func acquireForFork() { spankit_fork_hold(mutex) }

    func withLock<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}
