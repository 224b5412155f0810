import SpanKitRecording

/// Counts events or whole amounts, such as requests or bytes. The value never decreases.
///
/// Create it with ``TelemetryMeter/counter(_:unit:description:)``. All methods can be called from any thread.
public struct CounterInstrument: Sendable {
    package let instrument: Instrument

    /// The name of the instrument, as it was spelled when the instrument was created.
    public var name: String { instrument.identity.name }

    /// Adds an amount. Negative amounts are refused and counted (``TelemetryMeter/refusedMeasurementCount``).
    ///
    /// The sum does not overflow: it stops at the largest `Int64`.
    public func add(_ amount: Int64) { instrument.withPlain { $0.count(amount) } }

    /// Adds an amount to the series with these attributes.
    ///
    /// The order of the attributes does not matter. Each call looks the series up. If you use the same attributes often, call
    /// ``with(_:)`` once and keep its result.
    public func add(_ amount: Int64, attributes: Attributes) {
        instrument.series(attributes.elements).count(amount)
    }

    /// Returns the series with these attributes. The series is exported from now on, with the value 0 until the first
    /// amount is added.
    ///
    /// The order of the attributes does not matter. If a key occurs twice, the last value counts. Equal attributes return the same series.
    public func with(_ attributes: Attributes) -> CounterSeries {
        CounterSeries(series: instrument.series(attributes.elements))
    }
}

/// The series of a counter with one set of attributes.
///
/// All methods can be called from any thread, even after ``remove()`` and after the telemetry has shut down.
@frozen
public struct CounterSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Adds an amount. Negative amounts are refused and counted (``TelemetryMeter/refusedMeasurementCount``).
    ///
    /// The sum does not overflow: it stops at the largest `Int64`.
    @inlinable @inline(__always)
    public func add(_ amount: Int64) { series.count(amount) }

    /// Resets the series to zero, with a new start time.
    public func reset() { series.reset() }

    /// Ends the series. It is no longer exported, and later calls on it have no visible effect.
    ///
    /// If you use the same attributes again, a new series starts from zero, with a new start time. A second call does nothing.
    /// A call has no effect if other attributes share the series, because of a view or ``MeterConfiguration/cardinalityLimit``.
    public func remove() { series.remove() }
}
