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

    private let memory: CellMemory
    private var aggregates: [AttributeSet: Aggregate] = [:]
    private var order: [Aggregate] = []
    private var overflow: Aggregate?

    init(
        _ identity: InstrumentIdentity,
        _ description: String,
        _ view: MetricView.Stream,
        _ aggregator: Aggregator,
        limit: Int,
        memory: CellMemory
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
            case .distribution: .histogram
            }
        attributeKeys = view.attributeKeys
        self.limit = limit
        self.memory = memory
    }

    /// The aggregate of an attribute set, created if necessary: that of the overflow if there are too many sets.
    func aggregate(for attributes: AttributeSet) -> Aggregate {
        if let known = aggregates[attributes] { return known }
        guard aggregates.count < limit else {
            if let overflow { return overflow }
            let made = Aggregate(aggregator, .overflow, memory)
            overflow = made
            return made
        }
        let made = Aggregate(aggregator, attributes, memory)
        aggregates[attributes] = made
        order.append(made)
        return made
    }

    /// Forgets an attribute set, unless it has been created anew.
    func remove(_ aggregate: Aggregate, _ attributes: AttributeSet) {
        guard aggregates[attributes] === aggregate else { return }
        aggregates[attributes] = nil
        order.removeAll { $0 === aggregate }
    }

    /// The metric with the current points.
    func metric() -> Metric {
        let points = (order + [overflow].compactMap(\.self)).compactMap { $0.point() }
        return Metric(name, description: description, unit: unit, kind: kind, points: points)
    }
}
