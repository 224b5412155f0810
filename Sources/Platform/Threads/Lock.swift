import CSpanKit

/// A mutex in its own memory, which the owner has to destroy.
///
/// It is a pthread mutex because ThreadSanitizer does not know `Synchronization.Mutex` on Linux and would report every access.
/// Its methods are inlined into the shards of `Percentiles` (`Benchmarks/PercentileBenchmarks.swift`).
@usableFromInline
package struct Lock: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    /// Frees the memory. No thread may hold the lock or wait for it.
    package func destroy() {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    @inlinable
    package func lock() { pthread_mutex_lock(mutex) }

    /// Takes the lock if it is free.
    /// - Returns: whether the caller now holds it.
    @inlinable
    package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }

    @inlinable
    package func unlock() { pthread_mutex_unlock(mutex) }

    /// Takes the lock until the fork is over, in the parent and in the child.
    ///
    /// Call it only from a function that runs before a fork (`spankit_on_fork`).
    package func acquireForFork() { spankit_fork_hold(mutex) }

    @inlinable
    package func withLock<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// A value that only one thread at a time can access.
package final class Locked<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
    }

    deinit { lock.destroy() }

    /// Runs `body` with exclusive access to the value. The lock is not recursive, so `body` must not call `withLock` on the same value.
    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Runs `body` if the lock is free; returns nil otherwise.
    ///
    /// Use it in the child of a fork, where the thread that holds the lock may not exist.
    package func withLockIfFree<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result? {
        guard lock.tryLock() else { return nil }
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Takes the lock until the fork is over, in the parent and in the child.
    ///
    /// Call it only from a function that runs before a fork (`spankit_on_fork`).
    package func acquireForFork() { lock.acquireForFork() }

    /// The value, for the thread that called ``acquireForFork()``.
    package var acquiredValue: Value { value }
}
