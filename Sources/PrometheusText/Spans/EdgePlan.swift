import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform

/// Where a set of edges cuts the buckets of histograms of one resolution: found once, used for every operation.
struct EdgePlan: Sendable {
    /// Where one edge lies.
    struct Cut: Sendable {
        /// The bucket the edge lies in or at the end of; nil when only durations of 0 lie below.
        var bucket: Int?
        /// The share of that bucket to count; nil when the edge is its boundary and all of it counts.
        var share: Double?
    }

    let edges: HistogramEdges
    let scale: Int
    let unit: BucketUnit
    let cuts: [Cut]

    init(_ edges: HistogramEdges, scale: Int, unit: BucketUnit) {
        self.edges = edges
        self.scale = scale
        self.unit = unit
        cuts = edges.seconds.map { Self.cut(at: $0, scale: scale, unit: unit) }
    }

    /// Above the index of any bucket a histogram can have, and far enough from the largest number to calculate with.
    private static let beyondAll = 1 << 41

    /// Only whole nanoseconds are counted, so an edge is as good as the last whole nanosecond up to it, and exact when
    /// the next one lies in another bucket.
    private static func cut(at seconds: Double, scale: Int, unit: BucketUnit) -> Cut {
        let nanoseconds = seconds * 1e9
        let nearest = nanoseconds.rounded()
        // 0.29 means 290,000,000 ns, though the Double lies a little below.
        let whole = (nanoseconds - nearest).magnitude <= nanoseconds * 0x1p-51 ? nearest : nanoseconds.rounded(.down)
        guard whole >= 1 else { return Cut(bucket: nil, share: nil) }
        guard whole < 0x1p63 else { return Cut(bucket: Self.beyondAll, share: nil) }
        let bucket = BucketIndex.index(ofNanoseconds: UInt64(whole), scale: scale, unit: unit)
        guard BucketIndex.index(ofNanoseconds: UInt64(whole) + 1, scale: scale, unit: unit) == bucket else {
            return Cut(bucket: bucket, share: nil)
        }
        let logarithm = log2(unit == .seconds ? seconds : whole)
        let place = Double(sign: .plus, exponent: scale, significand: 1) * logarithm - Double(bucket)
        return Cut(bucket: bucket, share: min(max(place, 0), 1))
    }

    /// The counts at the edges.
    ///
    /// Complexity: O(buckets + edges).
    func cumulativeCounts(of histogram: ExponentialHistogram) -> [UInt64] {
        let buckets = histogram.bucketCounts
        var counted = histogram.zeroCount
        var next = 0
        return cuts.map { cut in
            guard let bucket = cut.bucket else { return histogram.zeroCount }
            let place = bucket - histogram.firstBucketIndex
            let end = min(max(cut.share == nil ? place + 1 : place, 0), buckets.count)
            while next < end {
                counted &+= buckets[next]
                next += 1
            }
            guard let share = cut.share, buckets.indices.contains(place) else { return counted }
            return counted &+ UInt64((Double(buckets[place]) * share).rounded(.down))
        }
    }
}

extension ClassicHistogram {
    /// The durations of an operation as Prometheus' classic histogram, in seconds.
    ///
    /// ``HistogramEdges`` says which counts are exact; count and sum always are.
    public init(_ histogram: ExponentialHistogram, edges: HistogramEdges) {
        self.init(histogram, plan: EdgePlan(edges, scale: histogram.scale, unit: histogram.unit))
    }

    init(_ histogram: ExponentialHistogram, plan: EdgePlan) {
        self.init(
            edges: plan.edges.seconds,
            cumulativeCounts: plan.cumulativeCounts(of: histogram),
            count: histogram.count,
            sum: histogram.sumSeconds
        )
    }
}

extension ExponentialHistogram {
    var sumSeconds: Double { Double(sumNanoseconds) / 1e9 }
}
