import CSpanKitFork
import Foundation
import SpanKit

/// Records spans and log records, forks while they wait, and records again in the child.
enum ForkedRun {
    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(64) }
        var configuration = TelemetryConfiguration.environment()
        configuration.batch.scheduleDelay = .seconds(3_600)
        configuration.batch.maximumSpans = 1_000_000
        configuration.logBatch = configuration.batch
        configuration.resource = .detected(by: [.process]).merging(configuration.resource)
        let telemetry = Telemetry.start(configuration)
        // The child runs Swift code, so the sending thread must not be using a type for the first time during the fork: the child
        // would wait for that thread (docs/export.md). `type-forks` tests the handlers themselves.
        telemetry.profiler.profile("before the fork") { telemetry.logs.emit(.info, "before the fork") }
        telemetry.flushAndWait(within: .seconds(600))
        let open = telemetry.profiler.start("open across the fork")
        record(telemetry, 0..<count)
        let child = spankit_test_fork()
        if child == 0 {
            // Only the parent can end its span.
            telemetry.profiler.end(open)
            record(telemetry, count..<2 * count)
            let account = telemetry.shutdownAndWait(within: .seconds(600))
            let logs = telemetry.logsAccount
            print(
                "child: created \(account.created) balanced \(account.isBalanced), logs \(logs.created) \(logs.isBalanced)"
            )
            fflush(nil)
            let exported = [account, logs].map { $0.destinations.first?.exported }
            _exit(exported == [UInt64(count), UInt64(count)] && logs.isBalanced ? 0 : 1)
        }
        telemetry.profiler.end(open)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        let account = telemetry.shutdownAndWait(within: .seconds(600))
        let logs = telemetry.logsAccount
        print("parent: created \(account.created) balanced \(account.isBalanced), logs \(logs.created) child \(status)")
        let exported = [account, logs].map { $0.destinations.first?.exported }
        exit(status == 0 && exported == [UInt64(count + 2), UInt64(count + 1)] && logs.isBalanced ? 0 : 1)
    }

    /// Records a span with each number, and a log record in it with the same number.
    private static func record(_ telemetry: Telemetry, _ numbers: Range<Int>) {
        let logs = telemetry.logs.logger("producer")
        for number in numbers {
            telemetry.profiler.profile("work") { span in
                span.set("number", number)
                logs.emit(.info, "a message", ["number": .int(Int64(number))])
            }
        }
    }
}
