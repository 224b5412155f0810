import SpanKitRecording

/// Counts values by size, such as durations or sizes of requests.
///
/// Create it with ``TelemetryMeter/histogram(_:unit:description:buckets:)``. All methods can be called from any thread.
public struct HistogramInstrument: Sendable {
    package let instrument: Instrument

    /// The name in its first spelling.
    public var name: String { instrument.identity.name }

    /// Counts a value. NaN and infinities are refused and counted.
    public func record(_ value: Double) { instrument.withPlain { $0.distribute(value) } }

    /// Counts a value with some attributes.
    ///
    /// The order of the attributes does not matter. This looks the series up; keep the result of ``with(_:)`` where you can.
    public func record(_ value: Double, attributes: Attributes) {
        instrument.series(attributes.elements).distribute(value)
    }

    /// The series of some attributes, which is exported from now on.
    ///
    /// The order of the attributes does not matter; if a key occurs twice, the last value counts. Equal attributes have the same series.
    public func with(_ attributes: Attributes) -> HistogramSeries {
        HistogramSeries(series: instrument.series(attributes.elements))
    }
}

/// The values of a histogram with one set of attributes.
///
/// All methods can be called from any thread, also after ``remove()`` and after the end of telemetry.
@frozen
public struct HistogramSeries: Sendable {
    @usableFromInline package let series: MetricSeries

    package init(series: MetricSeries) { self.series = series }

    /// Counts a value. NaN and infinities are refused and counted.
    @inlinable @inline(__always)
    public func record(_ value: Double) { series.distribute(value) }

    /// Restarts from zero, with a new start time.
    public func reset() { series.reset() }

    /// Ends the export of the series. Later calls have no effect that is exported.
    ///
    /// If the same attributes are used again, a new series starts from zero, with a new start time. A second call does nothing.
    public func remove() { series.remove() }
}
