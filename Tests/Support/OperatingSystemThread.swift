import Foundation

/// Threads outside Swift's pool, as event loops and C libraries have them.
public enum OperatingSystemThread {
    /// Runs `body` on `count` new threads at once and waits until they have ended.
    public static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<count {
            let thread = Thread {
                body()
                ended.signal()
            }
            thread.start()
        }
        for _ in 0..<count { ended.wait() }
    }
}
