import CSpanKit
import SpanKitPlatform

/// Shuts telemetry down when the process ends by `exit` or by returning from `main`: a command that runs for a second shall not
/// lose its spans.
enum ExitHook {
    /// Kept until they are shut down: whoever drops the last reference without that has not meant to lose spans.
    private static let running = Locked<[Telemetry]>([])

    private static let isRegistered: Bool =
        atexit {
            for telemetry in ExitHook.running.withLock({ $0 }) {
                telemetry.shutdownAndWait(within: telemetry.configuration.shutdownTimeout)
            }
        } == 0

    /// Keeps other threads from holding the lock during a fork: the child's exit asks for it.
    private static let isForkSafe: Bool = spankit_on_fork { ExitHook.running.acquireForFork() }

    static func add(_ telemetry: Telemetry) {
        _ = (isRegistered, isForkSafe)
        running.withLock { $0.append(telemetry) }
    }

    static func remove(_ telemetry: Telemetry) {
        running.withLock { running in running.removeAll { $0 === telemetry } }
    }
}
