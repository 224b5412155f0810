import SpanKitPercentiles

/// The shape of a distribution of durations, which hints at the cause of slow runs.
package enum DistributionShape: String, Sendable {
    /// All runs take about the same time: p99 is below 1.5 times p50.
    case constant
    /// There are fast and slow runs, each at least a tenth of all, and hardly any between them.
    case bimodal
    /// Few runs take much longer: p99 is at least five times p50.
    case heavyTail = "heavy tail"
    /// None of the other shapes.
    case spread
    /// Fewer than ``fewest`` runs.
    case unknown = "too few runs"

    static let fewest: UInt64 = 20

    init(_ histogram: ExponentialHistogram) {
        guard histogram.count >= Self.fewest else {
            self = .unknown
            return
        }
        let quantiles = histogram.quantiles([0.5, 0.99]).map(\.estimate)
        let ratio = quantiles[0] > 0 ? quantiles[1] / quantiles[0] : 1
        if Self.modes(of: histogram) != nil {
            self = .bimodal
        } else if ratio >= 5 {
            self = .heavyTail
        } else {
            self = ratio < 1.5 ? .constant : .spread
        }
    }

    /// The fast and the slow runs of an operation. Durations are in nanoseconds.
    package struct Modes: Sendable {
        /// The fraction of slow runs.
        package var share: Double
        /// The average of the fast runs.
        package var fast: Double
        /// The average of the slow runs.
        package var slow: Double
        /// The lower end of the slow runs.
        package var lowestSlow: Double
    }

    /// The two kinds of runs; `nil` if there is only one, or if there are fewer than ``fewest`` runs.
    ///
    /// They are separated by a valley at least one doubling wide, which contains at most a twentieth as many runs as
    /// either side. Buckets are a quarter of a doubling wide.
    static func modes(of histogram: ExponentialHistogram) -> Modes? {
        guard histogram.count >= fewest else { return nil }
        let coarse = histogram.downscaled(by: max(0, histogram.scale - 2))
        let counts = coarse.bucketCounts.map(Double.init)
        let all = counts.reduce(0, +)
        guard counts.count >= 6, all > 0 else { return nil }
        let valleyWidth = 4
        var below = 0.0
        for place in 1..<max(1, counts.count - valleyWidth) {
            below += counts[place - 1]
            let valley = counts[place..<place + valleyWidth].reduce(0, +)
            let above = all - below - valley
            guard below >= all / 10, above >= all / 10, valley <= min(below, above) / 20 else { continue }
            let fast = Self.mean(coarse, 0..<place)
            let slow = Self.mean(coarse, (place + valleyWidth)..<counts.count)
            let lowest = coarse.wholeBounds(of: coarse.firstBucketIndex + place + valleyWidth).lower
            return Modes(share: above / all, fast: fast, slow: max(fast, slow), lowestSlow: lowest)
        }
        return nil
    }

    /// The mean of some buckets, using the middle of each bucket.
    private static func mean(_ histogram: ExponentialHistogram, _ places: Range<Int>) -> Double {
        var (sum, count) = (0.0, 0.0)
        for place in places {
            let bounds = histogram.wholeBounds(of: histogram.firstBucketIndex + place)
            sum += Double(histogram.bucketCounts[place]) * (bounds.lower + bounds.upper) / 2
            count += Double(histogram.bucketCounts[place])
        }
        return count > 0 ? sum / count : 0
    }
}

extension ExponentialHistogram {
    /// The total time in nanoseconds by which runs exceed a quantile. It is the gain if no run took longer than the
    /// quantile.
    func excess(above share: Double) -> Double {
        guard let limit = quantile(share)?.estimate else { return 0 }
        var excess = 0.0
        for (place, counted) in bucketCounts.enumerated() where counted > 0 {
            let bounds = wholeBounds(of: firstBucketIndex + place)
            excess += Double(counted) * max(0, (bounds.lower + bounds.upper) / 2 - limit)
        }
        return excess
    }
}
