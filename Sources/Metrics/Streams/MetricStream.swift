import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// One metric of an instrument: without views the only one, otherwise one for each view that matches the instrument.
///
/// The instrument's lock guards everything that can change.
final class MetricStream: @unchecked Sendable {
    let name: String
    let description: String
    let unit: String
    let kind: Metric.Kind
    let aggregator: Aggregator
    let attributeKeys: MetricView.AttributeKeys
    /// The largest number of attribute sets without the one for the overflow.
    let limit: Int

    private let hasExemplars: Bool
    private var aggregates: [AttributeSet: Aggregate] = [:]
    private var order: [Aggregate] = []
    private var overflow: Aggregate?
    private var ends = SeriesEnds()
    /// Used by observable instruments.
    var observed: ObservedState
    private var record: StreamRecord?

    init(
        _ identity: InstrumentIdentity,
        _ description: String,
        _ view: MetricView.Stream,
        _ aggregator: Aggregator,
        limit: Int
    ) {
        name = view.name ?? identity.name
        self.description = view.description ?? description
        unit = identity.unit
        self.aggregator = aggregator
        kind =
            switch aggregator {
            case .integerSum, .floatingPointSum:
                .sum(isMonotonic: identity.kind.isMonotonic || identity.kind == .histogram)
            case .lastValue: .gauge
            case .distribution(let settings): settings.bounds == nil ? .exponentialHistogram : .histogram
            }
        attributeKeys = view.attributeKeys
        self.limit = limit
        observed = ObservedState(limit: limit)
        // OpenTelemetry allows exemplars of other instruments, but no receiver of ours shows them.
        hasExemplars = identity.kind == .counter || identity.kind == .histogram
    }

    /// Whether negative numbers must not be counted.
    var isMonotonic: Bool { kind == .sum(isMonotonic: true) }

    /// The aggregate of an attribute set, created if necessary. If there are too many sets, it is the aggregate of the overflow.
    func aggregate(for attributes: AttributeSet, _ meter: MeterState) -> Aggregate {
        if let known = aggregates[attributes] { return known }
        guard aggregates.count < limit else {
            if let overflow { return overflow }
            let made = makeAggregate(.overflow, meter)
            overflow = made
            return made
        }
        let made = makeAggregate(attributes, meter)
        restore(made)
        return made
    }

    private func makeAggregate(_ attributes: AttributeSet, _ meter: MeterState) -> Aggregate {
        if record == nil, let file = meter.memory.file { record = StreamRecord(file, facts) }
        return Aggregate(aggregator, attributes, meter, record, name: name, hasExemplars: hasExemplars)
    }

    private var facts: StreamFacts {
        StreamFacts(name: name, unit: unit, description: description, kind: kind, aggregator: aggregator)
    }

    /// Exports an aggregate again that was removed.
    func restore(_ aggregate: Aggregate) {
        guard aggregate !== overflow, aggregates.updateValue(aggregate, forKey: aggregate.attributes) == nil else {
            return
        }
        order.append(aggregate)
        aggregate.setHidden(false)
    }

    /// Forgets an attribute set.
    func remove(_ aggregate: Aggregate) {
        guard aggregates[aggregate.attributes] === aggregate else { return }
        aggregates[aggregate.attributes] = nil
        aggregate.setHidden(true)
        order.removeAll { $0 === aggregate }
    }

    /// Keeps the values of an aggregate for the collectors, before it is removed or reset.
    /// - Returns: false if too many ended series are kept already.
    func keepEnd(of aggregate: Aggregate, for collectors: [MetricCollector], exemplarTakers: [ObjectIdentifier]) -> Bool
    {
        let identifiers = collectors.map(ObjectIdentifier.init)
        ends.keep(identifiers)
        let isCounting =
            switch kind {
            case .sum(let isMonotonic): isMonotonic
            case .histogram, .exponentialHistogram: true
            case .gauge, .summary, .unknown: false
            }
        guard isCounting, !collectors.isEmpty else { return true }
        var hasRoom = true
        for collector in collectors {
            let pass = CollectionPass(collector: collector, exemplarTakers: exemplarTakers)
            guard var point = aggregate.point(pass), !point.value.hasCountedNothing else { return true }
            point.time = UnixTime.nanoseconds()
            let isKept = ends.add(point, of: aggregate.attributes, for: collector, limit: limit, record)
            hasRoom = hasRoom && isKept
        }
        return hasRoom
    }

    /// Forgets what the parent of a forked child has counted.
    func forgetParent() {
        ends.removeAll()
        (observed.merger, observed.overflow) = (SeriesMerger(), nil)
        for aggregate in all { aggregate.forgetParent() }
    }

    /// Whether nothing is exported any more, now or later.
    var isUnused: Bool { order.isEmpty && overflow == nil && ends.isEmpty }

    /// Whether measurements were counted in the series of the overflow.
    var hasOverflowed: Bool { overflow != nil || observed.admission.hasOverflowed }

    /// All aggregates.
    var all: [Aggregate] { overflow.map { order + [$0] } ?? order }

    /// The metric with the current points, and the last points of series that have ended.
    func metric(_ pass: CollectionPass) -> Metric {
        let ended = pass.takesEnds ? ends.take(pass.identifier) : ends.waiting(for: pass.identifier)
        guard !ended.isEmpty else { return metric(all.compactMap { $0.point(pass) }) }
        let last = ended.values.sorted { $0.time ?? 0 < $1.time ?? 0 }
        let current = all.filter { pass.isLast || ended[$0.attributes] == nil }
        return metric(last + current.compactMap { $0.point(pass) })
    }

    func metric(_ points: [Metric.Point]) -> Metric {
        Metric(name, description: description, unit: unit, kind: kind, points: points)
    }
}
