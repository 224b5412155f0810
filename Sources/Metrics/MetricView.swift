import SpanKitRecording

/// Changes how the measurements of some instruments are exported (OpenTelemetry metrics SDK, "View").
///
/// Each view whose selector matches an instrument makes one stream of metrics of it. An instrument without a matching view has one
/// stream under its own name. Views apply to instruments that are created later.
///
/// ```swift
/// var configuration = TelemetryConfiguration.environment()
/// configuration.metrics.views = [
///     MetricView(.init(instrumentName: "http.server.*"), .init(attributeKeys: .init(excluded: ["client.address"])))
/// ]
/// ```
public struct MetricView: Sendable, Hashable {
    /// Selects instruments: all conditions that are set have to match.
    public struct Selector: Sendable, Hashable {
        /// The name of the instrument, in which `*` matches any characters and `?` matches one. Upper and lower case are equal.
        public var instrumentName: String?
        /// The kind of the instrument.
        public var instrumentKind: InstrumentKind?
        /// The unit of the instrument.
        public var unit: String?

        /// Creates a selector. Without conditions, it selects all instruments.
        public init(instrumentName: String? = nil, instrumentKind: InstrumentKind? = nil, unit: String? = nil) {
            self.instrumentName = instrumentName
            self.instrumentKind = instrumentKind
            self.unit = unit
        }
    }

    /// What is exported of an instrument. A property that is nil is taken from the instrument.
    public struct Stream: Sendable, Hashable {
        /// The name of the metric.
        public var name: String?
        /// The description of the metric.
        public var description: String?
        /// How measurements are combined.
        public var aggregation: Aggregation
        /// Which attributes are kept.
        public var attributeKeys: AttributeKeys
        /// The largest number of attribute sets; measurements with further sets are counted in one series with the attribute
        /// `otel.metric.overflow`. nil for the meter's limit.
        public var cardinalityLimit: Int?

        /// Creates a stream.
        public init(
            name: String? = nil,
            description: String? = nil,
            aggregation: Aggregation = .default,
            attributeKeys: AttributeKeys = AttributeKeys(),
            cardinalityLimit: Int? = nil
        ) {
            self.name = name
            self.description = description
            self.aggregation = aggregation
            self.attributeKeys = attributeKeys
            self.cardinalityLimit = cardinalityLimit
        }
    }

    /// Which attributes of a measurement are kept. Measurements whose other attributes are equal are combined.
    public struct AttributeKeys: Sendable, Hashable {
        /// The keys to keep; nil for all.
        public var included: [String]?
        /// The keys to leave out, even if they are included.
        public var excluded: [String]

        /// Creates a selection of keys. Without arguments, it keeps all attributes.
        public init(included: [String]? = nil, excluded: [String] = []) {
            self.included = included
            self.excluded = excluded
        }

        var keepsAll: Bool { included == nil && excluded.isEmpty }

        func keeps(_ key: String) -> Bool {
            (included?.contains { $0.hasSameBytes(as: key) } ?? true) && !excluded.contains { $0.hasSameBytes(as: key) }
        }
    }

    /// How measurements are combined.
    public enum Aggregation: Sendable, Hashable {
        /// The aggregation of the instrument's kind: a sum, the last value or a histogram.
        case `default`
        /// Nothing is kept or exported.
        case drop
        /// The sum.
        case sum
        /// The last value.
        case lastValue
        /// A histogram with explicit bounds. The bounds are checked as those of ``HistogramBuckets/explicit(_:)``.
        case explicitBuckets([Double], recordsExtremes: Bool = true)
        /// A histogram with exponential buckets.
        /// - Parameters:
        ///   - maximumBuckets: the largest number of exported buckets on each side of zero; nil for the exporter's.
        ///   - maximumScale: the finest exported scale; nil for the exporter's.
        case exponentialBuckets(maximumBuckets: Int? = nil, maximumScale: Int? = nil, recordsExtremes: Bool = true)
    }

    /// The instruments that the view applies to.
    public var selector: Selector
    /// What is exported of them.
    public var stream: Stream

    /// Creates a view.
    public init(_ selector: Selector, _ stream: Stream) {
        self.selector = selector
        self.stream = stream
    }

    func matches(_ identity: InstrumentIdentity) -> Bool {
        if let kind = selector.instrumentKind, kind != identity.kind { return false }
        if let unit = selector.unit, !unit.hasSameBytes(as: identity.unit) { return false }
        guard let name = selector.instrumentName else { return true }
        return WildcardPattern(name.lowercased()).matches(identity.name.lowercased())
    }
}
