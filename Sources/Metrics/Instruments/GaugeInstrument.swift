import SpanKitRecording

/// Keeps the last value, such as a temperature or a queue's length.
///
/// Create it with ``TelemetryMeter/gauge(_:unit:description:)``. All methods can be called from any thread.
public struct GaugeInstrument: Sendable {
    package let instrument: Instrument

    /// The name in its first spelling.
    public var name: String { instrument.identity.name }

    /// Sets the value. NaN and infinities are refused and counted; the last value stays.
    public func set(_ value: Double) { instrument.withPlain { $0.record(value) } }

    /// Sets the value with some attributes.
    ///
    /// The order of the attributes does not matter. This looks the series up; keep the result of ``with(_:)`` where you can.
    public func set(_ value: Double, attributes: Attributes) {
        instrument.series(attributes.elements).record(value)
    }

    /// Adds to the last value without attributes, or to 0 if there is none.
    public func add(_ difference: Double) { instrument.withPlain { $0.adjust(difference) } }

    /// Adds to the last value with some attributes, or to 0 if there is none.
    public func add(_ difference: Double, attributes: Attributes) {
        instrument.series(attributes.elements).adjust(difference)
    }

    /// The series of some attributes, which is exported from now on as soon as it has a value.
    ///
    /// The order of the attributes does not matter; if a key occurs twice, the last value counts. Equal attributes have the same series.
    public func with(_ attributes: Attributes) -> GaugeSeries {
        GaugeSeries(series: instrument.series(attributes.elements))
    }
}

/// The values of a gauge with one set of attributes.
///
/// All methods can be called from any thread, also after ``remove()`` and after the end of telemetry.
@frozen
public struct GaugeSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Sets the value. NaN and infinities are refused and counted; the last value stays.
    @inlinable @inline(__always)
    public func set(_ value: Double) { series.record(value) }

    /// Adds to the last value, or to 0 if there is none. NaN and infinities are refused and counted.
    public func add(_ difference: Double) { series.adjust(difference) }

    /// Restarts from zero, with a new start time.
    public func reset() { series.reset() }

    /// Ends the export of the series. Later calls have no effect that is exported.
    ///
    /// If the same attributes are used again, a new series starts from zero, with a new start time. A second call does nothing.
    public func remove() { series.remove() }
}
