import SpanKitOTLP
import SpanKitPercentiles

extension DistributionReading {
    /// The reading as it is exported.
    func value(_ settings: DistributionSettings) -> Metric.Value {
        let count = count
        let hasExtremes = settings.recordsMinMax && count > 0 && minimum <= maximum
        // OpenTelemetry: the sum should not be collected where negative values occur.
        let sum = hasNegative ? nil : sum
        if let bounds = settings.bounds {
            var total: UInt64 = 0
            let cumulative = explicit.dropLast().map { count in
                total &+= count
                return total
            }
            return .histogram(
                ExplicitHistogram(
                    bounds: bounds,
                    cumulativeCounts: cumulative.isEmpty ? Array(repeating: 0, count: bounds.count) : cumulative,
                    count: count,
                    sum: sum,
                    minimum: hasExtremes ? minimum : nil,
                    maximum: hasExtremes ? maximum : nil
                )
            )
        }
        var scale = coarse.isEmpty ? 8 : 0
        var positive = coarse.isEmpty ? self.positive.trimmed : Self.buckets(self.positive, coarse.positive)
        var negative = coarse.isEmpty ? self.negative.trimmed : Self.buckets(self.negative, coarse.negative)
        let limit = Swift.max(settings.maximumBuckets, 2)
        while scale > -10,
            scale > settings.maximumScale || positive.counts.count > limit || negative.counts.count > limit
        {
            scale -= 1
            positive = positive.halved
            negative = negative.halved
        }
        return .distribution(
            ExponentialDistribution(
                scale: scale,
                zeroCount: zeroCount,
                positive: positive,
                negative: negative,
                count: count,
                sum: sum,
                minimum: hasExtremes ? minimum : nil,
                maximum: hasExtremes ? maximum : nil
            )
        )
    }

    /// Buckets of scale 0.
    private static func buckets(_ fine: Buckets, _ coarse: [Int: UInt64]) -> ExponentialDistribution.Buckets {
        let all = fine.byOctave.merging(coarse, uniquingKeysWith: &+)
        guard let first = all.keys.min(), let last = all.keys.max() else { return .init() }
        return .init(offset: first, counts: (first...last).map { all[$0] ?? 0 })
    }
}

extension DistributionReading.Buckets {
    /// Buckets of scale 8 by OpenTelemetry's index, without empty ones at both ends.
    var trimmed: ExponentialDistribution.Buckets {
        guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 }) else {
            return .init()
        }
        return .init(offset: first + low + IndexTable.numbers.bias, counts: Array(counts[low...high]))
    }
}

extension ExponentialDistribution.Buckets {
    /// The buckets of the next lower scale.
    var halved: Self {
        guard !counts.isEmpty else { return self }
        let first = offset >> 1
        var half: [UInt64] = Array(repeating: 0, count: ((offset + counts.count - 1) >> 1) - first + 1)
        for (place, count) in counts.enumerated() { half[((offset + place) >> 1) - first] &+= count }
        return .init(offset: first, counts: half)
    }
}
