import CSpanKit
import CSpanKitAllocations
import SpanKitRecording

/// Spans compared with what each needs at least.
enum RecordingBenchmarks {
    /// A number that is small enough for repetitions without interruption on a busy machine.
    private static let count = 20_000

    private static let attributesReason =
        "1.33 to 1.41: an attribute takes 5 ns, and counting the duration 4 ns"
    private static let manualReason =
        "1.70 to 1.83: of the 14 ns beyond the clock, counting the duration takes 4 ns and the lock of the span less than 1 ns; the rest writes the span into its slot, and from there into the log"

    static func rows() -> [BenchmarkRow] {
        let profiler = PerformanceProfiler(.on, log: .silent)
        let off = PerformanceProfiler(.off)
        return [
            against("floor", floor, "profile, no attribute", bar: 1.1) { index in
                profiler.profile("benchmark_plain") { work(index) }
            },
            against("floor", floor, "profile, 3 attributes", bar: 1.25, reason: attributesReason) { index in
                profiler.profile("benchmark_attributes") { span in
                    span.set("number", index)
                    span.set("flag", true)
                    span.set("ratio", 0.5)
                    return work(index)
                }
            },
            against("two clock reads", clocks, "start and end", bar: 1.5, reason: manualReason) { index in
                profiler.end(profiler.start("benchmark_manual"))
                return index
            },
            BenchmarkRow.compare(
                "profile with profiling off / the closure",
                bar: 1.1,
                units: count,
                measured: { repeated { index in off.profile("benchmark_off") { work(index) } } },
                reference: { repeated { index in work(index) } }
            ),
            against("two clock reads", clocks, "log record, 3 attributes", bar: nil, logRecord(profiler)),
            allocations("span", of: spanWithAttributes(profiler)),
            allocations("log record", of: logRecord(profiler)),
        ]
    }

    /// A log record with a message and three attributes, as a handler of swift-log writes it.
    private static func logRecord(_ profiler: PerformanceProfiler) -> (Int) -> Int {
        let recorder = profiler.recorder
        let details = LogRecordDetails(recorder.logScope("benchmark"), .info)
        let (message, phase) = ("a message of a usual length", "discovery")
        return { index in
            recorder.emit(details, body: .string(message)) { writer in
                writer.setIfMissing("number", .int(Int64(index)))
                writer.setIfMissing("phase", .string(phase))
                writer.setIfMissing("ratio", 0.5)
            }
            return index
        }
    }

    /// What a nested span needs at least: two clock reads, one read of a task-local, and one push and pop by the runtime.
    private static func floor(_ index: Int) -> Int {
        let start = spankit_counter()
        let parent = SpanHandle.current
        let result = SpanHandle.$current.withValue(parent) { work(index) }
        return result &+ Int(truncatingIfNeeded: start &+ spankit_counter())
    }

    private static func clocks(_ index: Int) -> Int {
        index &+ Int(truncatingIfNeeded: spankit_counter() &+ spankit_counter())
    }

    private static func against(
        _ referenceName: String,
        _ reference: (Int) -> Int,
        _ name: String,
        bar: Double?,
        reason: String? = nil,
        _ body: (Int) -> Int
    ) -> BenchmarkRow {
        BenchmarkRow.compare(
            "\(name) / \(referenceName)",
            bar: bar,
            units: count,
            repetitions: 401,
            reason: reason,
            measured: { repeated(body) },
            reference: { repeated(reference) }
        )
    }

    private static func spanWithAttributes(_ profiler: PerformanceProfiler) -> (Int) -> Int {
        { index in
            profiler.profile("benchmark_attributes") { span in
                span.set("number", index)
                span.set("flag", true)
                return index
            }
        }
    }

    /// The allocations per record after a warm-up, counted by interposing malloc, and compared with one allocation.
    private static func allocations(_ name: String, of body: (Int) -> Int) -> BenchmarkRow {
        repeated(body)
        let before = spankit_allocation_count()
        repeated(body)
        let allocated = spankit_allocation_count() - before
        return BenchmarkRow(
            "allocations per \(name) / one",
            measured: Double(allocated) / Double(count),
            reference: 1,
            unit: .allocations,
            bar: 0.001
        )
    }

    @inline(__always)
    private static func repeated(_ body: (Int) -> Int) {
        var sum = 0
        for index in 0..<count { sum &+= body(index) }
        withExtendedLifetime(sum) {}
    }

    @inline(never)
    private static func work(_ index: Int) -> Int { index &* 31 &+ 7 }
}
