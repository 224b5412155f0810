import SpanKitRecording

/// The measurements of an instrument with one set of attributes.
@usableFromInline
package final class MetricSeries: @unchecked Sendable {
    let instrument: Instrument
    let attributes: AttributeSet
    /// Whether equal attributes always have this series. It is false for the series of the overflow, and if a view leaves attributes out.
    package let isInterned: Bool
    let aggregates: [Aggregate]
    /// The attributes that a view leaves out.
    let droppedAttributes: [Attribute]

    init(
        _ instrument: Instrument,
        _ attributes: AttributeSet,
        _ aggregates: [Aggregate],
        droppedAttributes: [Attribute],
        isInterned: Bool
    ) {
        self.instrument = instrument
        self.attributes = attributes
        self.aggregates = aggregates
        self.droppedAttributes = droppedAttributes
        self.isInterned = isInterned
    }

    package func record(_ value: Int64) {
        guard value >= 0 || !instrument.identity.kind.isMonotonic else { return instrument.refuse(Double(value)) }
        for aggregate in aggregates { aggregate.record(value) }
    }

    package func record(_ value: Double) {
        guard value.isFinite, value >= 0 || !instrument.identity.kind.isMonotonic else {
            return instrument.refuse(value)
        }
        for aggregate in aggregates { aggregate.record(value) }
    }

    package func adjust(_ value: Double) {
        guard value.isFinite else { return instrument.refuse(value) }
        for aggregate in aggregates {
            if case .lastValue(let cell) = aggregate.cells { cell.add(value) } else { aggregate.record(value) }
        }
    }

    /// Counts a value that was not recorded because the instrument cannot record it.
    package func refuse(_ value: Double) { instrument.refuse(value) }

    package func remove() { instrument.remove(self) }

    package func reset() { instrument.reset(self) }
}
