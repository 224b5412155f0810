import SpanKitOTLP
import SpanKitPercentiles
import SpanKitTestSupport
import Testing

@testable import SpanKitPrometheusText

@Suite("Durations at fixed edges")
struct HistogramEdgesTests {
    /// Durations of all sizes, edges of the sets and their neighbours among them.
    static let durations: [UInt64] = {
        var random = SplitMix64(seed: 7)
        var durations: [UInt64] = [
            0, 0, 1, 2, 953, 954, 1_000_000_000, 1_000_000_001, 128_000_000_000, 128_000_000_001,
        ]
        for exponent in -20...7 {
            let edge = UInt64(Double(sign: .plus, exponent: exponent, significand: 1) * 1e9)
            durations += [edge - 1, edge, edge + 1]
        }
        for _ in 0..<20_000 { durations.append(random.next() >> (random.next() % 45 + 18)) }
        return durations
    }()

    static func histogram(scale: Int = 8, unit: BucketUnit = .seconds) throws -> ExponentialHistogram {
        var histogram = try ExponentialHistogram(scale: scale, unit: unit)
        for duration in durations { histogram.record(nanoseconds: duration) }
        return histogram
    }

    @Test("powers of two of a second are exact", arguments: [0, 3, 7, 8, 9])
    func exact(scale: Int) throws {
        let edges = HistogramEdges.powersOfTwo
        #expect(edges.seconds.count == 28 && edges.seconds.first == 0x1p-20 && edges.seconds.last == 128)
        #expect(edges.estimates(scale: scale, unit: .seconds) == [])
        let classic = ExplicitHistogram(try Self.histogram(scale: scale), edges: edges)
        for (edge, count) in zip(edges.seconds, classic.cumulativeCounts) {
            #expect(count == UInt64(Self.durations.count { Double($0) <= edge * 1e9 }), "at \(edge)")
        }
        #expect(classic.count == UInt64(Self.durations.count))
        #expect(classic.sum == Double(Self.durations.reduce(UInt128(0)) { $0 + UInt128($1) }) / 1e9)
    }

    @Test("other edges are estimates within one bucket", arguments: BucketUnit.allCases)
    func estimates(unit: BucketUnit) throws {
        let custom = HistogramEdges(seconds: [
            0.000_000_5, 0.001, 0.29, 5, 77.7, 0.005, 0x1p-3, .nan, -1, 0, .infinity, 5,
        ])
        #expect(custom.seconds == [0.000_000_5, 0.001, 0.005, 0x1p-3, 0.29, 5, 77.7])
        for edges in [HistogramEdges.genAI, custom] {
            let histogram = try Self.histogram(unit: unit)
            let classic = ExplicitHistogram(histogram, edges: edges)
            let estimates = edges.estimates(scale: 8, unit: unit)
            #expect(!estimates.isEmpty)
            for (edge, count) in zip(edges.seconds, classic.cumulativeCounts) {
                let nanoseconds = (edge * 1e9).rounded()
                let exact = UInt64(Self.durations.count { Double($0) <= nanoseconds })
                let cut = histogram.buckets.first { $0.lowerBound < nanoseconds && nanoseconds <= $0.upperBound }
                let distance = count > exact ? count - exact : exact - count
                #expect(distance <= (estimates.contains(edge) ? cut?.count ?? 0 : 0), "at \(edge)")
            }
            #expect(zip(classic.cumulativeCounts, classic.cumulativeCounts.dropFirst()).allSatisfy(<=))
        }
        #expect(HistogramEdges.genAI.estimates(scale: 8, unit: unit).count == 14)
        #expect(custom.estimates(scale: 8, unit: .seconds).contains(0x1p-3) == false)
    }

    @Test("short edges are exact, because each bucket holds one nanosecond")
    func short() throws {
        let edges = HistogramEdges(seconds: [5e-10, 1e-9, 2e-8, 1e-7])
        #expect(edges.estimates(scale: 8, unit: .seconds) == [])
        let classic = ExplicitHistogram(try Self.histogram(), edges: edges)
        let exact = [0.5, 1, 20, 100].map { edge in UInt64(Self.durations.count { Double($0) <= edge }) }
        #expect(classic.cumulativeCounts == exact)
    }

    @Test("no count falls while durations are counted", arguments: [HistogramEdges.genAI, .powersOfTwo])
    func monotone(edges: HistogramEdges) throws {
        var histogram = ExponentialHistogram()
        var previous = ExplicitHistogram(histogram, edges: edges).cumulativeCounts
        for duration in Self.durations.prefix(500) {
            histogram.record(nanoseconds: duration)
            let counts = ExplicitHistogram(histogram, edges: edges).cumulativeCounts
            #expect(zip(previous, counts).allSatisfy(<=))
            previous = counts
        }
    }

    @Test("empty histograms, 0 and 40 hours")
    func extremes() throws {
        var histogram = ExponentialHistogram()
        #expect(ExplicitHistogram(histogram, edges: .powersOfTwo).cumulativeCounts == Array(repeating: 0, count: 28))
        let absurd = HistogramEdges(seconds: [.leastNonzeroMagnitude, 1e-300, 1e300])
        #expect(ExplicitHistogram(histogram, edges: absurd).cumulativeCounts == [0, 0, 0])
        histogram.record(nanoseconds: 0)
        #expect(ExplicitHistogram(histogram, edges: absurd).cumulativeCounts == [1, 1, 1])
        histogram.record(nanoseconds: 144_000_000_000_000)
        let classic = ExplicitHistogram(histogram, edges: .powersOfTwo)
        #expect(classic.cumulativeCounts == Array(repeating: 1, count: 28))
        #expect(classic.count == 2 && classic.sum == 144_000)
        #expect(ExplicitHistogram(histogram, edges: HistogramEdges(seconds: [1e300])).cumulativeCounts == [2])
        #expect(ExplicitHistogram(histogram, edges: HistogramEdges(seconds: [])).cumulativeCounts == [])
    }
}

extension HistogramEdges {
    /// The edges at which counts are estimates, for histograms of this resolution.
    fileprivate func estimates(scale: Int, unit: BucketUnit) -> [Double] {
        zip(seconds, EdgePlan(self, scale: scale, unit: unit).cuts).filter { $1.share != nil }.map(\.0)
    }
}

extension ExplicitHistogram {
    fileprivate init(_ histogram: ExponentialHistogram, edges: HistogramEdges) {
        self = EdgePlan(edges, scale: histogram.scale, unit: histogram.unit).classic(histogram)
    }
}
