/// A metric with all OTLP fields, as the official definitions read it.
public struct JudgedMetric: Sendable, Hashable, Decodable {
    /// An example of a measurement.
    public struct Exemplar: Sendable, Hashable, Decodable {
        /// Since 1970.
        public var time: UInt64
        /// As ``Point/value`` of a number.
        public var value: [String]
        /// 32 hex digits, or empty.
        public var traceID: String
        /// 16 hex digits, or empty.
        public var spanID: String
        /// In the order of the message.
        public var filteredAttributes: [JudgedAttribute]

        /// An exemplar to compare with.
        public init(
            time: UInt64,
            value: [String],
            traceID: String,
            spanID: String,
            filteredAttributes: [JudgedAttribute]
        ) {
            self.time = time
            self.value = value
            self.traceID = traceID
            self.spanID = spanID
            self.filteredAttributes = filteredAttributes
        }
    }

    /// A value with its attributes.
    public struct Point: Sendable, Hashable, Decodable {
        /// In the order of the message.
        public var attributes: [JudgedAttribute]
        /// Since 1970; 0 for none.
        public var start: UInt64
        /// Since 1970.
        public var time: UInt64
        /// 1 for a point without a value.
        public var flags: UInt32
        /// The fields as texts, doubles by their bits, `-` for a missing one:
        /// - a number: `int` or `double`, the value;
        /// - a summary: count, sum, then quantile and value of each quantile;
        /// - a distribution: count, sum, minimum, maximum, then the counts of the buckets, `bounds` and the bounds;
        /// - an exponential one: count, sum, minimum, maximum, scale, zero count, zero threshold, then offset and counts of the positive
        ///   buckets, `negative`, and the same of the negative ones.
        public var value: [String]
        /// In the order of the message.
        public var exemplars: [Exemplar]

        /// A point to compare with.
        public init(
            attributes: [JudgedAttribute],
            start: UInt64,
            time: UInt64,
            flags: UInt32,
            value: [String],
            exemplars: [Exemplar]
        ) {
            self.attributes = attributes
            self.start = start
            self.time = time
            self.flags = flags
            self.value = value
            self.exemplars = exemplars
        }
    }

    /// The name.
    public var name: String
    /// The description.
    public var description: String
    /// The unit.
    public var unit: String
    /// `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`.
    public var kind: String
    /// 1 delta, 2 cumulative, 0 none.
    public var temporality: Int
    /// Whether a sum never falls.
    public var isMonotonic: Bool
    /// In the order of the message.
    public var points: [Point]

    /// A metric to compare with.
    public init(
        name: String,
        description: String,
        unit: String,
        kind: String,
        temporality: Int,
        isMonotonic: Bool,
        points: [Point]
    ) {
        self.name = name
        self.description = description
        self.unit = unit
        self.kind = kind
        self.temporality = temporality
        self.isMonotonic = isMonotonic
        self.points = points
    }

    /// The text of a double: its bits, the same for every NaN.
    public static func bits(_ number: Double) -> String {
        "\(number.isNaN ? Double.nan.bitPattern : number.bitPattern)"
    }

    /// The text of a double that may be missing.
    public static func bits(_ number: Double?) -> String { number.map { bits($0) } ?? "-" }
}
