import CoreMetrics
import SpanKitMetrics
import SpanKitRecording

/// The backend for swift-metrics: its metrics become instruments of `Telemetry.metrics`.
///
/// `Telemetry.bootstrap` makes it the backend of the process. Use ``SpanKit/Telemetry/metricsFactory`` to combine it with another backend, or
/// to use it only for some metrics:
///
/// ```swift
/// let served = withMetricsFactory(telemetry.metricsFactory) { Counter(label: "orders.served") }
/// ```
///
/// | swift-metrics | Exported as |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | a monotonic sum; it is 0 before the first increment |
/// | `Meter`, `Gauge` | a gauge; it is exported as soon as it has a value |
/// | `Recorder` | a histogram |
/// | `Timer` | a histogram in seconds |
///
/// Metrics are the same if kind, label and dimensions are equal. The order of dimensions does not matter. If a key occurs twice, its last
/// value counts. Equal metrics share one handler, so creating a metric for each request only costs a lookup. A series ends when `destroy()`
/// has been called once for each time that the metric was created. If the metric is created again, it starts from zero with a new start time.
///
/// Units and descriptions come from `TelemetryMeter.describe(_:unit:description:)`, or from an instrument of
/// `Telemetry.metrics` with the same name and kind that was created before the metric. Timers are always in seconds.
///
/// All methods are thread-safe. No value stops the program. Values that cannot be recorded, such as NaN, are refused and counted in
/// `TelemetryMeter.refusedMeasurementCount`.
public final class SpanKitMetricsFactory: MetricsFactory {
    private let meter: TelemetryMeter
    private let handlers: HandlerTable
    private let isOff: Bool
    /// What to log when the first metric is made.
    private let notice: String?

    init(_ meter: TelemetryMeter, _ handlers: HandlerTable, isOff: Bool, notice: String?) {
        self.meter = meter
        self.handlers = handlers
        self.isOff = isOff
        self.notice = notice
    }

    // MARK: Make

    /// Returns the handler of a `Counter`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        isOff ? nothing : handler(MetricIdentity(.counter, label, dimensions)) { SharedCounter($0, $1) }
    }

    /// Returns the handler of a `FloatingPointCounter`, which keeps fractions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        isOff
            ? nothing
            : handler(MetricIdentity(.floatingPointCounter, label, dimensions)) { SharedFloatingPointCounter($0, $1) }
    }

    /// Returns the handler of a `Meter`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        isOff ? nothing : handler(MetricIdentity(.gauge, label, dimensions)) { SharedGauge($0, $1) }
    }

    /// Returns the handler of a `Recorder`: a histogram if it aggregates, otherwise the last value.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if isOff { return nothing }
        guard aggregate else { return handler(MetricIdentity(.gauge, label, dimensions)) { SharedGauge($0, $1) } }
        return handler(MetricIdentity(.recorder, label, dimensions)) { SharedRecorder($0, $1) }
    }

    /// Returns the handler of a `Timer`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        isOff ? nothing : handler(MetricIdentity(.timer, label, dimensions)) { SharedTimer($0, $1) }
    }

    private var nothing: NOOPMetricsHandler { .instance }

    private func handler<Handler: SharedHandler>(
        _ identity: MetricIdentity,
        _ make: (SeriesOwner, MetricIdentity) -> Handler
    ) -> Handler {
        handlers.handler(
            identity,
            series: {
                // The meter logs each line once.
                if let notice { meter.note(notice) }
                let kind = identity.kind
                return meter.series(
                    identity.label,
                    kind.instrument,
                    isFloatingPoint: kind != .counter,
                    unit: kind == .timer ? "s" : nil,
                    identity.dimensions.map { Attribute($0.0, .string($0.1)) }
                )
            },
            make: make
        )
    }

    // MARK: Destroy

    /// Ends the series of a `Counter` when it has been destroyed as often as it was created.
    public func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }

    /// Ends the series of a `FloatingPointCounter` when it has been destroyed as often as it was created.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }

    /// Ends the series of a `Meter` when it has been destroyed as often as it was created.
    public func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }

    /// Ends the series of a `Recorder` when it has been destroyed as often as it was created.
    public func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }

    /// Ends the series of a `Timer` when it has been destroyed as often as it was created.
    public func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        // A handler of another backend is not in the table.
        if let handler = handler as? SharedHandler { handlers.destroy(handler) }
    }
}
