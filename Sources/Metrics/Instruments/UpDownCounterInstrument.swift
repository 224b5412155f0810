import SpanKitRecording

/// Counts what can increase and decrease, such as open connections.
///
/// Create it with ``TelemetryMeter/upDownCounter(_:unit:description:)``. All methods can be called from any thread.
public struct UpDownCounterInstrument: Sendable {
    package let instrument: Instrument

    /// The name in its first spelling.
    public var name: String { instrument.identity.name }

    /// Adds an amount. A thread's part of the sum that would exceed the range of `Int64` stays at its end.
    public func add(_ amount: Int64) { instrument.withPlain { $0.change(amount) } }

    /// Adds an amount with some attributes.
    ///
    /// The order of the attributes does not matter. This looks the series up; keep the result of ``with(_:)`` where you can.
    public func add(_ amount: Int64, attributes: Attributes) {
        instrument.series(attributes.elements).change(amount)
    }

    /// The series of some attributes, which is exported from now on, at first with the value 0.
    ///
    /// The order of the attributes does not matter; if a key occurs twice, the last value counts. Equal attributes have the same series.
    public func with(_ attributes: Attributes) -> UpDownCounterSeries {
        UpDownCounterSeries(series: instrument.series(attributes.elements))
    }
}

/// The values of an up-down counter with one set of attributes.
///
/// All methods can be called from any thread, also after ``remove()`` and after the end of telemetry.
@frozen
public struct UpDownCounterSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Adds an amount. A thread's part of the sum that would exceed the range of `Int64` stays at its end.
    @inlinable @inline(__always)
    public func add(_ amount: Int64) { series.change(amount) }

    /// Restarts from zero, with a new start time.
    public func reset() { series.reset() }

    /// Ends the export of the series. Later calls have no effect that is exported.
    ///
    /// If the same attributes are used again, a new series starts from zero, with a new start time. A second call does nothing.
    public func remove() { series.remove() }
}
