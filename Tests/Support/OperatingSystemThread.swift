import SpanKitPlatform

/// Threads outside Swift's thread pool, like those of event loops and C libraries.
public enum OperatingSystemThread {
    /// Runs `body` on `count` new threads at once and waits until they have ended.
    public static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        for thread in (0..<count).map({ _ in start(isJoined: true, body) }) { thread.join() }
    }

    /// Runs `body` on a new thread, without waiting for it.
    public static func start(_ body: @escaping @Sendable () -> Void) {
        _ = start(isJoined: false, body)
    }

    private static func start(isJoined: Bool, _ body: @escaping @Sendable () -> Void) -> Thread {
        guard let thread = Thread("test", isJoined: isJoined, body) else { fatalError("the system has no thread left") }
        return thread
    }
}
