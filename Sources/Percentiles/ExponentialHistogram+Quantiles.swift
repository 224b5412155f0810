import SpanKitPlatform

extension ExponentialHistogram {
    /// A quantile, estimated by nearest rank; nil if the histogram is empty.
    /// - Parameter q: the quantile from 0 to 1, such as 0.99 for p99. Values outside this range are clamped. The value
    ///   is rounded to 12 decimals, so that 0.99 of 1,000 durations is rank 990.
    public func quantile(_ q: Double, estimator: QuantileEstimator = .interpolated) -> QuantileEstimate? {
        quantiles([q], estimator: estimator).first
    }

    /// Several quantiles, estimated in one pass and returned in the given order; an empty array if the histogram is
    /// empty.
    ///
    /// - Complexity: O(*b* + *q* log *q*) for *b* buckets and *q* quantiles.
    public func quantiles(
        _ shares: [Double],
        estimator: QuantileEstimator = .interpolated
    ) -> [QuantileEstimate] {
        guard count > 0 else { return [] }
        let blockSize = 64
        let unknown = QuantileEstimate(estimate: 0, lowerBound: 0, upperBound: 0)
        var estimates = Array(repeating: unknown, count: shares.count)
        let asked = shares.enumerated()
            .map { (place: $0.offset, rank: Self.rank(of: $0.element, count: count)) }
            .sorted { $0.rank < $1.rank }
        bucketCounts.withUnsafeBufferPointer { counts in
            var cumulative = zeroCount
            var position = 0
            for (place, rank) in asked where rank > zeroCount {
                // Whole blocks first: their additions are independent of each other, unlike those of a search.
                while position + blockSize <= counts.count {
                    var block: UInt64 = 0
                    for place in position..<(position + blockSize) { block &+= counts[place] }
                    guard cumulative &+ block < rank else { break }
                    cumulative &+= block
                    position += blockSize
                }
                while position < counts.count, cumulative &+ counts[position] < rank {
                    cumulative &+= counts[position]
                    position += 1
                }
                guard position < counts.count else { break }
                estimates[place] = estimate(
                    in: firstBucketIndex + position,
                    rank: rank,
                    before: cumulative,
                    of: counts[position],
                    isLast: position == counts.count - 1,
                    estimator: estimator
                )
            }
        }
        return estimates
    }

    /// ⌈share · count⌉ in integer arithmetic, at least 1. The share is rounded to twelve decimals.
    static func rank(of share: Double, count: UInt64) -> UInt64 {
        guard share < 1 else { return count }
        guard share > 0 else { return share.isNaN ? count : 1 }
        let decimals: UInt128 = 1_000_000_000_000
        let numerator = UInt128((share * 1e12).rounded())
        return UInt64(Swift.max(1, (numerator * UInt128(count) + decimals - 1) / decimals))
    }

    private func estimate(
        in index: Int,
        rank: UInt64,
        before: UInt64,
        of counted: UInt64,
        isLast: Bool,
        estimator: QuantileEstimator
    ) -> QuantileEstimate {
        var (lower, upper) = wholeBounds(of: index)
        lower = Swift.max(lower, Swift.min(Double(minimumNanoseconds), upper))
        // The last bucket also holds durations above the engine's range.
        if isLast { upper = Swift.max(lower, Double(maximumNanoseconds)) }
        let guess: Double
        if rank == 1 || rank == count {
            guess = Double(rank == 1 ? minimumNanoseconds : maximumNanoseconds)
        } else {
            let start = BucketIndex.lowerBoundary(of: index, scale: scale, unit: unit).nanoseconds
            let end = Swift.max(upper, BucketIndex.lowerBoundary(of: index + 1, scale: scale, unit: unit).nanoseconds)
            guess =
                switch estimator {
                case .interpolated: start * pow(end / start, Double(rank - before) / (Double(counted) + 1))
                case .minimax: 2 * start * end / (start + end)
                }
        }
        // A guess that became NaN compares false with everything; the lower bound is used then.
        let estimate = guess > lower ? Swift.min(guess, upper) : lower
        return QuantileEstimate(estimate: estimate, lowerBound: lower, upperBound: upper)
    }
}

/// An estimate of a quantile, with the range that is certain to contain the exact value.
public struct QuantileEstimate: Sendable, Equatable {
    /// The estimate in nanoseconds, from ``lowerBound`` to ``upperBound``.
    public let estimate: Double
    /// The smallest value that the exact quantile can have, in nanoseconds.
    public let lowerBound: Double
    /// The largest value that the exact quantile can have, in nanoseconds.
    public let upperBound: Double
}

/// How the estimate is chosen inside the bucket that contains the quantile.
///
/// In the error limits, B is a bucket's upper boundary divided by its lower boundary: 2^(2^-scale).
public enum QuantileEstimator: Sendable {
    /// Assumes that the bucket's durations are evenly spread on a logarithmic scale.
    ///
    /// It has the smaller average error. The maximum error is B − 1 (0.271 % at scale 8).
    case interpolated
    /// Takes the harmonic mean of the bucket's boundaries.
    ///
    /// It has the smaller maximum error: (B − 1) / (B + 1) (0.136 % at scale 8).
    case minimax
}
