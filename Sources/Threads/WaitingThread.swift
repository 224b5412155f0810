/// A thread for one call that blocks.
package enum WaitingThread {
    /// Runs `body` on a thread of its own; here, when the system has none to give.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        if Thread("spankit-wait", body) == nil { body() }
    }
}
