import CSpanKit
import CSpanKitAllocations
import SpanKitRecording

/// Spans compared with the two clock reads that each needs.
enum RecordingBenchmarks {
    /// A number that is small enough for repetitions without interruption on a busy machine.
    private static let count = 20_000

    static func rows() -> [BenchmarkRow] {
        let profiler = PerformanceProfiler(.on, log: .silent)
        let off = PerformanceProfiler(.off)
        return [
            againstClock("profile, 3 attributes / two clock reads", bar: 4) { index in
                profiler.profile("benchmark_attributes") { span in
                    span.set("number", index)
                    span.set("flag", true)
                    span.set("ratio", 0.5)
                    return work(index)
                }
            },
            againstClock("profile, no attribute / two clock reads", bar: nil) { index in
                profiler.profile("benchmark_plain") { work(index) }
            },
            againstClock("start and end / two clock reads", bar: 2.2) { index in
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
            allocations(profiler),
        ]
    }

    private static func againstClock(_ name: String, bar: Double?, _ body: (Int) -> Int) -> BenchmarkRow {
        BenchmarkRow.compare(
            name,
            bar: bar,
            units: count,
            repetitions: 201,
            measured: { repeated(body) },
            reference: {
                repeated { index in index &+ Int(truncatingIfNeeded: spankit_counter() &+ spankit_counter()) }
            }
        )
    }

    /// The allocations per span after a warm-up, counted by interposing malloc, and compared with one allocation.
    private static func allocations(_ profiler: PerformanceProfiler) -> BenchmarkRow {
        let body = { (index: Int) in
            profiler.profile("benchmark_attributes") { span in
                span.set("number", index)
                span.set("flag", true)
                return index
            }
        }
        repeated(body)
        let before = spankit_allocation_count()
        repeated(body)
        let allocated = spankit_allocation_count() - before
        return BenchmarkRow(
            "allocations per span / one",
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
