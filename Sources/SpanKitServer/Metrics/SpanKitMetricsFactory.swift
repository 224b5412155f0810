import CoreMetrics
import SpanKitMetrics
import SpanKitRecording

/// The backend for swift-metrics: its metrics become instruments of `Telemetry.metrics`.
///
/// `Telemetry.bootstrap` makes it the backend of the process. Use ``SpanKit/Telemetry/metricsFactory`` to combine it with another backend, or
/// to choose it for a part of the program:
///
/// ```swift
/// let served = withMetricsFactory(telemetry.metricsFactory) { Counter(label: "orders.served") }
/// ```
///
/// | swift-metrics | Exported as |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | a monotonic sum, from 0 on |
/// | `Meter`, `Gauge` | a gauge, from its first value on |
/// | `Recorder` | a histogram |
/// | `Timer` | a histogram in seconds |
///
/// Metrics are the same if kind, label and dimensions are equal. Dimensions have no order, and of several with one key the last one counts.
/// The same metrics share one handler, so that making a metric for each request is a look-up. A series ends when
/// each of its makers has called `destroy()`. After that, it starts again from zero with a new start time.
///
/// Units and descriptions come from ``SpanKitMetrics/TelemetryMeter/describe(_:unit:description:)``, or from an instrument of
/// `Telemetry.metrics` with the same name that was created first. Timers are always in seconds.
///
/// All methods are thread-safe. No value stops the program: values that cannot be counted, such as NaN, are left out and counted.
public final class SpanKitMetricsFactory: MetricsFactory {
    private let meter: TelemetryMeter
    private let handlers = HandlerTable()
    private let isOff: Bool
    /// What to log when the first metric is made.
    private let notice: String?

    init(_ meter: TelemetryMeter, isOff: Bool, notice: String?) {
        self.meter = meter
        self.isOff = isOff
        self.notice = notice
    }

    // MARK: Make

    /// The handler of a `Counter`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        isOff ? nothing : handler(MetricIdentity(.counter, label, dimensions)) { SharedCounter($0) }
    }

    /// The handler of a `FloatingPointCounter`, which keeps fractions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        isOff
            ? nothing
            : handler(MetricIdentity(.floatingPointCounter, label, dimensions)) { SharedFloatingPointCounter($0) }
    }

    /// The handler of a `Meter`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        isOff ? nothing : handler(MetricIdentity(.gauge, label, dimensions)) { SharedGauge($0) }
    }

    /// The handler of a `Recorder`: a histogram if it aggregates, otherwise the last value.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if isOff { return nothing }
        guard aggregate else { return handler(MetricIdentity(.gauge, label, dimensions)) { SharedGauge($0) } }
        return handler(MetricIdentity(.recorder, label, dimensions)) { SharedRecorder($0) }
    }

    /// The handler of a `Timer`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        isOff ? nothing : handler(MetricIdentity(.timer, label, dimensions)) { SharedTimer($0) }
    }

    private var nothing: NOOPMetricsHandler { .instance }

    private func handler<Handler: SharedHandler>(
        _ identity: MetricIdentity,
        _ make: (SeriesOwner) -> Handler
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

    /// Removes a maker of a `Counter`. With the last one, the series ends.
    public func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }

    /// Removes a maker of a `FloatingPointCounter`. With the last one, the series ends.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }

    /// Removes a maker of a `Meter`. With the last one, the series ends.
    public func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }

    /// Removes a maker of a `Recorder`. With the last one, the series ends.
    public func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }

    /// Removes a maker of a `Timer`. With the last one, the series ends.
    public func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        // A handler of another backend is not in the table.
        if let handler = handler as? SharedHandler { handlers.destroy(handler) }
    }
}

extension SpanKitMetricsFactory: MeterCompanion {
    package func acquireForFork() { handlers.acquireForFork() }
}
