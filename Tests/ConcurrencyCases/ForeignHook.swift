import CSpanKitForeignHook
import SpanKitConcurrency
import SpanKitPlatform

/// Another tool that replaces the runtime's hook and does not pass calls on.
enum ForeignHook {
    static func run(isLate: Bool) async {
        let measured = Measured(prepare: { if !isLate { spankit_test_replace_hook() } })
        await measured.begins()
        if isLate {
            print("active: \(TaskTimes.isActive)")
            spankit_test_replace_hook()
        }
        await measured.printNextProblem()
        print("active: \(TaskTimes.isActive)")
        await Task.detached { await measured.profiler.profile("later") { await Task.yield() } }.value
        let later = measured.profiler.recordedSpans().filter { $0.name == "later" }
        print("later: \(later.count) span, attributes: \(later.flatMap(\.attributes).map(\.key))")
    }
}
