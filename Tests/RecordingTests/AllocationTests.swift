import CSpanKitAllocations
import Testing

@testable import SpanKitRecording

@Suite(
    "Recording does not allocate memory after warm-up",
    .enabled(if: spankit_allocations_are_counted(), "a sanitizer is on")
)
struct AllocationTests {
    let profiler = PerformanceProfiler(.on, log: .silent)

    /// One allocation in 50 spans: opening a chunk of the log allocates in debug builds, and the window of a histogram may grow.
    private static let negligible: UInt64 = 400

    /// Allocations of this thread during `body`, after a warm-up.
    private func allocations(_ body: () -> Void) -> UInt64 {
        for _ in 0..<40_000 { body() }
        let before = spankit_allocation_count()
        for _ in 0..<20_000 { body() }
        return spankit_allocation_count() - before
    }

    @Test("the allocation counter counts")
    func counter() {
        let before = spankit_allocation_count()
        let array = [Int](repeating: 0, count: 10_000)
        #expect(spankit_allocation_count() > before)
        #expect(array.count == 10_000)
    }

    @Test("a closure with three attributes in a task does not allocate")
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

    @Test("nested closures, texts and manual spans do not allocate")
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

    @Test("log records with three attributes do not allocate")
    func logRecords() async {
        let recorder = profiler.recorder
        let details = LogRecordDetails(recorder.logScope("Orders"), .info)
        let (name, message) = ("a text of some length", "a message of some length")
        let count = allocations {
            recorder.emit(details, body: .string(message)) { writer in
                writer.setIfMissing("name", .string(name))
                writer.setIfMissing("number", 7)
                writer.set("flag", true)
            }
        }
        #expect(count < Self.negligible)
    }

    @Test("unsampled spans and a profiler that is off do not allocate")
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
