import CSpanKitFork
import Foundation
import SpanKit

/// Records spans and forks a child that calls `exit` without a span of its own, as after a failed `exec`. Then it kills itself, so
/// that its spans are only in its spool folder.
enum SilentChild {
    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(64) }
        var configuration = TelemetryConfiguration.environment()
        configuration.batch.scheduleDelay = .seconds(3_600)
        configuration.batch.maximumSpans = 1_000_000
        configuration.shutdownTimeout = .seconds(600)
        let telemetry = Telemetry.start(configuration, log: .silent)
        for number in 0..<count { telemetry.profiler.profile("work") { $0.set("number", number) } }
        let child = spankit_test_fork()
        if child == 0 {
            // Kills a child that hangs.
            alarm(300)
            guard telemetry.flushAndWait(within: .seconds(600)).created == 0 else { _exit(1) }
            exit(0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { _exit(1) }
        kill(getpid(), SIGKILL)
    }
}
