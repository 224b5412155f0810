import CSpanKit

/// A thread of the operating system: what blocks here blocks nobody on Swift's pool.
package struct Thread: @unchecked Sendable {
    private let handle: pthread_t

    /// Starts a thread; nil when the system has none to give.
    /// - Parameters:
    ///   - name: shown by `ps` and debuggers, at most 15 bytes of it.
    ///   - isJoined: whether ``join()`` will be called; otherwise the thread cleans up after itself.
    package init?(_ name: String, isJoined: Bool = false, _ body: @escaping @Sendable () -> Void) {
        final class Body {
            let name: String
            let run: @Sendable () -> Void
            init(_ name: String, _ run: @escaping @Sendable () -> Void) {
                self.name = name
                self.run = run
            }
        }
        let context = Unmanaged.passRetained(Body(name, body))
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        // Signals are the program's own business, not its exporter's.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let status = pthread_create(
            &handle,
            nil,
            { pointer in
                let context: UnsafeMutableRawPointer? = pointer
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                spankit_name_thread(body.name)
                body.run()
                return nil
            },
            context.toOpaque()
        )
        guard status == 0 else {
            context.release()
            return nil
        }
        #if canImport(Darwin)
            guard let handle else { return nil }
        #endif
        if !isJoined { pthread_detach(handle) }
        self.handle = handle
    }

    /// Waits until the thread has ended.
    package func join() {
        pthread_join(handle, nil)
    }
}

/// A thread for one call that blocks.
package enum WaitingThread {
    /// Runs `body` on a thread of its own; here, when the system has none to give.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        if Thread("spankit-wait", body) == nil { body() }
    }
}
