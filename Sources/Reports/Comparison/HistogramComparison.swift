import SpanKitPercentiles
import SpanKitPlatform

/// The statistical confidence that two distributions differ, and in which direction.
///
/// There are two tests on bucket counts. Mann and Whitney's U, corrected for ties, detects that most values have
/// changed. The fraction of runs above the first distribution's p95 detects that the tail has changed. (Mann and
/// Whitney, Annals of Mathematical Statistics 18, 1947; two proportions with the pooled estimate.) Both statistics are
/// approximately normal for at least ``fewest`` runs.
struct HistogramComparison {
    /// The minimum number of runs on either side.
    static let fewest: UInt64 = 20

    /// The difference of the second distribution from the first in standard errors; 0 if there are too few runs.
    let bulk: Double
    /// The difference of the fraction of slow runs in standard errors.
    let tail: Double

    init(_ first: ExponentialHistogram, _ second: ExponentialHistogram) {
        guard first.count >= Self.fewest, second.count >= Self.fewest else {
            (bulk, tail) = (0, 0)
            return
        }
        let steps = first.scale - second.scale
        let left = first.downscaled(by: max(0, steps))
        let right = second.downscaled(by: max(0, -steps))
        bulk = Self.mannWhitney(left, right)
        tail = Self.tail(left, right)
    }

    /// Calls a closure with the counts of both distributions in each bucket, in ascending order.
    private static func forEachBucket(
        _ left: ExponentialHistogram,
        _ right: ExponentialHistogram,
        _ body: (Double, Double) -> Void
    ) {
        body(Double(left.zeroCount), Double(right.zeroCount))
        let bounds = [left, right].filter { !$0.bucketCounts.isEmpty }
        guard let first = bounds.map(\.firstBucketIndex).min(),
            let last = bounds.map({ $0.firstBucketIndex + $0.bucketCounts.count - 1 }).max()
        else { return }
        for index in first...last {
            let (here, there) = (left.count(inBucket: index), right.count(inBucket: index))
            if here > 0 || there > 0 { body(Double(here), Double(there)) }
        }
    }

    private static func mannWhitney(_ left: ExponentialHistogram, _ right: ExponentialHistogram) -> Double {
        var below = 0.0
        var wins = 0.0
        var ties = 0.0
        forEachBucket(left, right) { here, there in
            // For the U statistic, each run of the second distribution counts 1 for every run of the first one in a
            // lower bucket, and 1/2 for every run of the first one in the same bucket.
            wins += there * (below + here / 2)
            below += here
            let both = here + there
            ties += both * both * both - both
        }
        let (n, m) = (Double(left.count), Double(right.count))
        let all = n + m
        let variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)))
        return variance > 0 ? (wins - n * m / 2) / variance.squareRoot() : 0
    }

    private static func tail(_ left: ExponentialHistogram, _ right: ExponentialHistogram) -> Double {
        let rank = (Double(left.count) * 0.95).rounded(.up)
        var below = 0.0
        var slowHere = 0.0
        var slowThere = 0.0
        forEachBucket(left, right) { here, there in
            if below >= rank {
                slowHere += here
                slowThere += there
            }
            below += here
        }
        let (n, m) = (Double(left.count), Double(right.count))
        let pooled = (slowHere + slowThere) / (n + m)
        let variance = pooled * (1 - pooled) * (1 / n + 1 / m)
        return variance > 0 ? (slowThere / m - slowHere / n) / variance.squareRoot() : 0
    }

    /// The probability of such a difference between equal distributions, if `tests` operations are compared (Bonferroni).
    func chance(tests: Int) -> Double { Self.chance(max(bulk.magnitude, tail.magnitude), tests: tests) }

    /// The probability of such a difference of the bulk.
    func chanceOfBulk(tests: Int) -> Double { Self.chance(bulk.magnitude, tests: tests) }

    /// The corrected probability. There are two tests for each operation, and both are two-sided.
    private static func chance(_ standardErrors: Double, tests: Int) -> Double {
        min(1, erfc(standardErrors / 2.0.squareRoot()) * 2 * Double(max(1, tests)))
    }
}

extension ExponentialHistogram {
    fileprivate func count(inBucket index: Int) -> UInt64 {
        let place = index - firstBucketIndex
        return bucketCounts.indices.contains(place) ? bucketCounts[place] : 0
    }
}
