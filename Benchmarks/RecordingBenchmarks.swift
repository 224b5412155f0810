import CSpanKit
import CSpanKitAllocations
import SpanKitRecording

/// Spans against the clock reads they cannot do without.
enum RecordingBenchmarks {
    /// So few that a repetition fits between two interruptions of a busy machine, of which there are many.
    private static let count = 20_000

    static func rows() -> [BenchmarkRow] {
        let profiler = PerformanceProfiler(.on, log: .silent)
        let off = PerformanceProfiler(.off)
        return [
            againstClock("profile, sync, 3 attributes / two clock reads", bar: 4) { index in
                profiler.profile("benchmark_attributes") { span in
                    span.set("number", index)
                    span.set("flag", true)
                    span.set("ratio", 0.5)
                    return work(index)
                }
            },
            againstClock("profile, sync, no attribute / two clock reads", bar: nil) { index in
                profiler.profile("benchmark_plain") { work(index) }
            },
            againstClock("start and end by hand / two clock reads", bar: 2.2) { index in
                profiler.end(profiler.start("benchmark_manual"))
                return index
            },
            BenchmarkRow.compare(
                "profile, off / the bare closure",
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

    /// Allocations of a span once everything is warm, counted by standing in front of malloc. Shown in nanoseconds' place:
    /// allocations per span against one.
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
            name: "allocations per span / one",
            measuredSeconds: Double(allocated) / Double(count),
            referenceSeconds: 1,
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
