import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("A histogram of given durations")
struct HistogramVectorTests {
    private static func histogram(
        _ values: some Sequence<UInt64>,
        scale: Int,
        unit: BucketUnit
    ) throws -> ExponentialHistogram {
        var histogram = try ExponentialHistogram(scale: scale, unit: unit)
        for value in values { histogram.record(nanoseconds: value) }
        return histogram
    }

    static let shares: [(name: String, share: Double)] = [
        ("p0", 0), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999),
        ("p99.99", 0.9999), ("p100", 1),
    ]

    /// Checks exact statistics, and that each exact quantile lies in its bracket and within the bound of the estimate.
    private static func check(_ histogram: ExponentialHistogram, against exact: JSONValue) throws {
        #expect(histogram.count == exact["count"].unsigned)
        #expect(histogram.sumNanoseconds == exact["sum"].string.flatMap { UInt128($0) })
        #expect(histogram.minimumNanoseconds == exact["min"].unsigned)
        #expect(histogram.maximumNanoseconds == exact["max"].unsigned)
        if let average = exact["avg"].double { #expect(histogram.averageNanoseconds == average) }
        let bound = ErrorBound(scale: histogram.scale)
        for (estimator, limit) in [(QuantileEstimator.interpolated, bound.bucket), (.minimax, bound.harmonic)] {
            let estimates = histogram.quantiles(shares.map(\.share), estimator: estimator)
            for ((name, _), estimate) in zip(shares, estimates) {
                guard let truth = exact[name].unsigned.map({ Double($0) }) else { continue }
                #expect(estimate.lowerBound <= truth && truth <= estimate.upperBound, "\(name) = \(truth): \(estimate)")
                #expect((estimate.lowerBound...estimate.upperBound).contains(estimate.estimate))
                #expect(abs(estimate.estimate - truth) <= limit * truth, "\(name) = \(truth): \(estimate)")
            }
        }
    }

    @Test("has the vectors' statistics and quantile buckets", arguments: Vectors.root["distributions"].array)
    func distribution(vector: JSONValue) throws {
        let name = try #require(vector["generator"].string)
        let count = try #require(vector["n"].int)
        var generator = VectorGenerator(name: name, seed: try #require(vector["seed"].unsigned))
        let drawn = generator.values(count)
        let values = try #require(drawn)
        #expect(Array(values.prefix(5)) == vector["first5"].array.compactMap(\.unsigned))
        #expect(VectorGenerator.checksum(values) == vector["fnv1a64_le8"].bits)

        let variants: [(key: String, scale: Int, unit: BucketUnit)] = [
            ("ns_scale7", 7, .nanoseconds), ("seconds_scale7", 7, .seconds), ("ns_scale8", 8, .nanoseconds),
        ]
        for variant in variants {
            let histogram = try Self.histogram(values, scale: variant.scale, unit: variant.unit)
            try Self.check(histogram, against: vector["exact"])
            for (name, share) in Self.shares {
                guard let expected = vector["bucket_of_quantile"][variant.key][name].int else { continue }
                let rank = ExponentialHistogram.rank(of: share, count: histogram.count)
                #expect(Self.bucket(of: histogram, rank: rank) == expected, "\(variant.key) \(name)")
            }
        }
    }

    private static func bucket(of histogram: ExponentialHistogram, rank: UInt64) -> Int? {
        var cumulative = histogram.zeroCount
        return histogram.buckets.first {
            cumulative += $0.count
            return cumulative >= rank
        }?.index
    }

    @Test("has the vectors' buckets in OpenTelemetry's form", arguments: Vectors.root["lists"].array)
    func list(vector: JSONValue) throws {
        let values = try #require(vector["values_ns"].durations)
        try Self.check(try Self.histogram(values, scale: 7, unit: .nanoseconds), against: vector["exact"])
        try Self.check(try Self.histogram(values, scale: 8, unit: .seconds), against: vector["exact"])

        for (key, scale, unit) in [
            ("ns_scale0", 0, .nanoseconds), ("ns_scale3", 3, .nanoseconds), ("ns_scale7", 7, .nanoseconds),
            ("seconds_scale3", 3, .seconds),
        ] as [(String, Int, BucketUnit)] {
            let histogram = try Self.histogram(values, scale: scale, unit: unit)
            let expected = vector["otel_" + key]
            if expected.exists {
                let counts = expected["bucket_counts"].array.compactMap(\.unsigned)
                #expect(histogram.bucketCounts == counts)
                #expect(histogram.zeroCount == expected["zero_count"].unsigned)
                if !counts.isEmpty { #expect(histogram.firstBucketIndex == expected["offset"].int) }
            }
        }
    }

    @Test("lowering the scale afterwards gives the same as recording at that scale")
    func downscaling() throws {
        var generator = VectorGenerator(name: "loguniform", seed: 7)
        let drawn = generator.values(2_000)
        let values = try #require(drawn)
        for unit in BucketUnit.allCases {
            let fine = try Self.histogram(values, scale: 10, unit: unit)
            for scale in -10...10 {
                let coarse = try Self.histogram(values, scale: scale, unit: unit)
                #expect(fine.downscaled(by: 10 - scale) == coarse)
            }
            #expect(fine.downscaled(toAtMost: 160).bucketCounts.count <= 160)
            #expect(fine.downscaled(toAtMost: 160).bucketCounts.count > 80)
        }
    }
}
