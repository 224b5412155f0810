import CSpanKit
import CSpanKitAllocations
import SpanKitPercentiles
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("PerformanceProfiler")
struct ProfilerTests {
    let lines = Lines()

    private func profiler(threshold: Duration = .seconds(1)) -> PerformanceProfiler {
        PerformanceProfiler(.on, warnThreshold: threshold, log: lines.log)
    }

    @Test("results and errors are passed on, sync and async, with and without the span, on and off")
    func passThrough() async {
        struct Failure: Error, Equatable {}
        for profiler in [profiler(), PerformanceProfiler(.off)] {
            #expect(profiler.profile("a") { 1 } == 1)
            #expect(profiler.profile("a") { _ in 2 } == 2)
            #expect(
                await profiler.profile("a") {
                    await Task.yield(); return 3
                } == 3
            )
            #expect(
                await profiler.profile("a") { _ in
                    await Task.yield(); return 4
                } == 4
            )
            #expect(await profiler.withSpan("a", kind: .client) { _ in 5 } == 5)
            #expect(throws: Failure()) { try profiler.profile("b") { throw Failure() } }
            await #expect(throws: Failure()) {
                try await profiler.profile("b") {
                    await Task.yield(); throw Failure()
                }
            }
            await #expect(throws: Failure()) { try await profiler.withSpan("b") { _ in throw Failure() } }
            #expect(!SpanHandle.current.context.isValid)
        }
    }

    @Test("an asynchronous closure stays on its caller's actor")
    @MainActor
    func isolation() async {
        var onMainActor = 0
        await profiler().profile("on the main actor") {
            MainActor.assertIsolated()
            onMainActor += 1
            await Task.yield()
            MainActor.assertIsolated()
        }
        #expect(onMainActor == 1)
    }

    @Test("statistics contain count, total, average, extremes and percentiles, sorted by name")
    func statistics() throws {
        let profiler = profiler()
        let start: Int64 = 1_700_000_000_000_000_000
        for milliseconds in 1...100 {
            profiler.startSpan("op", startUnixNanoseconds: start).end(at: start + Int64(milliseconds) * 1_000_000)
        }
        let operation = try #require(profiler.statistics(for: "op"))
        #expect(operation.count == 100)
        #expect(operation.totalNanoseconds == 5_050_000_000)
        #expect(operation.averageNanoseconds == 50_500_000)
        #expect(operation.minimumNanoseconds == 1_000_000)
        #expect(operation.maximumNanoseconds == 100_000_000)
        #expect(abs(operation.p50Nanoseconds / 50_000_000 - 1) < 0.003)
        #expect(abs(operation.p90Nanoseconds / 90_000_000 - 1) < 0.003)
        #expect(abs(operation.p95Nanoseconds / 95_000_000 - 1) < 0.003)
        #expect(abs(operation.p99Nanoseconds / 99_000_000 - 1) < 0.003)
        #expect(operation.averageMemoryDeltaBytes == nil, "memory is not tracked by default")
        #expect(profiler.statistics(for: "unknown") == nil)
    }

    @Test("top by total time, slowest by average, most variable by p99 against p50")
    func selections() {
        let profiler = profiler()
        func record(_ name: String, _ durations: [Int64]) {
            for duration in durations { profiler.startSpan(name, startUnixNanoseconds: 0).end(at: duration) }
        }
        record("frequent", Array(repeating: 1_000, count: 1_000))
        record("slow", Array(repeating: 100_000, count: 5))
        record("variable", Array(repeating: 100, count: 90) + Array(repeating: 9_000, count: 10))
        #expect(profiler.topOperations(2).map(\.name) == ["frequent", "slow"])
        #expect(profiler.slowestOperations(1).map(\.name) == ["slow"])
        #expect(profiler.mostVariableOperations(1).map(\.name) == ["variable"])
        #expect(profiler.mostVariableOperations(10).map(\.name).contains("slow") == false, "five calls say little")
        #expect(profiler.topOperations().count == 3)
    }

    @Test("an operation above its threshold is logged with name, duration and threshold")
    func warnings() {
        let profiler = profiler()
        profiler.profile("fast", warnThreshold: .seconds(3_600)) {}
        #expect(lines.all.isEmpty)
        profiler.profile("step_x", warnThreshold: .zero) { for _ in 0..<100 { _ = AnchoredClock.shared.anchor() } }
        #expect(lines.all.count == 1)
        #expect(lines.all[0].hasPrefix("warning: step_x took "))
        #expect(lines.all[0].hasSuffix("s, more than its threshold of 0 ns"))
        let id = profiler.start("manual")
        profiler.end(id, warnThreshold: .zero)
        #expect(lines.all.last?.hasPrefix("warning: manual took ") == true)
    }

    @Test("the profiler's threshold applies unless the call has its own")
    func defaultThreshold() {
        let profiler = profiler(threshold: .zero)
        profiler.profile("patient", warnThreshold: .seconds(60)) {}
        #expect(lines.all.isEmpty)
        profiler.profile("default") { for _ in 0..<100 { _ = AnchoredClock.shared.anchor() } }
        #expect(lines.all.count == 1)
    }

    @Test("warnings are limited to 20 lines a second")
    func flood() {
        let profiler = profiler(threshold: .zero)
        for _ in 0..<5_000 { profiler.profile("slow") { _ = AnchoredClock.shared.anchor() } }
        #expect(lines.all.count < 5_000, "at most 20 lines a second")
        #expect(lines.all.count >= 20)
    }

    @Test("a limit counts the warnings that were left out before the next one")
    func limit() {
        let limit = WarningLimit(lines: 20, milliseconds: 1_000)
        for _ in 0..<20 { #expect(limit.admit(at: 5_000) == 0) }
        for _ in 0..<80 { #expect(limit.admit(at: 5_999) == nil) }
        #expect(limit.admit(at: 6_000) == 80)
        #expect(limit.admit(at: 6_000) == 0)
    }

    @Test(
        "memory: the delta of a step that keeps a megabyte",
        .enabled(if: spankit_heap_is_counted() && spankit_allocations_are_counted())
    )
    func memory() throws {
        var configuration = RecordingConfiguration()
        configuration.tracksMemory = true
        let profiler = PerformanceProfiler(.on, recording: configuration, log: .silent)
        var kept: [[UInt8]] = []
        for _ in 0..<10 { profiler.profile("keeps") { kept.append([UInt8](repeating: 1, count: 1_000_000)) } }
        let delta = try #require(profiler.statistics(for: "keeps")?.averageMemoryDeltaBytes)
        // The heap of the whole process is counted, including that of other tests.
        #expect(delta > 500_000 && delta < 5_000_000)
        #expect(profiler.recordedSpans().allSatisfy { $0.heapDeltaBytes != nil })
        #expect(kept.count == 10)
    }

    @Test("reset clears statistics and spans; open spans count when they end")
    func reset() {
        let profiler = profiler()
        profiler.profile("before") {}
        let open = profiler.start("open")
        profiler.reset()
        #expect(profiler.statistics().isEmpty)
        #expect(profiler.recordedSpans().isEmpty)
        profiler.end(open)
        profiler.profile("after") {}
        #expect(profiler.statistics().map(\.name).sorted() == ["after", "open"])
    }

    @Test("summaries are logged by total time")
    func logging() {
        let profiler = profiler()
        profiler.logStats()
        profiler.startSpan("small", startUnixNanoseconds: 0).end(at: 1_000_000)
        profiler.startSpan("big", startUnixNanoseconds: 0).end(at: 3_000_000)
        profiler.logTopOperations(1)
        profiler.logStats()
        #expect(
            lines.all == [
                "info: no operation has been measured yet",
                "info: big: 1 call, total 3.00 ms (75 % of all operations), avg 3.00 ms, p50 3.00 ms, p95 3.00 ms, max 3.00 ms",
                "info: big: 1 call, total 3.00 ms (75 % of all operations), avg 3.00 ms, p50 3.00 ms, p95 3.00 ms, max 3.00 ms",
                "info: small: 1 call, total 1.00 ms (25 % of all operations), avg 1.00 ms, p50 1.00 ms, p95 1.00 ms, max 1.00 ms",
            ]
        )
    }

    @Test("off: nothing is measured, recorded or logged")
    func off() {
        let profiler = PerformanceProfiler(.off, log: lines.log)
        let span = profiler.start("x")
        span.set("key", 1)
        span.addEvent("event")
        #expect(!profiler.end(span))
        profiler.profile("y") { inner in #expect(!inner.isRecording) }
        profiler.logStats()
        profiler.reset()
        #expect(!profiler.isEnabled)
        #expect(profiler.statistics().isEmpty && profiler.recordedSpans().isEmpty)
        #expect(profiler.account == RecordingAccount())
        #expect(lines.all.isEmpty)
    }

    @Test(
        "ENABLE_PROFILING decides; if unset, profiling is on in debug builds; an invalid value is logged and counts as unset",
        arguments: [
            ("true", true, 0), ("TRUE", true, 0), ("1", true, 0), ("false", false, 0), ("0", false, 0), ("", nil, 0),
            (nil, nil, 0),
            ("yes please", nil, 1),
        ] as [(String?, Bool?, Int)],
        [true, false]
    )
    func environment(_ value: (text: String?, expected: Bool?, complaints: Int), isDebugBuild: Bool) {
        let reason = ProfilingMode.reasonForOff(variable: value.text, isDebugBuild: isDebugBuild, lines.log)
        #expect((reason == nil) == value.expected ?? isDebugBuild)
        // It says what to set, and mentions the variable only if that has turned profiling off.
        #expect(reason?.contains("Set ENABLE_PROFILING=true") != false)
        #expect(reason?.contains("release build") != (value.expected == false))
        #expect(lines.all.count == value.complaints)
        #expect(lines.all.allSatisfy { $0.contains("ENABLE_PROFILING: 'yes please' is neither true nor false") })
    }

    @Test("isDebugBuild is true in debug builds")
    func build() {
        #if DEBUG
            #expect(ProfilingMode.isDebugBuild)
        #else
            #expect(!ProfilingMode.isDebugBuild)
        #endif
    }

    @Test("names known only at run time are counted like others, up to the engine's limit")
    func dynamicNames() {
        let profiler = profiler()
        for number in 0..<3_000 { profiler.end(profiler.startSpan("request \(number)")) }
        let statistics = profiler.statistics()
        #expect(statistics.reduce(0) { $0 + $1.count } == 3_000)
        #expect(statistics.contains { $0.name == "__overflow__" })
        #expect(statistics.count <= 2_001)
        let long = String(repeating: "n", count: 5_000)
        profiler.end(profiler.startSpan(long))
        #expect(profiler.recordedSpans().last?.name.hasPrefix("nnnn") == true)
    }
}
