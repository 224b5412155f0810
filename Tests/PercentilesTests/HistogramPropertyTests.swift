import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

/// Distributions with known trouble: heavy tails, atoms, gaps, order.
enum Distribution: String, CaseIterable, Sendable {
    case lognormal, bimodal, pareto, constant, sorted, twoPoint, single, tiny

    func values(_ count: Int, seed: UInt64) -> [UInt64] {
        var random = SplitMix64(seed: seed)
        func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }
        func normal() -> Double { (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform()) }
        switch self {
        case .lognormal: return (0..<count).map { _ in UInt64(exp(14 + 1.5 * normal())) }
        case .bimodal:
            return (0..<count).map { _ in UInt64(uniform() < 0.7 ? 200_000 + 20_000 * normal() : 4e7 + 3e6 * normal()) }
        case .pareto: return (0..<count).map { _ in UInt64(min(50_000 / (1 - uniform()), 1e13)) }
        case .constant: return Array(repeating: 1_234_567, count: count)
        case .sorted: return Self.lognormal.values(count, seed: seed).sorted()
        case .twoPoint: return (0..<count).map { _ in random.next() % 10 == 0 ? 5_000_000_000 : 3 }
        case .single: return [987_654_321]
        case .tiny: return (0..<count).map { _ in random.next() % 300 }
        }
    }
}

@Suite("Quantiles and merging are correct for any distribution")
struct HistogramPropertyTests {
    static let shares = [0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1]

    static func histogram(_ values: some Sequence<UInt64>, scale: Int = 8, unit: BucketUnit = .seconds) throws
        -> ExponentialHistogram
    {
        var histogram = try ExponentialHistogram(scale: scale, unit: unit)
        for value in values { histogram.record(nanoseconds: value) }
        return histogram
    }

    @Test(
        "every estimate is within the stated error, and its bounds contain the exact value",
        arguments: Distribution.allCases
    )
    func quantiles(distribution: Distribution) throws {
        for count in [1, 2, 10, 99, 100, 101, 1_000, 20_000] {
            let values = distribution.values(count, seed: UInt64(count))
            let sorted = values.sorted()
            for scale in [3, 7, 8] {
                for unit in BucketUnit.allCases {
                    try Self.check(try Self.histogram(values, scale: scale, unit: unit), sorted: sorted)
                }
            }
        }
    }

    static func check(_ histogram: ExponentialHistogram, sorted: [UInt64]) throws {
        let bound = ErrorBound(scale: histogram.scale)
        for (estimator, limit) in [(QuantileEstimator.interpolated, bound.bucket), (.minimax, bound.harmonic)] {
            let estimates = histogram.quantiles(shares, estimator: estimator)
            try #require(estimates.count == shares.count)
            for (share, estimate) in zip(shares, estimates) {
                // Thousandths and ten-thousandths are whole numbers here, so that the true rank has no rounding.
                let rank = max(1, (Int((share * 10_000).rounded()) * sorted.count + 9_999) / 10_000)
                let truth = Double(sorted[rank - 1])
                #expect(estimate.lowerBound <= truth && truth <= estimate.upperBound)
                #expect(estimate.lowerBound <= estimate.estimate && estimate.estimate <= estimate.upperBound)
                #expect(abs(estimate.estimate - truth) <= limit * truth)
            }
        }
    }

    @Test("constants are exact at every quantile, and so are the minimum and maximum of any distribution")
    func exact() throws {
        let constant = try Self.histogram(Distribution.constant.values(1_000, seed: 1))
        for share in Self.shares {
            #expect(constant.quantile(share)?.estimate == 1_234_567)
            #expect(constant.quantile(share, estimator: .minimax)?.estimate == 1_234_567)
        }
        let values = Distribution.lognormal.values(1_000, seed: 5)
        let histogram = try Self.histogram(values)
        for estimator in [QuantileEstimator.interpolated, .minimax] {
            #expect(histogram.quantile(1, estimator: estimator)?.estimate == values.max().map { Double($0) })
            #expect(histogram.quantile(0, estimator: estimator)?.estimate == values.min().map { Double($0) })
        }
    }

    @Test("short durations are exact, because their buckets contain only one whole number")
    func whole() throws {
        let values = Distribution.tiny.values(5_000, seed: 3)
        let sorted = values.sorted()
        let histogram = try Self.histogram(values)
        for share in [0.1, 0.5, 0.9, 0.99] {
            let rank = Int((share * 5_000).rounded(.up))
            #expect(histogram.quantile(share)?.estimate == Double(sorted[rank - 1]))
        }
    }

    @Test("the order of the requested quantiles does not matter")
    func order() throws {
        let histogram = try Self.histogram(Distribution.pareto.values(1_000, seed: 9))
        let forward = histogram.quantiles(Self.shares)
        #expect(histogram.quantiles(Self.shares.reversed()) == Array(forward.reversed()))
        #expect(Self.shares.map { histogram.quantile($0) } == forward.map { Optional($0) })
    }

