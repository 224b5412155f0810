import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("The engine counts what is recorded")
struct PercentileEngineTests {
    static func configuration(_ scale: Int, _ unit: BucketUnit) -> PercentileEngine.Configuration {
        var configuration = PercentileEngine.Configuration()
        configuration.scale = scale
        configuration.unit = unit
        return configuration
    }

    @Test("it gives the same histogram as recording by hand", arguments: Distribution.allCases)
    func same(distribution: Distribution) throws {
        for scale in [7, 8] {
            for unit in BucketUnit.allCases {
                let engine = PercentileEngine(configuration: Self.configuration(scale, unit))
                let operation = engine.operation(named: "operation")
                var expected = try ExponentialHistogram(scale: scale, unit: unit)
                for value in distribution.values(5_000, seed: 8) {
                    engine.record(operation, nanoseconds: value)
                    expected.record(nanoseconds: value)
                }
                #expect(engine.snapshot(of: operation).histogram == expected)
                #expect(engine.snapshot() == [OperationSnapshot(name: "operation", histogram: expected)])
            }
        }
    }

    @Test("memory deltas are counted before and after a thread has its own histogram")
    func memory() throws {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        var expected = ExponentialHistogram()
        var random = SplitMix64(seed: 1)
        for round in 0..<2_000 {
            let value = random.next() % 1_000
            let delta = Int64(round % 7) - 3
            if round % 3 == 0 {
                engine.record(operation, nanoseconds: value)
                expected.record(nanoseconds: value)
            } else {
                engine.record(operation, nanoseconds: value, memoryDelta: delta)
                expected.record(nanoseconds: value, memoryDelta: delta)
            }
        }
        #expect(engine.snapshot(of: operation).histogram == expected)
    }

    @Test("durations above 39 hours are counted in the last bucket with exact count, sum and maximum")
    func beyond() throws {
        for extreme in [IndexTable.largestDuration + 1, 1 << 53, 1 << 63, UInt64.max] {
            let engine = PercentileEngine()
            let operation = engine.operation(named: "operation")
            for _ in 0..<300 { engine.record(operation, nanoseconds: 1_000) }
            for _ in 0..<300 { engine.record(operation, nanoseconds: extreme) }
            let histogram = engine.snapshot(of: operation).histogram
            #expect(histogram.count == 600)
            #expect(histogram.minimumNanoseconds == 1_000)
            #expect(histogram.maximumNanoseconds == extreme)
            // The sum holds 584 years.
            if extreme < 1 << 54 { #expect(histogram.sumNanoseconds == UInt128(300_000 + 300 * extreme)) }
            let estimate = try #require(histogram.quantile(0.9))
            #expect(estimate.lowerBound <= Double(extreme) && Double(extreme) <= estimate.upperBound)
            #expect(histogram.quantile(0.5)?.lowerBound == 1_000)
        }
    }

    @Test("the minimum is exact even if all durations are above the range")
    func onlyBeyond() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        engine.record(operation, nanoseconds: 1 << 50)
        engine.record(operation, nanoseconds: .max)
        let histogram = engine.snapshot(of: operation).histogram
        #expect(histogram.minimumNanoseconds == 1 << 50)
        #expect(histogram.maximumNanoseconds == .max)
    }

    @Test("failures are counted separately from durations")
    func errors() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        engine.recordError(operation)
        engine.recordError(operation)
        #expect(engine.snapshot().map(\.errorCount) == [2])
        #expect(engine.snapshot(of: operation).histogram.isEmpty)
    }

    @Test("a name always has the same handle, and a handle the same name")
    func names() {
        let engine = PercentileEngine()
        let names =
            (0..<500).map { "operation \($0)" } + ["", "ä", "日本語", "a\u{0}b", String(repeating: "x", count: 10_000)]
        let handles = names.map(engine.operation(named:))
        #expect(Set(handles).count == names.count)
        #expect(names.map(engine.operation(named:)) == handles)
        #expect(handles.map(engine.name(of:)) == names)
        #expect(engine.refusedNameCount == 0)
    }

    @Test("operations beyond the limit are counted as overflow, and refused names are counted")
    func overflow() {
        var configuration = PercentileEngine.Configuration()
        configuration.maximumOperations = 3
        let engine = PercentileEngine(configuration: configuration)
        let handles = ["a", "b", "c", "d", "e", "a"].map(engine.operation(named:))
        #expect(handles.map(engine.name(of:)) == ["a", "b", "c", "__overflow__", "__overflow__", "a"])
        #expect(handles[3] == .overflow)
        #expect(engine.refusedNameCount == 2)
        for handle in handles { engine.record(handle, nanoseconds: 5) }
        #expect(engine.snapshot().map(\.name) == ["__overflow__", "a", "b", "c"])
        #expect(engine.snapshot(of: .overflow).histogram.count == 2)
        #expect(engine.operation(named: "__overflow__") == .overflow)
        #expect(engine.refusedNameCount == 2)
    }

    @Test("a handle of another engine is harmless and counted as overflow")
    func foreign() {
        let engine = PercentileEngine()
        let foreign = OperationID(rawValue: .max)
        for _ in 0..<600 { engine.record(foreign, nanoseconds: 7) }
        engine.recordError(foreign)
        #expect(engine.name(of: foreign) == "__overflow__")
        #expect(engine.snapshot(of: .overflow).histogram.count == 600)
        #expect(engine.snapshot(of: foreign).errorCount == 1)
    }

    @Test("configuration values are limited to their range")
    func badConfiguration() {
        var configuration = PercentileEngine.Configuration()
        configuration.scale = 99
        configuration.maximumOperations = -5
        configuration.privateByteBudget = -1
        let engine = PercentileEngine(configuration: configuration)
        let operation = engine.operation(named: "only one")
        for value in UInt64(0)..<1_000 { engine.record(operation, nanoseconds: value) }
        #expect(engine.operation(named: "second") == .overflow)
        #expect(engine.snapshot(of: operation).histogram.scale == 8)
        #expect(engine.snapshot(of: operation).histogram.count == 1_000)
    }

    @Test("memory depends on the range of durations, not on their number")
    func constantMemory() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        let values = Distribution.lognormal.values(10_000, seed: 2)
        for value in values { engine.record(operation, nanoseconds: value) }
        let bytes = engine.bytesAllocated
        for _ in 0..<20 { for value in values { engine.record(operation, nanoseconds: value) } }
        #expect(engine.bytesAllocated == bytes)
        #expect(engine.snapshot(of: operation).histogram.count == 210_000)
    }

    @Test("private histograms stay within the budget, and nothing is lost when it is used up")
    func budget() {
        var configuration = PercentileEngine.Configuration()
        configuration.privateByteBudget = 20_000
        let engine = PercentileEngine(configuration: configuration)
        let shared = PercentileEngine(
            configuration: {
                var none = configuration; none.privateByteBudget = 0; return none
            }()
        )
        var random = SplitMix64(seed: 3)
        let names = (0..<20).map { "operation \($0)" }
        let values = (0..<40_000).map { _ in random.next() >> (20 + random.next() % 30) }
        for target in [engine, shared] {
            let handles = names.map(target.operation(named:))
            for (place, value) in values.enumerated() { target.record(handles[place % 20], nanoseconds: value) }
        }
        #expect(engine.snapshot() == shared.snapshot())
        #expect(engine.snapshot().reduce(0) { $0 + $1.histogram.count } == 40_000)
        #expect(engine.bytesAllocated - shared.bytesAllocated <= 20_000)
    }
}
