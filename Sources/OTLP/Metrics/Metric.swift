import Percentiles
import Recording

/// A metric with its points, as OTLP has it.
public struct Metric: Sendable, Equatable {
    /// How the points are meant.
    public enum Kind: Sendable, Hashable {
        /// The value at a time.
        case gauge
        /// What was added up since the start of the point.
        case sum(isMonotonic: Bool)
        /// A distribution since the start of the point.
        case exponentialHistogram
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
        /// A distribution in the unit of its boundaries: durations in seconds (``BucketUnit/seconds``), anything else in whole numbers.
        case histogram(ExponentialHistogram)
    }

    /// Such as `otel.sdk.span.started`.
    public var name: String
    /// For people.
    public var description: String
    /// UCUM, such as `s` or `{span}`.
    public var unit: String
    /// How the points are meant.
    public var kind: Kind
    /// Points with different attributes.
    public var points: [Point]

    /// Creates a metric.
    public init(_ name: String, description: String, unit: String, kind: Kind, points: [Point]) {
        self.name = name
        self.description = description
        self.unit = unit
        self.kind = kind
        self.points = points
    }
}
