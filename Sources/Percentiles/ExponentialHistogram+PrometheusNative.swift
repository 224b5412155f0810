/// The buckets of a Prometheus native histogram: runs of consecutive indexes, and counts as differences.
public struct PrometheusNativeBuckets: Sendable, Equatable {
    /// A run of consecutive buckets.
    public struct Span: Sendable, Equatable {
        /// The first span: the index of its first bucket.
        ///
        /// Others: the empty buckets since the previous span.
        public let offset: Int
        /// How many buckets it holds.
        public let length: Int
    }

    /// Prometheus' word for the scale, −4…8.
    public let schema: Int
    /// How many durations were 0.
    public let zeroCount: UInt64
    /// The runs, from short to long.
    public let positiveSpans: [Span]
    /// The count of each bucket in the runs, as the difference to the one before.
    public let positiveDeltas: [Int64]
}

extension ExponentialHistogram {
    /// The same counts as Prometheus' native histogram, at most schema 8.
    ///
    /// Prometheus names a bucket by its upper boundary, so its indexes are OpenTelemetry's plus one
    /// (Prometheus native histograms specification, "Schema").
    public var prometheusNativeBuckets: PrometheusNativeBuckets {
        let fitting = downscaled(by: Swift.max(0, scale - 8))
        var spans: [(offset: Int, length: Int)] = []
        var deltas: [Int64] = []
        var previousCount: UInt64 = 0
        var end = 0
        for (offset, counted) in fitting.bucketCounts.enumerated() where counted > 0 {
            let index = fitting.firstBucketIndex + offset + 1
            if index == end, !spans.isEmpty {
                spans[spans.count - 1].length += 1
            } else {
                spans.append((index - end, 1))
            }
            end = index + 1
            deltas.append(Int64(truncatingIfNeeded: counted &- previousCount))
            previousCount = counted
        }
        return PrometheusNativeBuckets(
            schema: fitting.scale,
            zeroCount: zeroCount,
            positiveSpans: spans.map { .init(offset: $0.offset, length: $0.length) },
            positiveDeltas: deltas
        )
    }
}
