/// A value that one thread at a time may touch.
///
/// Over a pthread mutex instead of `Synchronization.Mutex`, because ThreadSanitizer does not see that one on Linux and would
/// report every access; a class, because the mutex needs an address of its own.
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

    /// Runs `body` alone if nobody else does now; nil otherwise. For the child of a fork, where the holder may not exist.
    package func withLockIfFree<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result? {
        guard lock.tryLock() else { return nil }
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Takes the lock until the fork is over, in the parent and in the child. For a function that runs before a fork
    /// (`spankit_on_fork`).
    package func acquireForFork() { lock.acquireForFork() }

    /// The value, for whoever holds the lock by ``acquireForFork()``.
    package var acquiredValue: Value { value }
}
