import SpanKitBenchmarkRows
import SpanKitTestSupport
import Testing

@Suite("Comparing benchmark results")
struct BenchmarkComparisonTests {
    private typealias Rows = BenchmarkRowTests

    /// Two runs of nine samples around a ratio.
    private static func runs(_ ratio: Double, spread: Double = 0.01, count: Int = 2) -> [[Double]] {
        (0..<count).map { run in (0..<9).map { ratio * (1 + spread * Double(($0 * 7 + run) % 9 - 4) / 4) } }
    }

    private static func verdict(_ before: [[Double]], _ after: [[Double]], unit: BenchmarkUnit = .seconds) -> String {
        BenchmarkComparison.verdict(Rows.row("a", before, unit: unit), Rows.row("a", after, unit: unit)).1
    }

    @Test("samples that do not overlap make a difference sure")
    func sure() {
        #expect(Self.verdict(Self.runs(4), Self.runs(3.52)) == "faster by 12 % (sure)")
        #expect(Self.verdict(Self.runs(4), Self.runs(4.3)) == "slower by 7.5 % (sure)")
        #expect(Self.verdict(Self.runs(2), Self.runs(5)) == "slower by 150 % (sure)")
    }

    @Test("a single run is never sure of a time")
    func singleRun() {
        #expect(Self.verdict(Self.runs(4, count: 1), Self.runs(3)) == "probably faster by 25 % (noise 1.0 %)")
    }

    @Test("samples that overlap a little make a difference probable")
    func probable() {
        #expect(
            Self.verdict(Self.runs(4, spread: 0.05), Self.runs(4.3, spread: 0.05))
                == "probably slower by 7.5 % (noise 5.0 %)"
        )
    }

    @Test("differences within the noise are not reported as differences")
    func none() {
        #expect(
            Self.verdict(Self.runs(4, spread: 0.05), Self.runs(4.1, spread: 0.05))
                == "no difference beyond the noise of 5.0 %"
        )
        #expect(
            Self.verdict(Self.runs(4, spread: 0), Self.runs(4.02, spread: 0))
                == "no difference beyond the noise of 1.0 %"
        )
        // One outlier in ten is not in the range.
        let outlier = [[4.0] + Array(repeating: 1, count: 9), Array(repeating: 1, count: 10)]
        #expect(Self.verdict(outlier, outlier) == "no difference beyond the noise of 1.0 %")
    }

    @Test("counts that are the same in every run are exact")
    func exact() {
        #expect(Self.verdict([[1]], [[1]], unit: .bytes) == "same")
        #expect(Self.verdict([[1], [1]], [[0.9], [0.9]], unit: .bytes) == "smaller by 10 % (sure)")
        #expect(Self.verdict([[1]], [[0.9]], unit: .bytes) == "probably smaller by 10 % (noise 0.0 %)")
        #expect(Self.verdict([[0], [0]], [[0], [0]], unit: .spans) == "same")
        #expect(Self.verdict([[0], [0]], [[0.5], [0.5]], unit: .spans) == "more from 0 to 0.500 (sure)")
        #expect(
            Self.verdict([[0], [0]], [[0.5], [0.1]], unit: .spans) == "probably more from 0 to 0.300 (noise 67 %)"
        )
    }

    @Test("two files are compared row by row")
    func text() throws {
        let before = BenchmarkResults(
            machine: "a processor, 2 cores",
            build: "abc1234, Swift 6.3",
            rows: [
                Rows.row("record / floor", Self.runs(4), bar: 4.5),
                Rows.row("encode / memcpy", Self.runs(8, spread: 0.05)),
                Rows.row("removed / floor", Self.runs(1)),
                BenchmarkRow("burst: lost / all", measured: 0, reference: 200_000, unit: .spans, bar: 0, isShare: true),
            ]
        )
        let after = BenchmarkResults(
            machine: "a processor, 2 cores",
            build: "def5678, Swift 6.3",
            rows: [
                Rows.row("record / floor", Self.runs(4.8), bar: 4.5),
                Rows.row("encode / memcpy", Self.runs(8.1, spread: 0.05)),
                BenchmarkRow(
                    "burst: lost / all",
                    measured: 500,
                    reference: 200_000,
                    unit: .spans,
                    bar: 0,
                    isShare: true
                ),
                Rows.row("added / floor", Self.runs(1)),
            ]
        )
        try Golden.expect(BenchmarkComparison(("a.json", before), ("b.json", after)).text, "comparison.txt")
    }
}
