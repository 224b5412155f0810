import SpanKitPercentiles
import SpanKitPlatform
import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitRecording

@Suite("Every ended span is counted exactly once, although its duration is counted late", .generousTimeLimit)
struct LateCountTests {
    private func profiler(whenFull: SpanLogOverflow = .overwriteOldest, logBytes: Int = 8 * Region.chunkBytes)
        -> PerformanceProfiler
    {
        var configuration = RecordingConfiguration()
        configuration.logBytes = logBytes
        configuration.whenLogIsFull = whenFull
        return PerformanceProfiler(.on, recording: configuration, log: .silent)
    }

    @Test("each reader sees a span that has just ended: the statistics, the total, a delta reader and a window")
    func atOnce() {
        let profiler = profiler()
        let engine = profiler.recorder.engine
        let deltas = DeltaReader(of: engine)
        let window = SlidingWindow(of: engine, startingAt: 0)
        // More spans than fit into a chunk.
        for number in 1...1_500 as ClosedRange<UInt64> {
            profiler.end(profiler.start("work"))
            guard number < 20 || number % 97 == 0 || number > 1_490 else { continue }
            #expect(profiler.statistics(for: "work")?.count == number)
            #expect(engine.total().map(\.histogram.count) == [number])
            #expect(window.snapshot(at: 1).map(\.histogram.count) == [number])
        }
        #expect(deltas.collect().map(\.histogram.count) == [1_500])
        profiler.profile("work") {}
        #expect(deltas.collect().map(\.histogram.count) == [1])
        #expect(deltas.collect().isEmpty)
        profiler.profile("work") {}
        profiler.reset()
        #expect(profiler.statistics().isEmpty, "a reset includes what had ended before it")
        profiler.profile("work") {}
        #expect(profiler.statistics(for: "work")?.count == 1)
    }

    @Test("spans of every kind are counted once: plain, failed, unsampled, long, dropped, with times of their own")
    func kinds() {
        let profiler = profiler(whenFull: .dropNewest, logBytes: 2 * Region.chunkBytes)
        var number: UInt64 = 0
        while profiler.account.droppedLogFull < 10 {
            number += 1
            let span = profiler.start("work")
            if number % 3 == 0 { span.set("text", .string(String(repeating: "x", count: Int(number) % 2_000))) }
            if number % 5 == 0 { span.setStatus(.error("no")) }
            profiler.end(span)
            let timed = profiler.startSpan("timed", startUnixNanoseconds: 1)
            profiler.end(timed)
        }
        #expect(profiler.statistics(for: "work")?.count == number)
        #expect(profiler.statistics(for: "timed")?.count == number)
        #expect(profiler.statistics(for: "work")?.errorCount == number / 5)
    }

    @Test("a profiler that is released keeps the counts of its operations")
    func closing() {
        var profiler: PerformanceProfiler? = profiler()
        let engine = profiler?.recorder.engine
        for _ in 0..<100 { profiler?.profile("work") {} }
        profiler = nil
        #expect(engine?.total().map(\.histogram.count) == [100])
    }

    @Test(
        "a reader never misses a span that ended before, and never counts one twice, while threads record and end",
        arguments: [SpanLogOverflow.overwriteOldest, .dropNewest]
    )
    func concurrent(whenFull: SpanLogOverflow) {
        let profiler = profiler(whenFull: whenFull)
        let recorder = profiler.recorder
        let (waves, threads, count) = (4, 3, 4_000)
        let ended = Atomic<UInt64>(0)
        let isDone = Atomic<Bool>(false)
        let failures = Locked<[String]>([])
        let deltas = Locked<[OperationSnapshot]>([])
        let reader = Thread("reader", isJoined: true) {
            let collector = DeltaReader(of: recorder.engine)
            var last: UInt64 = 0
            var isLast = false
            while !isLast {
                isLast = isDone.load(ordering: .acquiring)
                let before = ended.load(ordering: .acquiring)
                let counted = recorder.engine.total().reduce(0) { $0 + $1.histogram.count }
                // Each thread may have ended one span more than it has noted.
                let after = ended.load(ordering: .acquiring) + UInt64(threads)
                if counted < max(before, last) || counted > after {
                    failures.withLock { $0.append("\(counted), not \(before) to \(after), after \(last)") }
                }
                last = counted
                deltas.withLock { try? $0.merge(collector.collect()) }
                // Empties the log, so that chunks are used again.
                if whenFull == .dropNewest { recorder.consume(recorder.read { _ in true }) }
            }
        }
        for _ in 0..<waves {
            OperatingSystemThread.run(threads) {
                for number in 0..<count {
                    let span = profiler.start(number % 2 == 0 ? "even" : "odd")
                    if number % 7 == 0 { span.set("number", number) }
                    profiler.end(span)
                    ended.add(1, ordering: .releasing)
                }
            }
        }
        isDone.store(true, ordering: .releasing)
        reader?.join()
        #expect(failures.withLock { $0 } == [])
        let half = UInt64(waves * threads * count / 2)
        #expect(recorder.engine.total().map(\.histogram.count) == [half, half])
        #expect(deltas.withLock { $0 }.map(\.histogram.count) == [half, half])
    }
}
