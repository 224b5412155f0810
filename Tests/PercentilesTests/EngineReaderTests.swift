import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("Resetting, deltas and sliding windows")
struct EngineReaderTests {
    @Test("after a reset, counts, minimum and maximum start afresh and are exact")
    func reset() throws {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        for distribution in [Distribution.lognormal, .tiny, .pareto, .bimodal, .constant] {
            var expected = ExponentialHistogram()
            for value in distribution.values(3_000, seed: 12) {
                engine.record(operation, nanoseconds: value, memoryDelta: 5)
                expected.record(nanoseconds: value, memoryDelta: 5)
            }
            engine.recordError(operation)
            #expect(engine.snapshot() == [OperationSnapshot(name: "operation", histogram: expected, errorCount: 1)])
            engine.reset()
            #expect(engine.snapshot().isEmpty)
            #expect(engine.snapshot(of: operation).histogram == ExponentialHistogram())
        }
        #expect(engine.operation(named: "operation") == operation)
    }

    @Test("a reset does not affect totals, because counters must not decrease")
    func totals() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        engine.record(operation, nanoseconds: 10)
        engine.reset()
        engine.record(operation, nanoseconds: 30)
        engine.recordError(operation)
        let window = SlidingWindow(of: engine, startingAt: 0)
        engine.record(operation, nanoseconds: 20)
        #expect(engine.snapshot().map(\.histogram.count) == [2])
        #expect(engine.total().map(\.histogram.count) == [3])
        #expect(engine.total().map(\.histogram.minimumNanoseconds) == [10])
        #expect(engine.total().map(\.histogram.maximumNanoseconds) == [30])
        #expect(engine.total().map(\.errorCount) == [1])
        let (lately, total) = window.snapshotAndTotal(at: 1)
        #expect(lately.map(\.histogram.count) == [1])
        #expect(lately.map(\.errorCount) == [0])
        #expect(total.map(\.histogram.count) == [3])
        #expect(total.map(\.errorCount) == [1])
    }

    @Test("deltas contain what was counted since the last one, and affect neither each other nor a reset")
    func deltas() throws {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        let every = DeltaReader(of: engine)
        let second = DeltaReader(of: engine)
        var all = ExponentialHistogram()
        var pair = ExponentialHistogram()
        for round in 0..<8 {
            var expected = ExponentialHistogram()
            let distribution = Distribution.allCases[round]
            for value in distribution.values(1_000, seed: UInt64(round)) {
                engine.record(operation, nanoseconds: value)
                expected.record(nanoseconds: value)
            }
            try all.merge(expected)
            try pair.merge(expected)
            #expect(every.collect() == [OperationSnapshot(name: "operation", histogram: expected)])
            #expect(every.collect().isEmpty)
            if round % 2 == 1 {
                #expect(second.collect().map(\.histogram) == [pair])
                pair = ExponentialHistogram()
            }
            #expect(engine.snapshot(of: operation).histogram == all)
        }
        engine.reset()
        engine.record(operation, nanoseconds: 42)
        #expect(every.collect().map(\.histogram.maximumNanoseconds) == [42])
        #expect(engine.snapshot().map(\.histogram.count) == [1])
    }

    @Test("a delta reader starts with the existing counts, and its number is reused")
    func readerPlaces() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        for round in UInt64(1)...50 {
            engine.record(operation, nanoseconds: round)
            let reader = DeltaReader(of: engine)
            let first = reader.collect()
            #expect(first.map(\.histogram.count) == [3 * round - 2])
            #expect(first.map(\.histogram.maximumNanoseconds) == [max(1, 1_000 * (round - 1))])
            engine.record(operation, nanoseconds: 1_000 * round)
            let delta = reader.collect()
            #expect(delta.map(\.histogram.minimumNanoseconds) == [1_000 * round])
            #expect(delta.map(\.histogram.maximumNanoseconds) == [1_000 * round])
            engine.reset()
            engine.record(operation, nanoseconds: 1)
            engine.reset()
            _ = reader.collect()
        }
        #expect(engine.registry.addReader() == 1)
    }

    @Test("a sliding window drops its parts one by one")
    func sliding() throws {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        engine.record(operation, nanoseconds: 999)
        let second: UInt64 = 1_000_000_000
        let window = SlidingWindow(of: engine, startingAt: 1_000 * second)
        #expect(window.snapshot(at: 1_000 * second).isEmpty)
        for part in UInt64(0)..<10 {
            let now = (1_000 + part * 10) * second
            window.advance(to: now)
            engine.record(operation, nanoseconds: (part + 1) * 100)
            let histogram = try #require(window.snapshot(at: now + 5 * second).first?.histogram)
            #expect(histogram.count == min(part + 1, 6))
            #expect(histogram.minimumNanoseconds == (part >= 6 ? part - 4 : 1) * 100)
            #expect(histogram.maximumNanoseconds == (part + 1) * 100)
        }
        window.advance(to: 1_100 * second)
        #expect(window.snapshot(at: 1_149 * second).first?.histogram.count == 1)
        #expect(window.snapshot(at: 1_150 * second).isEmpty)
        #expect(engine.snapshot(of: operation).histogram.count == 11)
    }

    @Test("counts from a time without calls to advance are not dropped early")
    func late() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        let window = SlidingWindow(of: engine, parts: 3, partNanoseconds: 10, startingAt: 0)
        engine.record(operation, nanoseconds: 1)
        #expect(window.snapshot(at: 1_000).map(\.histogram.count) == [1])
        #expect(window.snapshot(at: 1_019).map(\.histogram.count) == [1])
        #expect(window.snapshot(at: 1_020).isEmpty)
    }

    @Test("a window loses nothing if its time stops or goes back")
    func clock() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        let window = SlidingWindow(of: engine, parts: 0, partNanoseconds: 0, startingAt: 50)
        for now: UInt64 in [50, 50, 40, 0] {
            engine.record(operation, nanoseconds: 1)
            _ = window.snapshot(at: now)
        }
        #expect(window.snapshot(at: 50).first?.histogram.count == 4)
    }
}
