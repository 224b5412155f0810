import CSpanKit
import SpanKitPlatform

/// Shuts telemetry down when the process calls `exit` or returns from `main`, so that a short-lived command does not
/// lose spans.
enum ExitHook {
    /// Retained until shutdown, so that spans are sent even if the program drops its last reference.
    private static let running = Locked<[Telemetry]>([])

    private static let isRegistered: Bool =
        atexit {
            for telemetry in ExitHook.running.withLock({ $0 }) {
                telemetry.shutdownAndWait(within: telemetry.configuration.shutdownTimeout)
            }
        } == 0

    /// Acquires the lock before a fork, because the child takes it when it exits.
    private static let isForkSafe: Bool = spankit_on_fork { ExitHook.running.acquireForFork() }

    static func add(_ telemetry: Telemetry) {
        _ = (isRegistered, isForkSafe)
        running.withLock { $0.append(telemetry) }
    }

    static func remove(_ telemetry: Telemetry) {
        running.withLock { running in running.removeAll { $0 === telemetry } }
    }
}
