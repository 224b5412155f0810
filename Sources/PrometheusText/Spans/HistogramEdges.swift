import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform

/// The upper bounds, in seconds, of the buckets of a classic Prometheus histogram (label `le`). SpanKit calls them
/// edges.
///
/// An edge is **exact** if it is a boundary of the engine's buckets. Its count is then the number of durations up to
/// the edge. All powers of two of a second are exact (with ``BucketUnit/seconds``, the engine's default), and so are
/// edges below about 0.2 µs, where a bucket of the engine holds a single nanosecond.
///
/// Any other edge lies within a bucket of the engine, and its count is an **estimate**. The estimate assumes that the
/// durations in this bucket (0.27 % wide at scale 8) are evenly spread on a logarithmic scale. The estimate never
/// decreases while durations are counted.
public struct HistogramEdges: Sendable, Equatable {
    /// The edges: strictly increasing, positive and finite.
    public let seconds: [Double]

    /// Creates edges from numbers in any order. Numbers that are not positive and finite are ignored.
    ///
    /// Use edges below 39 hours: longer durations are counted in the engine's last bucket.
    public init(seconds: [Double]) {
        self.seconds = Array(Set(seconds.filter { $0 > 0 && $0.isFinite })).sorted()
    }

    /// 28 edges from 2^-20 s (0.95 µs) to 2^7 s (128 s), all exact.
    public static let powersOfTwo = HistogramEdges(
        seconds: (-20...7).map { Double(sign: .plus, exponent: $0, significand: 1) }
    )

    /// The edges that OpenTelemetry recommends for `gen_ai.client.operation.duration`: 0.01 s, doubled up to 81.92 s
    /// (semantic conventions v1.41.1, GenAI metrics). All are estimates.
    public static let genAI = HistogramEdges(
        seconds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    )
}

/// The positions of edges within the buckets of histograms of one resolution. Computed once and used for every
/// operation.
struct EdgePlan: Sendable {
    /// The position of an edge.
    struct Cut: Sendable {
        /// The bucket that contains the edge or ends at it; nil if only durations of 0 are below the edge.
        var bucket: Int?
        /// The fraction of that bucket to count; nil if the edge is the end of the bucket, so that all of it counts.
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

    /// Above the index of any bucket, and small enough to calculate with.
    private static let beyondAll = 1 << 41

    /// Durations are whole nanoseconds. So an edge means the last whole nanosecond up to it, and it is exact if the
    /// next nanosecond is in another bucket.
    private static func cut(at seconds: Double, scale: Int, unit: BucketUnit) -> Cut {
        let nanoseconds = seconds * 1e9
        let nearest = nanoseconds.rounded()
        // 0.29 means 290,000,000 ns, though the Double is slightly smaller.
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

    /// The durations of a histogram, counted at the edges, in seconds. Count and sum are exact.
    ///
    /// Complexity: O(buckets + edges).
    func classic(_ histogram: ExponentialHistogram) -> ExplicitHistogram {
        let buckets = histogram.bucketCounts
        var counted = histogram.zeroCount
        var next = 0
        let counts = cuts.map { cut in
            guard let bucket = cut.bucket else { return histogram.zeroCount }
            let place = bucket - histogram.firstBucketIndex
            let end = min(max(cut.share == nil ? place + 1 : place, 0), buckets.count)
            if next < end {
                counted &+= histogram.count(ofBuckets: next..<end)
                next = end
            }
            guard let share = cut.share, buckets.indices.contains(place) else { return counted }
            return counted &+ UInt64((Double(buckets[place]) * share).rounded(.down))
        }
        return ExplicitHistogram(
            bounds: edges.seconds,
            cumulativeCounts: counts,
            count: histogram.count,
            sum: histogram.sumSeconds
        )
    }
}

extension ExponentialHistogram {
    var sumSeconds: Double { Double(sumNanoseconds) / 1e9 }
}
