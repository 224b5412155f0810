import SpanKitPercentiles
import SpanKitRecording

/// A metric with its data points, for OTLP and Prometheus text.
public struct Metric: Sendable, Equatable {
    /// The kind of a metric.
    public enum Kind: Sendable, Hashable {
        /// A current value.
        case gauge
        /// A sum over a period (``Temporality``).
        case sum(isMonotonic: Bool)
        /// A histogram over a period, with explicit bucket bounds.
        case histogram
        /// A histogram over a period, with exponential bucket bounds. The Prometheus text format cannot express it directly.
        case exponentialHistogram
        /// Quantiles that the instrumented program computed.
        case summary
        /// An unspecified kind, as in Prometheus text without a type.
        case unknown
    }

    /// The period that the points of a sum or a histogram cover (OpenTelemetry "aggregation temporality").
    public enum Temporality: String, Sendable, Hashable, CaseIterable {
        /// Points count everything since the start of the series.
        case cumulative
        /// Points count what happened since the previous export.
        case delta
    }

    /// A data point: a value with its attributes and times.
    public struct Point: Sendable, Equatable {
        /// The attributes of the value, with unique keys.
        public var attributes: [Attribute]
        /// The value.
        public var value: Value
        /// The start of the period that a sum or a histogram covers, in nanoseconds since 1970-01-01 UTC. If nil, a metric reader
        /// uses the time at which it was created. Gauges need no start.
        public var start: Int64?
        /// The time of the value, in nanoseconds since 1970-01-01 UTC. If nil, a metric reader uses the time at which
        /// it collected the metric.
        public var time: Int64?
        /// Single measurements that the value includes, with the spans in which they were made.
        public var exemplars: [Exemplar]

        /// Creates a point.
        public init(
            _ value: Value,
            attributes: [Attribute] = [],
            start: Int64? = nil,
            time: Int64? = nil,
            exemplars: [Exemplar] = []
        ) {
            self.value = value
            self.attributes = attributes
            self.start = start
            self.time = time
            self.exemplars = exemplars
        }
    }

    /// The value of a point.
    public enum Value: Sendable, Equatable {
        /// An integer.
        case int(Int64)
        /// A floating-point number.
        case double(Double)
        /// A histogram with explicit bucket bounds.
        case histogram(ExplicitHistogram)
        /// A histogram with exponential bucket bounds.
        case distribution(ExponentialDistribution)
        /// Quantiles, with count and sum.
        case summary(QuantileSummary)
        /// No value, because the series has ended (`NO_RECORDED_VALUE` in OTLP, a stale marker in Prometheus).
        case missing

        /// Creates a value from an operation's ``ExponentialHistogram``. The value is in seconds if the bucket bounds are in
        /// ``BucketUnit/seconds``; otherwise it keeps the unit of the recorded integers.
        public static func exponentialHistogram(_ histogram: ExponentialHistogram) -> Value {
            .distribution(ExponentialDistribution(histogram))
        }

        /// Creates an integer value, clamped to the range of `Int64`.
        public static func count(_ count: UInt64) -> Value { .int(Int64(clamping: count)) }
    }

    /// The OpenTelemetry name, such as `otel.sdk.span.started`. The name in Prometheus text is derived from name, unit and kind.
    public var name: String
    /// A human-readable description of the metric.
    ///
    /// It must be the same in all `.prom` files of a directory. If descriptions differ, node_exporter drops the metric of one file.
    public var description: String
    /// The unit in UCUM, such as `s`, `By` or `{span}`.
    public var unit: String
    /// The kind of the metric.
    public var kind: Kind
    /// The period that the points of sums and histograms cover. The other kinds ignore it.
    public var temporality: Temporality
    /// Whether a callback reports the values when metrics are collected. With the temporality preference `lowmemory`, such sums stay
    /// cumulative.
    public var isObservable = false
    /// The data points. Each has different attributes.
    public var points: [Point]

    /// Creates a metric.
    public init(
        _ name: String,
        description: String,
        unit: String,
        kind: Kind,
        temporality: Temporality = .cumulative,
        points: [Point] = []
    ) {
        self.name = name
        self.description = description
        self.unit = unit
        self.kind = kind
        self.temporality = temporality
        self.points = points
    }

    /// The same metric with other points.
    package func with(_ points: [Point]) -> Metric {
        var metric = self
        metric.points = points
        return metric
    }
}
