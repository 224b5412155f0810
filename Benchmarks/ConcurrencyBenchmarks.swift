import CSpanKitTaskStates
import Foundation
import SpanKit
import SpanKitBenchmarkRows
import SpanKitRecording

/// Suspensions and spans with `SpanKitConcurrency`, compared with those without it.
///
/// The program links the functions that replace those of the runtime. So what a suspension takes without them is computed: a yield, less
/// what the functions add to one exit and enter while they are off.
enum ConcurrencyBenchmarks {
    private static let count = 2_000

    private static let spanReason =
        "three attributes alone take 1.24 (rows \"profile\"), so less is not possible; 1.95 with all work, and 1.33 without the measurement and the attributes, because the span takes a slower path when it starts and ends"

    static func rows() async -> [BenchmarkRow] {
        await Task.detached { await measure() }.value
    }

    private static func measure() async -> [BenchmarkRow] {
        guard spankit_states_install(1) == SPANKIT_STATES_COMPLETE, let functions = Functions() else { return [] }
        let frame = UnsafeMutablePointer<spankit_span_frame>.allocate(capacity: 1)
        defer { frame.deallocate() }
        spankit_states_set_level(SPANKIT_STATES_OFF)
        let added = functions.addedNanoseconds()
        var (off, on): ([BenchmarkRow.Sample], [BenchmarkRow.Sample]) = ([], [])
        for _ in 0..<BenchmarkRow.sampleCount {
            var (without, linked, measured) = (Double.infinity, Double.infinity, Double.infinity)
            for _ in 0..<20 {
                spankit_states_set_level(SPANKIT_STATES_OFF)
                let time = await yields()
                linked = min(linked, time)
                without = min(without, time - added / 1e9)
                spankit_states_set_level(SPANKIT_STATES_ON)
                spankit_states_begin(frame, 1, spankit_states_now())
                measured = min(measured, await yields())
                var ticks: [UInt64] = [0, 0, 0, 0]
                _ = spankit_states_end(frame, 1, spankit_states_now(), &ticks)
            }
            off.append(BenchmarkRow.Sample(measured: linked, reference: without))
            on.append(BenchmarkRow.Sample(measured: measured, reference: without))
        }
        spankit_states_set_level(SPANKIT_STATES_OFF)
        return [
            BenchmarkRow("a yield, linked but off / without", unit: .seconds, bar: 1.05, runs: [off]),
            // 20 ns of 226.
            BenchmarkRow("a yield in a measured span / without", unit: .seconds, bar: 1.09, runs: [on]),
            spans(),
        ]
    }

    /// The seconds of one yield.
    private static func yields() async -> Double {
        let clock = ContinuousClock()
        return await clock.measure { for _ in 0..<count { await Task.yield() } } / .seconds(count)
    }

    private static func spans() -> BenchmarkRow {
        let plain = PerformanceProfiler(.on, log: .silent)
        var configuration = RecordingConfiguration()
        configuration.spanTimes = SpanTimes(
            begin: spankit_states_begin,
            end: spankit_states_end,
            report: { _, _, _, _, _ in },
            context: nil
        )
        let timed = PerformanceProfiler(.on, recording: configuration, log: .silent)
        spankit_states_set_level(SPANKIT_STATES_ON)
        defer { spankit_states_set_level(SPANKIT_STATES_OFF) }
        return BenchmarkRow.compare(
            "span with parts / span without",
            bar: 1.1,
            units: count,
            repetitions: 401,
            reason: spanReason,
            measured: { for _ in 0..<count { timed.profile("benchmark_parts") {} } },
            reference: { for _ in 0..<count { plain.profile("benchmark_parts") {} } }
        )
    }

    /// The functions that the runtime calls when a task stops and starts on a thread: the runtime's own, and those of SpanKit.
    private struct Functions {
        typealias Function = @convention(c) (UnsafeMutableRawPointer) -> Void

        private let own: (exit: Function, enter: Function)
        private let runtime: (exit: Function, enter: Function)
        private let state: UnsafeMutableRawPointer

        /// Returns nil if the runtime is linked statically.
        init?() {
            guard let program = dlopen(nil, RTLD_NOW), let core = dlopen("libswiftCore.so", RTLD_NOW | RTLD_NOLOAD)
            else { return nil }
            func function(_ name: String, _ library: UnsafeMutableRawPointer) -> Function? {
                dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
            }
            let (exit, enter) = ("swift_task_exitThreadLocalContext", "swift_task_enterThreadLocalContext")
            guard let ownExit = function(exit, program), let ownEnter = function(enter, program),
                let exit = function(exit, core), let enter = function(enter, core)
            else { return nil }
            own = (ownExit, ownEnter)
            runtime = (exit, enter)
            // It has the size of the runtime's state, which is part of a task.
            state = .allocate(byteCount: 64, alignment: 16)
            state.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
        }

        /// What SpanKit's functions add to one exit and enter while they are off.
        func addedNanoseconds() -> Double {
            func time(_ exit: Function, _ enter: Function) -> Double {
                let clock = ContinuousClock()
                return clock.measure {
                    for _ in 0..<count {
                        exit(state)
                        enter(state)
                    }
                } / .nanoseconds(count)
            }
            var (with, without) = (Double.infinity, Double.infinity)
            for _ in 0..<200 {
                with = min(with, time(own.exit, own.enter))
                without = min(without, time(runtime.exit, runtime.enter))
            }
            return max(0, with - without)
        }
    }
}