    @Test("a share outside 0…1 is clamped, and an empty histogram has no quantiles")
    func limits() throws {
        let histogram = try Self.histogram([5, 500])
        #expect(histogram.quantile(-3) == histogram.quantile(0))
        #expect(histogram.quantile(7) == histogram.quantile(1))
        #expect(histogram.quantile(.nan) == histogram.quantile(1))
        #expect(histogram.quantile(.infinity) == histogram.quantile(1))
        #expect(ExponentialHistogram().quantile(0.5) == nil)
        #expect(ExponentialHistogram().quantiles([0.5, 0.9]).isEmpty)
    }

    @Test(
        "a share is read as the decimal it is written as",
        arguments: [
            (0.99, 1_000, 990), (0.95, 100, 95), (0.5, 1, 1), (0.5, 2, 1), (0.5, 3, 2), (0.9999, 10_000, 9_999),
            (0.07, 100, 7), (0.29, 100, 29), (1, 5, 5), (0, 5, 1), (1e-13, 5, 1),
        ] as [(Double, UInt64, UInt64)]
    )
    func rank(share: Double, count: UInt64, rank: UInt64) {
        #expect(ExponentialHistogram.rank(of: share, count: count) == rank)
        #expect(ExponentialHistogram.rank(of: share, count: .max) <= .max)
    }

    @Test("merging in any order gives the same as one histogram that counted everything")
    func merge() throws {
        for unit in BucketUnit.allCases {
            let lists = [Distribution.lognormal, .bimodal, .tiny].enumerated().map {
                $0.element.values(2_000, seed: UInt64($0.offset))
            }
            for scales in [[8, 8, 8], [8, 7, 3], [3, 8, -2]] {
                let parts = try zip(lists, scales).map { try Self.histogram($0, scale: $1, unit: unit) }
                let all = try Self.histogram(lists.joined(), scale: try #require(scales.min()), unit: unit)
                for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
                    var left = parts[order[0]]
                    try left.merge(parts[order[1]])
                    try left.merge(parts[order[2]])
                    #expect(left == all)
                    var right = parts[order[1]]
                    try right.merge(parts[order[2]])
                    var grouped = parts[order[0]]
                    try grouped.merge(right)
                    #expect(grouped == all)
                }
            }
        }
    }

    @Test("merging with an empty histogram changes at most the scale")
    func mergeEmpty() throws {
        let histogram = try Self.histogram([1, 2, 3])
        var sum = ExponentialHistogram()
        try sum.merge(histogram)
        #expect(sum == histogram)
        try sum.merge(ExponentialHistogram())
        #expect(sum == histogram)
    }

    @Test("different units are refused, and an overflow changes nothing")
    func mergeErrors() throws {
        var seconds = try Self.histogram([1], unit: .seconds)
        let nanoseconds = try Self.histogram([1], unit: .nanoseconds)
        #expect(throws: HistogramError.differentUnits(.seconds, .nanoseconds)) { try seconds.merge(nanoseconds) }
        let full = try ExponentialHistogram(
            scale: 8,
            unit: .seconds,
            firstBucketIndex: 0,
            bucketCounts: [.max],
            sumNanoseconds: 7
        )
        let before = seconds
        #expect(throws: HistogramError.overflow("the count")) { try seconds.merge(full) }
        #expect(seconds == before)
    }

    @Test("the difference of two states has what was counted in between")
    func subtract() throws {
        let first = Distribution.lognormal.values(3_000, seed: 21)
        let second = Distribution.bimodal.values(3_000, seed: 22)
        let earlier = try Self.histogram(first)
        var later = earlier
        let between = try Self.histogram(second)
        try later.merge(between)
        let difference = try later.subtracting(earlier)
        #expect(difference.bucketCounts == between.bucketCounts)
        #expect(difference.firstBucketIndex == between.firstBucketIndex)
        #expect(difference.sumNanoseconds == between.sumNanoseconds)
        #expect(difference.minimumNanoseconds <= between.minimumNanoseconds)
        #expect(difference.maximumNanoseconds >= between.maximumNanoseconds)
        #expect(Double(difference.maximumNanoseconds) <= Double(between.maximumNanoseconds) * 1.003)
        #expect(throws: HistogramError.notAPredecessor) { try earlier.subtracting(later) }
        #expect(try later.subtracting(later).isEmpty)
    }

    @Test("a wide range lowers the scale instead of growing without bound")
    func bounded() throws {
        let histogram = try Self.histogram([1, .max, 1 << 40], scale: 20, unit: .nanoseconds)
        #expect(histogram.bucketCounts.count <= ExponentialHistogram.bucketLimit)
        #expect(histogram.count == 3)
        #expect(histogram.bucketCounts.reduce(0, +) == 3)
        #expect(histogram.quantile(1)?.estimate == Double(UInt64.max))
    }
}
