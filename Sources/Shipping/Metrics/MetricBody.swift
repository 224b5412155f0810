import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Some metrics of one reading, encoded. Every attempt sends the same bytes.
struct MetricBody: Sendable {
    /// All points have times, so that the metrics can be encoded again in parts.
    let metrics: [Metric]
    let body: Body
    /// The number of data points.
    let points: Int
    /// Whether it holds deltas. They have to arrive in order, and a later body does not contain their counts.
    let isDelta: Bool
    /// Whether it holds cumulative values with the last ones of series that have ended. A later body does not contain those.
    var hasEnds = false
    /// Whether a receiver has refused these metrics before, so that they are sent apart from the others.
    var isSuspect = false
    /// The file in the spool with the same bytes; nil for a body that waits in memory only.
    var file: SpoolFile?
    /// The end of the current series of attempts; nil before the first attempt.
    var deadline: ContinuousClock.Instant?

    /// The memory that the body takes, roughly.
    var memoryBytes: Int { 2 * body.bytes.count + points * 256 }
}

extension MetricBody {
    /// A body that another process has left. Its metrics are not known, so it cannot be divided.
    init(_ body: Body, _ file: SpoolFile) {
        self.init(metrics: [], body: body, points: body.spanCount, isDelta: true, file: file)
    }
}

/// Encodes the metrics of a reader into bodies of limited size.
struct MetricBodies: Sendable {
    let format: BodyFormat
    let resource: Resource
    let scope: InstrumentationScope
    /// The maximum size of a body before compression. A body with a single point may be larger.
    let limit: Int

    /// As few bodies as possible within the limit, in the order of the metrics.
    func bodies(of metrics: [Metric], isDelta: Bool, isSuspect: Bool = false) -> [MetricBody] {
        let points = metrics.reduce(0) { $0 + $1.points.count }
        guard points > 0 else { return [] }
        let bytes = encoded(metrics)
        guard bytes.count > limit, points > 1 else {
            return [
                MetricBody(
                    metrics: metrics,
                    body: body(bytes, points),
                    points: points,
                    isDelta: isDelta,
                    isSuspect: isSuspect
                )
            ]
        }
        // Halves by their size would need the size of each metric. Metrics of one program have similar sizes.
        return Self.halves(of: metrics).flatMap { bodies(of: $0, isDelta: isDelta, isSuspect: isSuspect) }
    }

    /// The metrics in two parts, or the points of a single metric.
    static func halves(of metrics: [Metric]) -> [[Metric]] {
        if metrics.count > 1 {
            return [Array(metrics[..<(metrics.count / 2)]), Array(metrics[(metrics.count / 2)...])]
        }
        guard let metric = metrics.first, metric.points.count > 1 else { return [metrics] }
        let middle = metric.points.count / 2
        return [[metric.with(Array(metric.points[..<middle]))], [metric.with(Array(metric.points[middle...]))]]
    }

    private func encoded(_ metrics: [Metric]) -> [UInt8] {
        switch format.content {
        // An exporter that takes spans refuses metrics, whatever their form is.
        case .console, .spans: return Array(MetricLines.text(of: metrics).utf8)
        case .otlp(let encoding):
            return MetricsEncoder.encode(
                metrics,
                encoding,
                resource: resource,
                scope: scope,
                startUnixNanoseconds: 0,
                unixNanoseconds: 0
            )
        }
    }

    private func body(_ bytes: [UInt8], _ points: Int) -> Body {
        let compressor = format.gzipLevel.map { GzipCompressor(level: $0) }
        return bytes.withUnsafeBytes {
            Body(encoding: format.encoding, plain: $0, spanCount: points, compressor: compressor)
        }
    }
}
