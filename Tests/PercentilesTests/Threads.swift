import SpanKitPlatform

/// Plain threads that are over, thread-exit handlers included, when `run` returns.
enum Threads {
    /// Starts a thread, to be joined by the caller.
    static func start(_ body: @escaping @Sendable () -> Void) -> Thread {
        guard let thread = Thread("test", isJoined: true, body) else { fatalError("the system has no thread left") }
        return thread
    }

    /// Leaves the processor to others for a millisecond.
    static func pause() { usleep(1_000) }

    /// Runs the body on so many threads at once, each with its number.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in start { body(number) } }
        for thread in threads { thread.join() }
    }
}
