import SpanKitPercentiles
import SpanKitRecording

/// A metric with its points: what the encoders of OTLP and of the Prometheus text format write.
public struct Metric: Sendable, Equatable {
    /// How the points are meant.
    public enum Kind: Sendable, Hashable {
        /// The value at a time.
        case gauge
        /// What was added up since the start of the point.
        case sum(isMonotonic: Bool)
        /// A distribution at fixed bounds since the start of the point.
        case histogram
        /// A distribution at exponential bounds since the start of the point. The text format has no room for it.
        case exponentialHistogram
        /// Quantiles that were computed where they were measured.
        case summary
        /// Not specified: read from a text without a type.
        case unknown
    }

    /// One value with what it belongs to.
    public struct Point: Sendable, Equatable {
        /// Unique keys.
        public var attributes: [Attribute]
        /// What was measured.
        public var value: Value

        /// Creates a point.
        public init(_ value: Value, attributes: [Attribute] = []) {
            self.value = value
            self.attributes = attributes
        }
    }

    /// What was measured.
    public enum Value: Sendable, Equatable {
        /// A whole number.
        case int(Int64)
        /// Any number.
        case double(Double)
        /// A distribution at fixed bounds.
        case histogram(ClassicHistogram)
        /// A distribution in the unit of its boundaries: durations in seconds (``BucketUnit/seconds``), anything else in whole numbers.
        case exponentialHistogram(ExponentialHistogram)
        /// Quantiles.
        case summary(QuantileSummary)

        /// A whole number; one that no `Int64` holds becomes the largest.
        public static func count(_ count: UInt64) -> Value { .int(Int64(clamping: count)) }
    }

    /// In OpenTelemetry's form, such as `otel.sdk.span.started`; the text format derives its own from name, unit and kind.
    public var name: String
    /// For people. It has to be the same in every `.prom` file of a directory: node_exporter drops the others.
    public var description: String
    /// UCUM, such as `s`, `By` or `{span}`.
    public var unit: String
    /// How the points are meant.
    public var kind: Kind
    /// Points with different attributes.
    public var points: [Point]

    /// Creates a metric.
    public init(_ name: String, description: String, unit: String, kind: Kind, points: [Point] = []) {
        self.name = name
        self.description = description
        self.unit = unit
        self.kind = kind
        self.points = points
    }

    /// The same metric with points.
    package func with(_ points: [Point]) -> Metric {
        var metric = self
        metric.points = points
        return metric
    }
}

/// Cumulative counts at fixed bounds: the classic histogram of Prometheus, the explicit-bucket histogram of OpenTelemetry.
public struct ClassicHistogram: Sendable, Equatable {
    /// The upper edges, inclusive, strictly increasing and finite; the edge `+Inf` is implied.
    public var edges: [Double]
    /// For each edge, how many values were at most so large.
    public var cumulativeCounts: [UInt64]
    /// How many values there were: the count at `+Inf`.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// A histogram from its parts, unchecked; the text format checks when it writes.
    public init(edges: [Double], cumulativeCounts: [UInt64], count: UInt64, sum: Double) {
        self.edges = edges
        self.cumulativeCounts = cumulativeCounts
        self.count = count
        self.sum = sum
    }

    /// How many values lie between two neighbouring edges, for each pair, from the first edge down and to the last edge up.
    package var bucketCounts: [UInt64] {
        zip(cumulativeCounts + [count], [0] + cumulativeCounts).map { $0 > $1 ? $0 - $1 : 0 }
    }
}

/// Quantiles with the sum and the count of what was measured: a summary.
public struct QuantileSummary: Sendable, Equatable {
    /// One quantile: a share of all values was at most so large.
    public struct Quantile: Sendable, Equatable {
        /// 0…1.
        public var share: Double
        /// Not a number when nothing was measured.
        public var value: Double

        /// A quantile from its two halves.
        public init(_ share: Double, _ value: Double) {
            self.share = share
            self.value = value
        }
    }

    /// By increasing share.
    public var quantiles: [Quantile]
    /// How many values there were.
    public var count: UInt64
    /// The sum of all values.
    public var sum: Double

    /// A summary from its parts, unchecked; the text format checks when it writes.
    public init(quantiles: [Quantile], count: UInt64, sum: Double) {
        self.quantiles = quantiles
        self.count = count
        self.sum = sum
    }
}
