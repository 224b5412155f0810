import CSpanKitFork
import Metrics
import SpanKitPlatform
import SpanKitServer
import SpanKitTestSupport
import Testing

@Suite("Metrics in a forked child", .generousTimeLimit)
struct MetricsForkTests {
    @Test("a child makes metrics although other threads of the parent held locks of the factory at the fork")
    func locks() async {
        await #expect(processExitsWith: .success) {
            let factory = MeteredRun().factory
            let rounds = Locked(0)
            for _ in 0..<3 {
                OperatingSystemThread.start {
                    while true {
                        Self.makeAndDestroy(factory)
                        rounds.withLock { $0 += 1 }
                    }
                }
            }
            // Everything that the Swift runtime creates at the first use exists then.
            while rounds.withLock({ $0 }) < 200 { sched_yield() }
            for _ in 0..<100 {
                let child = spankit_test_fork()
                if child == 0 {
                    // Ends a child that waits for a lock.
                    alarm(60)
                    for _ in 0..<100 { Self.makeAndDestroy(factory) }
                    _exit(0)
                }
                var status: Int32 = 0
                guard waitpid(child, &status, 0) == child, status == 0 else { _exit(1) }
            }
            _exit(0)
        }
    }

    private static func makeAndDestroy(_ factory: SpanKitMetricsFactory) {
        let dimensions = [("key", "\(Int.random(in: 0..<20))")]
        let counter = Counter(label: "counter", dimensions: dimensions, factory: factory)
        counter.increment()
        counter.destroy()
    }
}
