import SpanKitPercentiles

/// The upper edges, in seconds, that durations are counted at.
///
/// An edge is **exact** where it is a boundary of the engine's buckets: then the written count is the number of
/// durations up to the edge, as if every one had been compared. That is so for all powers of two of a second (with
/// ``BucketUnit/seconds``, the engine's default) and for edges below about 0.2 µs, where a bucket holds one whole
/// nanosecond. Any other edge cuts a bucket in two and is an **estimate**: all buckets below are counted exactly, and
/// of the one bucket cut (0.27 % wide at scale 8) the share that a logarithmic spread would have below. An estimate
/// never goes down while durations are counted. ``estimates(scale:unit:)`` tells which is which.
public struct HistogramEdges: Sendable, Equatable {
    /// Strictly increasing, positive, finite.
    public let seconds: [Double]

    /// Custom edges; the numbers are sorted, and what is no positive finite number is left out.
    ///
    /// Edges belong below 39 hours: what took longer lies in the engine's last bucket.
    public init(seconds: [Double]) {
        var kept: [Double] = []
        for edge in seconds.filter({ $0 > 0 && $0.isFinite }).sorted() where edge != kept.last { kept.append(edge) }
        self.seconds = kept
    }

    /// 2^-20 s (0.95 µs) … 2^7 s (128 s): 28 edges, all exact.
    public static let powersOfTwo = HistogramEdges(
        seconds: (-20...7).map { Double(sign: .plus, exponent: $0, significand: 1) }
    )

    /// What OpenTelemetry asks for `gen_ai.client.operation.duration`: 0.01 s, doubled up to 81.92 s.
    ///
    /// All of them are estimates, because 0.01 s is no power of two; and agents may run longer than the last.
    /// (OpenTelemetry semantic conventions v1.41.1, GenAI metrics.)
    public static let genAI = HistogramEdges(
        seconds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    )

    /// Those edges at which counts are estimates, for histograms of this resolution.
    public func estimates(scale: Int, unit: BucketUnit) -> [Double] {
        zip(seconds, EdgePlan(self, scale: scale, unit: unit).cuts).filter { $1.share != nil }.map(\.0)
    }
}
