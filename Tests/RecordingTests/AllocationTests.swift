import CSpanKitAllocations
import Testing

@testable import SpanKitRecording

@Suite("Recording allocates nothing once it runs", .enabled(if: spankit_allocations_are_counted(), "a sanitizer is on"))
struct AllocationTests {
    let profiler = PerformanceProfiler(.on, log: .silent)

    /// One in fifty spans: passing to the next chunk of the log allocates in debug builds, and a histogram's window may grow.
    private static let negligible: UInt64 = 400

    /// Allocations of this thread during `body`, after it has run often enough to be in its steady state.
    private func allocations(_ body: () -> Void) -> UInt64 {
        for _ in 0..<40_000 { body() }
        let before = spankit_allocation_count()
        for _ in 0..<20_000 { body() }
        return spankit_allocation_count() - before
    }

    @Test("the counter counts")
    func counter() {
        let before = spankit_allocation_count()
        let array = [Int](repeating: 0, count: 10_000)
        #expect(spankit_allocation_count() > before)
        #expect(array.count == 10_000)
    }

    @Test("a closure with three attributes: none, in a task")
    func closure() async {
        let count = allocations {
            profiler.profile("closure") { span in
                span.set("number", 1)
                span.set("flag", true)
                span.set("ratio", 0.5)
            }
        }
        #expect(count < Self.negligible)
    }

    @Test("nested closures, texts, and a span by hand: none")
    func others() async {
        let count = allocations {
            profiler.profile("outer") {
                profiler.profile("inner") { span in span.set("text", "a text of some length") }
            }
            let span = profiler.start("manual")
            span.set("flag", false)
            profiler.end(span)
        }
        #expect(count < Self.negligible)
    }

    @Test("unsampled, and off: none")
    func unsampled() async {
        var configuration = RecordingConfiguration()
        configuration.sampler = AlwaysOffSampler()
        let unsampled = PerformanceProfiler(.on, recording: configuration, log: .silent)
        let off = PerformanceProfiler(.off)
        let count = allocations {
            unsampled.profile("quiet") { span in span.set("number", 1) }
            off.profile("off") { span in span.set("number", 1) }
        }
        #expect(count < Self.negligible)
    }
}
