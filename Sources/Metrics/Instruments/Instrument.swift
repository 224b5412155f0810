import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// What makes an instrument different from others.
struct InstrumentIdentity: Hashable, Sendable {
    /// The name in its first spelling.
    let name: String
    let unit: String
    let kind: InstrumentKind
    /// Whether the values are floating-point numbers.
    let isFloatingPoint: Bool
    private let foldedName: ByteText

    init(name: String, unit: String, kind: InstrumentKind, isFloatingPoint: Bool) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.isFloatingPoint = isFloatingPoint
        foldedName = ByteText(name.lowercased())
    }

    /// Compares names regardless of upper and lower case.
    static func == (left: InstrumentIdentity, right: InstrumentIdentity) -> Bool {
        left.foldedName == right.foldedName && left.unit.hasSameBytes(as: right.unit) && left.kind == right.kind
            && left.isFloatingPoint == right.isFloatingPoint
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(foldedName)
        hasher.combine(kind)
    }
}

/// An instrument with its series and streams.
@usableFromInline
final class Instrument: @unchecked Sendable {
    let identity: InstrumentIdentity
    let description: String
    let buckets: HistogramBuckets
    let streams: [MetricStream]
    let meter: MeterState

    /// The start of the values that callbacks report.
    private let start = UnixTime.nanoseconds()
    private let lock = Lock()
    // The lock guards these and the streams.
    private var series: [AttributeSet: MetricSeries] = [:]
    private var overflow: MetricSeries?
    private var hasWarnedAboutOverflow = false
    private let hasWarnedAboutValues = Atomic<Bool>(false)

    init(
        _ identity: InstrumentIdentity,
        _ description: String,
        _ buckets: HistogramBuckets,
        _ streams: [MetricStream],
        _ meter: MeterState
    ) {
        self.identity = identity
        self.description = description
        self.buckets = buckets
        self.streams = streams
        self.meter = meter
    }

    deinit { lock.destroy() }

    /// The series of some attributes, created if necessary.
    func series(_ attributes: [Attribute]) -> MetricSeries {
        let set = AttributeSet(attributes)
        return lock.withLock {
            if let known = series[set] { return known }
            var aggregates: [Aggregate] = []
            var dropped: [Attribute] = []
            for stream in streams {
                let (kept, left) = set.split(by: stream.attributeKeys)
                aggregates.append(stream.aggregate(for: kept))
                if left.count > dropped.count { dropped = left }
            }
            // A view that leaves attributes out is there because they have many values.
            guard dropped.isEmpty else {
                return MetricSeries(self, set, aggregates, droppedAttributes: dropped, isInterned: false)
            }
            guard series.count < (streams.map(\.limit).max() ?? 0) else {
                if let overflow { return overflow }
                let made = MetricSeries(self, .overflow, aggregates, droppedAttributes: [], isInterned: false)
                overflow = made
                return made
            }
            let made = MetricSeries(self, set, aggregates, droppedAttributes: [], isInterned: true)
            series[set] = made
            return made
        }
    }

    /// Ends a series. A series with the same attributes that is created later starts at zero.
    func remove(_ ended: MetricSeries) {
        lock.withLock {
            guard series[ended.attributes] === ended else { return }
            series[ended.attributes] = nil
            for (stream, aggregate) in zip(streams, ended.aggregates) where stream.attributeKeys.keepsAll {
                stream.remove(aggregate, ended.attributes)
            }
        }
    }

    func reset(_ series: MetricSeries) {
        lock.withLock { for aggregate in series.aggregates { aggregate.reset() } }
    }

    /// The series without attributes.
    var plain: MetricSeries { series([]) }

    /// The metrics with their current points.
    func metrics() -> [Metric] {
        lock.withLock { streams.map { $0.metric() } }
    }

    /// The metrics of what callbacks have reported. Later callbacks override earlier ones.
    func metrics(of observations: [Observations]) -> [Metric] {
        streams.map { stream in stream.metric(of: observations, start: start) }
    }

    /// Counts a value that the instrument cannot record.
    func refuse(_ value: Double, times: UInt64 = 1) {
        meter.refused.wrappingAdd(times, ordering: .relaxed)
        guard !hasWarnedAboutValues.exchange(true, ordering: .relaxed) else { return }
        let reason =
            value.isFinite
            ? "is negative, but a \(identity.kind == .counter ? "counter only increases" : "value must not be")"
            : "is not a finite number"
        meter.log(
            .warning,
            "instrument '\(identity.name.shortened)': \(value) \(reason); such values are counted as refused and left out"
        )
    }
}

extension String {
    /// The text, cut after 100 characters for a log line.
    var shortened: String { utf8.count <= 400 && count <= 100 ? self : "\(prefix(100))…" }
}
