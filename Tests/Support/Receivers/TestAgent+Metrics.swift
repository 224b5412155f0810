import Foundation

/// An exemplar of a metric as a receiver stored it.
public struct ReceivedExemplar: Sendable, Hashable {
    /// The name of the metric.
    public var metric: String
    /// 32 hex digits; empty if it has none.
    public var traceID: String
    /// 16 hex digits; empty if it has none.
    public var spanID: String
}

extension TestAgent {
    /// The exemplars of all metrics so far, of which each request of a cumulative stream can repeat earlier ones.
    public func exemplars() throws -> [ReceivedExemplar] {
        let requests = try JSONSerialization.jsonObject(with: Data(try ask("/test/session/metrics"))) as? [Any] ?? []
        let metrics = requests.flatMap { request in
            Self.list(request, "resourceMetrics").flatMap { Self.list($0, "scopeMetrics") }
                .flatMap { Self.list($0, "metrics") }
        }
        return metrics.flatMap { metric in
            ["gauge", "sum", "histogram", "exponentialHistogram"].compactMap { Self.field(metric, $0) }
                .flatMap { Self.list($0, "dataPoints") }.flatMap { Self.list($0, "exemplars") }
                .map { exemplar in
                    ReceivedExemplar(
                        metric: Self.field(metric, "name") as? String ?? "",
                        traceID: Self.identifier(exemplar, "traceId", 16),
                        spanID: Self.identifier(exemplar, "spanId", 8)
                    )
                }
        }
    }
}
