import CSpanKit

/// A thread of the operating system, for work that blocks and so must not run on Swift's thread pool.
package struct Thread: @unchecked Sendable {
    private let handle: pthread_t

    /// Starts a thread; nil if the system cannot create one.
    /// - Parameters:
    ///   - name: the name in `ps` and debuggers, which show its first 15 bytes.
    ///   - isJoined: whether the caller will call ``join()``; otherwise the thread is detached.
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
        var handle = newThread
        // Signals are handled by the host program's threads, not by the exporter's.
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
        guard status == 0, let handle = started(handle) else {
            context.release()
            return nil
        }
        if !isJoined { pthread_detach(handle) }
        self.handle = handle
    }

    /// Waits until the thread has ended.
    package func join() {
        pthread_join(handle, nil)
    }
}

/// Runs a blocking call on a thread of its own.
package enum WaitingThread {
    /// Runs `body` on a new thread, or on this one if the system cannot create one.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        if Thread("spankit-wait", body) == nil { body() }
    }
}

/// Runs `destructor` when a thread that called ``arm()`` ends.
package struct ThreadExitHook: @unchecked Sendable {
    private let key: pthread_key_t

    package init?(_ destructor: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void) {
        var key = pthread_key_t()
        guard pthread_key_create(&key, destructor) == 0 else { return nil }
        self.key = key
    }

    /// Makes the destructor run when the calling thread ends.
    package func arm() {
        // Destructors run only for values other than nil.
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    }
}
