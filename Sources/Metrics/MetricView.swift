import SpanKitRecording

/// Changes how the measurements of some instruments are exported (OpenTelemetry metrics SDK, "View").
///
/// Each view whose selector matches an instrument exports its measurements as one metric. An instrument without a matching view is
/// exported as one metric with its own name. Set views before the telemetry starts. This view removes an attribute:
///
/// ```swift
/// var configuration = TelemetryConfiguration.environment()
/// configuration.metrics.views = [
///     MetricView(.init(instrumentName: "http.server.*"), .init(attributeKeys: .init(excluded: ["client.address"])))
/// ]
/// ```
public struct MetricView: Sendable, Hashable {
    /// Selects instruments. Every condition that is not nil must match.
    public struct Selector: Sendable, Hashable {
        /// A pattern for the name of the instrument. `*` matches any characters, `?` matches one character, and case is ignored.
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

    /// The exported metric (OpenTelemetry "stream"). If the name or the description is nil, that of the instrument is used.
    public struct Stream: Sendable, Hashable {
        /// The name of the metric.
        public var name: String?
        /// The description of the metric.
        public var description: String?
        /// How measurements are combined.
        public var aggregation: Aggregation
        /// The attributes that are kept.
        public var attributeKeys: AttributeKeys
        /// The maximum number of attribute sets, as for ``MeterConfiguration/cardinalityLimit``. If nil, that limit applies.
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

    /// Which attributes of a measurement are kept. Measurements whose kept attributes are equal are counted in one series.
    public struct AttributeKeys: Sendable, Hashable {
        /// The keys to keep; nil to keep all.
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
        /// The default of the instrument's kind: a sum, the last value or a histogram.
        case `default`
        /// Nothing is recorded or exported.
        case drop
        /// The sum of the values. The sum of a histogram's values is monotonic, so negative values are refused.
        case sum
        /// The last value of each series.
        case lastValue
        /// A histogram with explicit bounds. The rules for bounds are those of ``HistogramBuckets/explicit(_:)``.
        /// - Parameter recordsMinMax: whether the minimum and the maximum are exported.
        case explicitBuckets([Double], recordsMinMax: Bool = true)
        /// A histogram with exponential buckets.
        /// - Parameters:
        ///   - maximumBuckets: the maximum number of exported buckets on each side of zero; nil if the view sets no limit.
        ///   - maximumScale: the highest exported scale; nil if the view sets no limit.
        ///   - recordsMinMax: whether the minimum and the maximum are exported.
        case exponentialBuckets(maximumBuckets: Int? = nil, maximumScale: Int? = nil, recordsMinMax: Bool = true)
    }

    /// The instruments that the view applies to.
    public var selector: Selector
    /// The exported metric.
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
