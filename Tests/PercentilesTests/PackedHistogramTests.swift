import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("Packed histograms")
struct PackedHistogramTests {
    private func histogram(_ values: [UInt64]) -> ExponentialHistogram {
        var histogram = ExponentialHistogram()
        for value in values { histogram.record(nanoseconds: value, memoryDelta: Int64(value % 7) - 3) }
        return histogram
    }

    @Test("adding to an empty histogram gives the original", arguments: Distribution.allCases)
    func roundTrip(distribution: Distribution) {
        let original = histogram(distribution.values(5_000, seed: 3) + [0, 1, .max])
        var sum = ExponentialHistogram()
        PackedHistogram(original).add(to: &sum)
        #expect(sum == original)
        PackedHistogram(ExponentialHistogram()).add(to: &sum)
        #expect(sum == original)
    }

    @Test("adding to another histogram is the same as merging", arguments: Distribution.allCases)
    func adding(distribution: Distribution) throws {
        let left = histogram(distribution.values(2_000, seed: 4))
        let right = histogram(Distribution.lognormal.values(2_000, seed: 5))
        var sum = left
        PackedHistogram(right).add(to: &sum)
        var merged = left
        try merged.merge(right)
        #expect(sum == merged)
    }

    @Test("subtracting from a later state leaves the growth", arguments: Distribution.allCases)
    func subtracting(distribution: Distribution) throws {
        let earlier = histogram(distribution.values(2_000, seed: 6))
        let growth = histogram(Distribution.pareto.values(3_000, seed: 7))
        var later = earlier
        try later.merge(growth)
        #expect(PackedHistogram(earlier).subtract(from: &later))
        #expect(later.bucketCounts == growth.bucketCounts)
        #expect(later.firstBucketIndex == growth.firstBucketIndex)
        #expect(later.count == growth.count)
        #expect(later.sumNanoseconds == growth.sumNanoseconds)
        #expect(later.memorySumBytes == growth.memorySumBytes)
        #expect(!PackedHistogram(growth).subtract(from: &later) || later.isEmpty)
    }

    @Test("subtracting something that is not an earlier state is refused")
    func foreign() {
        var histogram = histogram([1_000, 2_000])
        let other = self.histogram([5_000])
        #expect(!PackedHistogram(other).subtract(from: &histogram))
    }
}
