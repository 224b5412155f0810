import CSpanKitFork
import Foundation
import SpanKit

/// Records spans, forks while they wait, and records again in the child.
enum ForkedRun {
    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(64) }
        var configuration = TelemetryConfiguration.environment()
        configuration.batch.scheduleDelay = .seconds(3_600)
        configuration.batch.maximumSpans = 1_000_000
        configuration.resource = .detected(by: [.process]).merging(configuration.resource)
        let telemetry = Telemetry.start(configuration)
        // The child runs Swift code, so the sending thread must not be using a type for the first time during the fork: the child
        // would wait for that thread (docs/export.md). `type-forks` tests the handlers themselves.
        telemetry.profiler.profile("before the fork") {}
        telemetry.flushAndWait(within: .seconds(600))
        let open = telemetry.profiler.start("open across the fork")
        record(telemetry.profiler, 0..<count)
        let child = spankit_test_fork()
        if child == 0 {
            // Only the parent can end its span.
            telemetry.profiler.end(open)
            record(telemetry.profiler, count..<2 * count)
            let account = telemetry.shutdownAndWait(within: .seconds(600))
            print("child: created \(account.created) balanced \(account.isBalanced)")
            fflush(nil)
            _exit(account.destinations.first?.exported == UInt64(count) ? 0 : 1)
        }
        telemetry.profiler.end(open)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        let account = telemetry.shutdownAndWait(within: .seconds(600))
        print("parent: created \(account.created) balanced \(account.isBalanced) child \(status)")
        exit(status == 0 && account.destinations.first?.exported == UInt64(count + 2) ? 0 : 1)
    }

    private static func record(_ profiler: PerformanceProfiler, _ numbers: Range<Int>) {
        for number in numbers { profiler.profile("work") { $0.set("number", number) } }
    }
}
