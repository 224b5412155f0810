import CFork
import Foundation
import SpanKit

/// Forks while other threads start spans and read counts as fast as they can, so that some hold a lock at that moment. Each child
/// records a span and reads what became of it.
enum BusyForks {
    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(64) }
        let telemetry = Telemetry.start(.environment(), log: .silent)
        let profiler = telemetry.profiler
        profiler.profile("parent's") {}
        Thread.detachNewThread {
            // Of varying length, so that histograms grow and their locks are taken.
            while true {
                profiler.profile("work") { _ = usleep(UInt32.random(in: 0..<50)) }
            }
        }
        for _ in 0..<2 {
            Thread.detachNewThread { while true { _ = profiler.statistics(for: "work") } }
            Thread.detachNewThread { while true { _ = telemetry.account } }
        }
        // Swift's runtime takes locks of its own when it meets a type for the first time, and no fork handler knows them: whoever
        // forks then may hang whatever we do. So all that the threads and the children call has been called before.
        _ = (profiler.statistics(for: "work"), telemetry.account)
        usleep(500_000)
        for number in 1...count {
            let child = spankit_test_fork()
            if child == 0 { record(telemetry) }
            let status = end(of: child)
            guard status == 0 else {
                print("child \(number) of \(count): status \(status)")
                exit(1)
            }
        }
        fflush(nil)
        _exit(0)
    }

    private static func record(_ telemetry: Telemetry) -> Never {
        telemetry.profiler.profile("child's") {}
        let isCounted = telemetry.profiler.statistics(for: "child's")?.count == 1
        _exit(isCounted && telemetry.account.created == 1 ? 0 : 1)
    }

    /// A child that waits for a thread it does not have never ends by itself.
    private static func end(of child: pid_t) -> Int32 {
        var status: Int32 = 0
        for _ in 0..<50_000 {
            if waitpid(child, &status, WNOHANG) == child { return status }
            usleep(200)
        }
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        return status
    }
}
