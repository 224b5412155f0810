import SpanKitRecording

/// Records a current value, such as a temperature or the length of a queue. The last value is exported.
///
/// Create it with ``TelemetryMeter/gauge(_:unit:description:)``. All methods can be called from any thread.
public struct GaugeInstrument: Sendable {
    package let instrument: Instrument

    /// The name of the instrument, as it was spelled when the instrument was created.
    public var name: String { instrument.identity.name }

    /// Sets the value. NaN and infinities are refused and counted (``TelemetryMeter/refusedMeasurementCount``), and the gauge keeps
    /// its value.
    public func set(_ value: Double) { instrument.withPlain { $0.record(value) } }

    /// Sets the value of the series with these attributes.
    ///
    /// The order of the attributes does not matter. Each call looks the series up. If you use the same attributes often, call
    /// ``with(_:)`` once and keep its result.
    public func set(_ value: Double, attributes: Attributes) {
        instrument.series(attributes.elements).record(value)
    }

    /// Adds to the last value of the series without attributes. Before the first value, adds to 0.
    public func add(_ difference: Double) { instrument.withPlain { $0.adjust(difference) } }

    /// Adds to the last value of the series with these attributes. Before the first value, adds to 0.
    public func add(_ difference: Double, attributes: Attributes) {
        instrument.series(attributes.elements).adjust(difference)
    }

    /// Returns the series with these attributes. It is exported once it has a value.
    ///
    /// The order of the attributes does not matter. If a key occurs twice, the last value counts. Equal attributes return the same series.
    public func with(_ attributes: Attributes) -> GaugeSeries {
        GaugeSeries(series: instrument.series(attributes.elements))
    }
}

/// The series of a gauge with one set of attributes.
///
/// All methods can be called from any thread, even after ``remove()`` and after the telemetry has shut down.
@frozen
public struct GaugeSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Sets the value. NaN and infinities are refused and counted (``TelemetryMeter/refusedMeasurementCount``), and the gauge keeps
    /// its value.
    @inlinable @inline(__always)
    public func set(_ value: Double) { series.record(value) }

    /// Adds to the last value. Before the first value, adds to 0. NaN and infinities are refused and counted.
    public func add(_ difference: Double) { series.adjust(difference) }

    /// Removes the value. The series is not exported until it has a value again.
    public func reset() { series.reset() }

    /// Ends the series. It is no longer exported, and later calls on it have no visible effect.
    ///
    /// If you use the same attributes again, a new series starts without a value. A second call does nothing.
    /// A call has no effect if other attributes share the series, because of a view or ``MeterConfiguration/cardinalityLimit``.
    public func remove() { series.remove() }
}
