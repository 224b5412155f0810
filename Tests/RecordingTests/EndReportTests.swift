import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("The report of a span's end")
struct EndReportTests {
    private func profiler(_ sampler: any Sampler = AlwaysOnSampler(), _ onEnd: @escaping @Sendable () -> Void)
        -> PerformanceProfiler
    {
        var configuration = RecordingConfiguration()
        configuration.sampler = sampler
        configuration.onEnd = onEnd
        return PerformanceProfiler(.on, recording: configuration, log: .silent)
    }

    @Test("each recorded span is reported once, from any thread, after it can be read")
    func recorded() throws {
        let counts = Locked<[Int]>([])
        let known = Locked<PerformanceProfiler?>(nil)
        let profiler = profiler {
            let readable = known.withLock { $0 }?.account.written ?? 0
            counts.withLock { $0.append(Int(readable)) }
        }
        known.withLock { $0 = profiler }
        profiler.profile("literal") { span in
            span.set("key", String(repeating: "long", count: 1_000))
            profiler.profile(String("text")) {}
        }
        let span = profiler.startSpan("started", startUnixNanoseconds: 1)
        span.end(at: 2)
        span.end()
        #expect(counts.withLock { $0 } == [1, 2, 3])
        OperatingSystemThread.run(4) { for _ in 0..<100 { profiler.profile("parallel") {} } }
        #expect(counts.withLock { $0.count } == 403)
        #expect(profiler.recordedSpans().count == 403)
        known.withLock { $0 = nil }
    }

    @Test("a span that is not sampled is reported as well")
    func unsampled() {
        let count = Locked(0)
        let profiler = profiler(AlwaysOffSampler()) { count.withLock { $0 += 1 } }
        profiler.profile("work") {}
        #expect(count.withLock { $0 } == 1)
    }
}
