import SpanKitPlatform

extension ExponentialHistogram {
    /// The duration that a share `q` of all durations does not exceed (nearest rank), nil when nothing was counted.
    ///
    /// `q` is 0…1, read as the decimal it is written as (0.99 of 1,000 is rank 990); values outside are clamped.
    public func quantile(_ q: Double, estimator: QuantileEstimator = .interpolated) -> QuantileEstimate? {
        quantiles([q], estimator: estimator).first
    }

    /// Several quantiles in one pass over the buckets, in the order asked for; empty when nothing was counted.
    ///
    /// Complexity: O(buckets + quantiles · log quantiles).
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
                // Whole blocks first: their sums are independent additions, the search among them is not.
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

    /// ⌈q · count⌉ in whole numbers, at least 1; q counts to twelve decimals.
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
        // The last bucket also holds what lay beyond the range of the recorder.
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
        // A guess that overflowed compares false with everything; the bound is then as good as any.
        let estimate = guess > lower ? Swift.min(guess, upper) : lower
        return QuantileEstimate(estimate: estimate, lowerBound: lower, upperBound: upper)
    }
}
