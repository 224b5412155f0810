import Testing

@testable import SpanKitPercentiles

@Suite("Statistics of operations")
struct OperationStatisticsTests {
    static func operation(_ name: String, _ durations: [UInt64]) throws -> OperationStatistics {
        OperationStatistics(name: name, histogram: try HistogramPropertyTests.histogram(durations))
    }

    @Test("the statistics of a list of durations")
    func statistics() throws {
        var histogram = ExponentialHistogram()
        for duration in UInt64(1)...100 {
            histogram.record(nanoseconds: duration, memoryDelta: duration <= 50 ? -10 : nil)
        }
        let snapshot = OperationSnapshot(name: "query", histogram: histogram, errorCount: 3)
        #expect(
            snapshot.statistics
                == OperationStatistics(
                    name: "query",
                    count: 100,
                    errorCount: 3,
                    totalNanoseconds: 5_050,
                    averageNanoseconds: 50.5,
                    minimumNanoseconds: 1,
                    maximumNanoseconds: 100,
                    p50Nanoseconds: 50,
                    p90Nanoseconds: 90,
                    p95Nanoseconds: 95,
                    p99Nanoseconds: 99,
                    averageMemoryDeltaBytes: -10
                )
        )
        #expect(snapshot.statistics.variability == 1.98)
    }

    @Test("an empty histogram has zeros, no memory and a variability of 1")
    func empty() {
        let statistics = OperationStatistics(name: "", histogram: ExponentialHistogram())
        #expect(statistics.count == 0 && statistics.p99Nanoseconds == 0 && statistics.averageNanoseconds == 0)
        #expect(statistics.averageMemoryDeltaBytes == nil)
        #expect(statistics.variability == 1)
    }

    @Test("operations are ordered by total time, average or variability, with ties by name")
    func selection() throws {
        let operations = [
            try Self.operation("often", Array(repeating: 10, count: 100)),
            try Self.operation("slow", [500]),
            try Self.operation("b", [200, 200]),
            try Self.operation("a", [200, 200]),
            try Self.operation("shaky", Array(repeating: 1, count: 50) + Array(repeating: 8, count: 50)),
        ]
        #expect(operations.topByTotalTime(2).map(\.name) == ["often", "slow"])
        #expect(operations.topByTotalTime(10).map(\.name) == ["often", "slow", "shaky", "a", "b"])
        #expect(operations.slowestByAverage(3).map(\.name) == ["slow", "a", "b"])
        #expect(operations.mostVariable(1).map(\.name) == ["shaky"])
        #expect(operations.mostVariable(9, minimumCount: 100).map(\.name) == ["shaky", "often"])
        #expect(operations.topByTotalTime(-1).isEmpty)
    }

    @Test("snapshots of several runs merge by name")
    func mergeSnapshots() throws {
        let one = OperationSnapshot(name: "a", histogram: try HistogramPropertyTests.histogram([1, 2]), errorCount: 1)
        let two = OperationSnapshot(name: "b", histogram: try HistogramPropertyTests.histogram([3]))
        var merged = [one]
        try merged.merge([two, one])
        #expect(merged.map(\.name) == ["a", "b"])
        #expect(merged[0].histogram.count == 4 && merged[0].errorCount == 2)
        #expect(merged[1] == two)
        let foreign = OperationSnapshot(
            name: "a",
            histogram: try HistogramPropertyTests.histogram([1], unit: .nanoseconds)
        )
        let before = merged
        #expect(throws: HistogramError.self) { try merged.merge([two, foreign]) }
        #expect(merged == before)
    }
}
