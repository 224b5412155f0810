import SpanKitPlatform

/// Threads that have ended, including their exit handlers, when `run` returns.
enum Threads {
    /// Starts a thread, which the caller has to join.
    static func start(_ body: @escaping @Sendable () -> Void) -> Thread {
        guard let thread = Thread("test", isJoined: true, body) else { fatalError("the system has no thread left") }
        return thread
    }

    /// Lets other threads run for a millisecond.
    static func pause() { usleep(1_000) }

    /// Runs the body on so many threads at once, each with its number.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in start { body(number) } }
        for thread in threads { thread.join() }
    }
}
