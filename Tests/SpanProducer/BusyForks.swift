import CSpanKitFork
import Foundation
import SpanKit
import SpanKitPercentiles
import SpanKitPlatform

/// Forks while other threads start spans, log and read counts as fast as they can, so that some hold a lock of SpanKit at that moment.
/// Each child records a span and a log record, and reads its accounts.
///
/// A child that runs Swift code may also wait for a lock of the Swift runtime, which a thread of the parent held because it used a
/// type for the first time (`TypeForks`). To test only SpanKit's locks, it forks once all threads have run one round and the first
/// spans were sent.
enum BusyForks {
    private static let rounds = Rounds()

    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(64) }
        let telemetry = Telemetry.start(.environment(), log: .silent)
        let profiler = telemetry.profiler
        profiler.profile("parent's") {}
        rounds.run {
            // Of different durations, so that histograms grow and their locks are taken.
            profiler.profile("work") { _ = usleep(UInt32.random(in: 0..<50)) }
        }
        let logs = telemetry.logs.logger("busy")
        rounds.run {
            logs.emit(.info, "a message", ["text": "a text"])
            _ = usleep(UInt32.random(in: 0..<50))
        }
        for _ in 0..<2 {
            rounds.run { _ = profiler.statistics(for: "work") }
            rounds.run { _ = (telemetry.account, profiler.account, telemetry.logsAccount) }
        }
        rounds.wait(for: 300)
        telemetry.flushAndWait(within: .seconds(30))
        for number in 1...count {
            let child = spankit_test_fork()
            if child == 0 { record(telemetry) }
            let status = ChildEnd.status(of: child)
            guard status == 0 else {
                print("child \(number) of \(count): status \(status)")
                exit(1)
            }
        }
        fflush(nil)
        _exit(0)
    }

    private static func record(_ telemetry: Telemetry) -> Never {
        let before = telemetry.profiler.account
        let isEmpty = [before.started, before.written, before.taken, before.waiting, before.open].allSatisfy { $0 == 0 }
        guard isEmpty, telemetry.profiler.statistics().isEmpty else { _exit(1) }
        let logs = telemetry.profiler.logRecordAccount
        guard [logs.emitted, logs.written, logs.waiting, logs.taken].allSatisfy({ $0 == 0 }) else { _exit(4) }
        telemetry.logs.logger("busy").emit(.info, "of the child", ["text": "a text"])
        telemetry.profiler.profile("child's") {}
        guard telemetry.logsAccount.created == 1, telemetry.profiler.logRecordAccount.isBalanced else { _exit(5) }
        guard telemetry.profiler.statistics().map(\.name) == ["child's"],
            telemetry.profiler.statistics(for: "child's")?.count == 1, telemetry.account.created == 1
        else { _exit(2) }
        let account = telemetry.profiler.account
        _exit(account.started == 1 && account.written == 1 && account.isBalanced ? 0 : 3)
    }
}

/// Threads that repeat an action and count the repetitions.
final class Rounds: Sendable {
    private let counts = Locked<[Int]>([])

    func run(_ body: @escaping @Sendable () -> Void) {
        let place = counts.withLock { counts in
            counts.append(0)
            return counts.count - 1
        }
        Thread.detachNewThread {
            while true {
                body()
                self.counts.withLock { $0[place] += 1 }
            }
        }
    }

    /// Waits until each thread has repeated its action `count` times.
    func wait(for count: Int) {
        while counts.withLock({ $0.contains { $0 < count } }) { usleep(1_000) }
    }
}
