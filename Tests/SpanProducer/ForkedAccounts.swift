import CSpanKitFork
import Foundation
import SpanKit

/// Forks a child that forks a child before it uses SpanKit. Each of the three has its own account, and the parent's handles are invalid.
enum ForkedAccounts {
    static func start() {
        var recording = RecordingConfiguration()
        recording.liveSpanCapacity = 127
        recording.logBytes = 2 * 65_536
        let profiler = PerformanceProfiler(.on, recording: recording, log: .silent)
        // Some are overwritten, and the others are taken.
        for _ in 0..<2_000 { profiler.profile("old") {} }
        profiler.reset()
        for _ in 0..<10 { profiler.profile("parent's") {} }
        // More than there are slots.
        let open = (0..<200).map { _ in profiler.start("open") }
        let before = profiler.account
        guard before.open == 127, before.droppedTooManyLive == 73, before.waiting == 10, before.isBalanced,
            before.taken > 0, before.overwritten > 0, before.taken + before.overwritten == 2_000
        else { _exit(1) }
        let child = spankit_test_fork()
        if child == 0 {
            let grandchild = spankit_test_fork()
            if grandchild == 0 {
                // Before anything else, so that nothing has discarded the parent's spans yet.
                guard profiler.statistics().isEmpty else { _exit(12) }
                use(profiler, open)
            }
            guard ChildEnd.status(of: grandchild) == 0 else { _exit(9) }
            use(profiler, open)
        }
        guard ChildEnd.status(of: child) == 0 else { _exit(2) }
        guard profiler.account == before, profiler.recordedSpans().count == 10 else { _exit(3) }
        // Counted in the parent only, although no span had been counted before the fork.
        guard profiler.statistics(for: "parent's")?.count == 10 else { _exit(11) }
        for span in open { profiler.end(span) }
        let after = profiler.account
        _exit(after.written == 2_137 && after.open == 0 && after.isBalanced ? 0 : 4)
    }

    /// Checks a child that has not used SpanKit yet.
    private static func use(_ profiler: PerformanceProfiler, _ open: [SpanHandle]) -> Never {
        guard !open[0].isRecording, !profiler.end(open[0]) else { _exit(5) }
        var account = profiler.account
        guard account.ignoredCalls == 1, account.isBalanced,
            [account.started, account.written, account.open, account.droppedTooManyLive].allSatisfy({ $0 == 0 }),
            [account.waiting, account.taken, account.overwritten].allSatisfy({ $0 == 0 })
        else { _exit(6) }
        guard profiler.statistics().isEmpty, profiler.recordedSpans().isEmpty else { _exit(7) }
        // Every slot is free, including those that threads of the parent kept.
        let spans = (0..<127).map { _ in profiler.start("child's") }
        account = profiler.account
        guard account.open == 127, account.droppedTooManyLive == 0, account.isBalanced else { _exit(8) }
        for span in spans { profiler.end(span) }
        account = profiler.account
        let isRight = account.written == 127 && account.waiting == 127 && account.open == 0 && account.isBalanced
        _exit(isRight && profiler.statistics(for: "child's")?.count == 127 ? 0 : 10)
    }
}
