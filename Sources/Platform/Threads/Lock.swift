import CSpanKit

/// A mutex in memory of its own, to be destroyed by its owner.
///
/// A pthread mutex instead of `Synchronization.Mutex`, because ThreadSanitizer does not see that one on Linux and would
/// report every access. Its methods are inlined into the shards of `Percentiles` (`Benchmarks/PercentileBenchmarks.swift`).
@usableFromInline
package struct Lock: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    /// Gives the memory back; no thread may hold the lock or wait for it.
    package func destroy() {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    @inlinable
    package func lock() { pthread_mutex_lock(mutex) }

    /// - Returns: whether the lock was free and is now held.
    @inlinable
    package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }

    @inlinable
    package func unlock() { pthread_mutex_unlock(mutex) }

    /// Takes the lock until the fork is over, in the parent and in the child. For a function that runs before a fork
    /// (`spankit_on_fork`).
    package func acquireForFork() { spankit_fork_hold(mutex) }

    @inlinable
    package func withLock<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// A value that one thread at a time may touch.
///
/// A class, because it frees its ``Lock``.
package final class Locked<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
    }

    deinit { lock.destroy() }

    /// Runs `body` alone. It must not come back here: the lock is not recursive.
    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Runs `body` if the lock is free; nil otherwise. For the child of a fork, where the holder may not exist.
    package func withLockIfFree<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result? {
        guard lock.tryLock() else { return nil }
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Takes the lock until the fork is over, in the parent and in the child. For a function that runs before a fork
    /// (`spankit_on_fork`).
    package func acquireForFork() { lock.acquireForFork() }

    /// The value, for the thread that holds the lock by ``acquireForFork()``.
    package var acquiredValue: Value { value }
}
