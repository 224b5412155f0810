#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Lets another thread run: what a short spin does when the holder of the lock was preempted.
func yieldProcessor() {
    sched_yield()
}

/// Runs `destructor` when a thread that called ``arm()`` ends.
package struct ThreadExitHook: @unchecked Sendable {
    private let key: pthread_key_t

    package init?(_ destructor: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void) {
        var key = pthread_key_t()
        guard pthread_key_create(&key, destructor) == 0 else { return nil }
        self.key = key
    }

    /// For the calling thread. The value only has to differ from nil.
    package func arm() {
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    }
}
