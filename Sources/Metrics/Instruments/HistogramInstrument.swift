import SpanKitRecording

/// Records values whose distribution matters, such as durations or sizes of requests.
///
/// Create it with ``TelemetryMeter/histogram(_:unit:description:buckets:)``. All methods can be called from any thread.
public struct HistogramInstrument: Sendable {
    package let instrument: Instrument

    /// The name of the instrument, as it was spelled when the instrument was created.
    public var name: String { instrument.identity.name }

    /// Records a value. NaN and infinities are refused and counted (``TelemetryMeter/refusedMeasurementCount``).
    public func record(_ value: Double) { instrument.withPlain { $0.distribute(value) } }

    /// Records a value in the series with these attributes.
    ///
    /// The order of the attributes does not matter. Each call looks the series up. If you use the same attributes often, call
    /// ``with(_:)`` once and keep its result.
    public func record(_ value: Double, attributes: Attributes) {
        instrument.series(attributes.elements).distribute(value)
    }

    /// Returns the series with these attributes. The series is exported from now on, even before its first value.
    ///
    /// The order of the attributes does not matter. If a key occurs twice, the last value counts. Equal attributes return the same series.
    public func with(_ attributes: Attributes) -> HistogramSeries {
        HistogramSeries(series: instrument.series(attributes.elements))
    }
}

/// The series of a histogram with one set of attributes.
///
/// All methods can be called from any thread, even after ``remove()`` and after the telemetry has shut down.
@frozen
public struct HistogramSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Records a value. NaN and infinities are refused and counted (``TelemetryMeter/refusedMeasurementCount``).
    @inlinable @inline(__always)
    public func record(_ value: Double) { series.distribute(value) }

    /// Resets the series to zero, with a new start time.
    public func reset() { series.reset() }

    /// Ends the series. It is no longer exported, and later calls on it have no visible effect.
    ///
    /// If you use the same attributes again, a new series starts from zero, with a new start time. A second call does nothing.
    /// A call has no effect if other attributes share the series, because of a view or ``MeterConfiguration/cardinalityLimit``.
    public func remove() { series.remove() }
}
