import SpanKitPercentiles
import SpanKitRecording

/// A metric with its points, which can be encoded as OTLP and as Prometheus text.
public struct Metric: Sendable, Equatable {
    /// The kind of a metric.
    public enum Kind: Sendable, Hashable {
        /// A current value.
        case gauge
        /// A sum since the start of the point.
        case sum(isMonotonic: Bool)
        /// A distribution with fixed bucket bounds since the start of the point.
        case histogram
        /// A distribution since the start of the point, in buckets with exponential bounds. The Prometheus text format cannot
        /// express it.
        case exponentialHistogram
        /// Quantiles that the measuring program computed.
        case summary
        /// Not specified, as in Prometheus text without a type.
        case unknown
    }

    /// A value with its attributes.
    public struct Point: Sendable, Equatable {
        /// The attributes of the value, with unique keys.
        public var attributes: [Attribute]
        /// The value.
        public var value: Value

        /// Creates a point.
        public init(_ value: Value, attributes: [Attribute] = []) {
            self.value = value
            self.attributes = attributes
        }
    }

    /// The value of a point.
    public enum Value: Sendable, Equatable {
        /// An integer.
        case int(Int64)
        /// A floating-point number.
        case double(Double)
        /// A distribution with fixed bucket bounds.
        case histogram(ClassicHistogram)
        /// A distribution with exponential bucket bounds.
        ///
        /// It is encoded in seconds if its bounds are in ``BucketUnit/seconds``, and otherwise as the integers that were recorded.
        case exponentialHistogram(ExponentialHistogram)
        /// Quantiles.
        case summary(QuantileSummary)

        /// An integer, limited to the range of `Int64`.
        public static func count(_ count: UInt64) -> Value { .int(Int64(clamping: count)) }
    }

    /// The OpenTelemetry name, such as `otel.sdk.span.started`. The text format derives its name from name, unit and kind.
    public var name: String
    /// The description for people.
    ///
    /// It has to be the same in all `.prom` files of a directory, because node_exporter drops metrics whose descriptions differ.
    public var description: String
    /// The unit in UCUM, such as `s`, `By` or `{span}`.
    public var unit: String
    /// The kind of the metric.
    public var kind: Kind
    /// The points, which have different attributes.
    public var points: [Point]

    /// Creates a metric.
    public init(_ name: String, description: String, unit: String, kind: Kind, points: [Point] = []) {
        self.name = name
        self.description = description
        self.unit = unit
        self.kind = kind
        self.points = points
    }

    /// The same metric with other points.
    package func with(_ points: [Point]) -> Metric {
        var metric = self
        metric.points = points
        return metric
    }
}

/// A histogram with fixed bucket bounds: a classic histogram in Prometheus, an explicit-bucket histogram in OpenTelemetry.
public struct ClassicHistogram: Sendable, Equatable {
    /// The inclusive upper bounds of the buckets: finite and strictly increasing. A last bound of `+Inf` is implied.
    public var edges: [Double]
    /// For each edge, the number of values up to it.
    public var cumulativeCounts: [UInt64]
    /// The number of all values.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// Creates a histogram from its parts without checking them. The text encoder checks them.
    public init(edges: [Double], cumulativeCounts: [UInt64], count: UInt64, sum: Double) {
        self.edges = edges
        self.cumulativeCounts = cumulativeCounts
        self.count = count
        self.sum = sum
    }

    /// The number of values in each bucket, including the one above the last edge.
    package var bucketCounts: [UInt64] {
        zip(cumulativeCounts + [count], [0] + cumulativeCounts).map { $0 > $1 ? $0 - $1 : 0 }
    }
}

/// A summary: quantiles with the count and the sum of all values.
public struct QuantileSummary: Sendable, Equatable {
    /// A quantile with its value.
    public struct Quantile: Sendable, Equatable {
        /// The quantile from 0 to 1, such as 0.99 for p99.
        public var share: Double
        /// The value; NaN if nothing was measured.
        public var value: Double

        /// Creates a quantile.
        public init(_ share: Double, _ value: Double) {
            self.share = share
            self.value = value
        }
    }

    /// The quantiles in increasing order.
    public var quantiles: [Quantile]
    /// The number of all values.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// Creates a summary from its parts without checking them. The text encoder checks them.
    public init(quantiles: [Quantile], count: UInt64, sum: Double) {
        self.quantiles = quantiles
        self.count = count
        self.sum = sum
    }
}
