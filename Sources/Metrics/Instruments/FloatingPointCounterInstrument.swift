import SpanKitRecording

/// Counts amounts that are not whole numbers, such as seconds or kilowatt hours. The value never decreases.
///
/// Create it with ``TelemetryMeter/floatingPointCounter(_:unit:description:)``. All methods can be called from any thread.
public struct FloatingPointCounterInstrument: Sendable {
    package let instrument: Instrument

    /// The name in its first spelling.
    public var name: String { instrument.identity.name }

    /// Adds an amount. Negative amounts, NaN and infinities are refused and counted. The sum is at most the largest finite number.
    public func add(_ amount: Double) { instrument.withPlain { $0.record(amount) } }

    /// Adds an amount with some attributes.
    ///
    /// The order of the attributes does not matter. This looks the series up; keep the result of ``with(_:)`` where you can.
    public func add(_ amount: Double, attributes: Attributes) {
        instrument.series(attributes.elements).record(amount)
    }

    /// The series of some attributes, which is exported from now on, at first with the value 0.
    ///
    /// The order of the attributes does not matter; if a key occurs twice, the last value counts. Equal attributes have the same series.
    public func with(_ attributes: Attributes) -> FloatingPointCounterSeries {
        FloatingPointCounterSeries(series: instrument.series(attributes.elements))
    }
}

/// The values of a counter with one set of attributes.
///
/// All methods can be called from any thread, also after ``remove()`` and after the end of telemetry.
@frozen
public struct FloatingPointCounterSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Adds an amount. Negative amounts, NaN and infinities are refused and counted. The sum is at most the largest finite number.
    @inlinable @inline(__always)
    public func add(_ amount: Double) { series.record(amount) }

    /// Restarts from zero, with a new start time.
    public func reset() { series.reset() }

    /// Ends the export of the series. Later calls have no effect that is exported.
    ///
    /// If the same attributes are used again, a new series starts from zero, with a new start time. A second call does nothing.
    public func remove() { series.remove() }
}
