import CoreMetrics
import SpanKitMetrics
import SpanKitPlatform
import SpanKitRecording

extension Telemetry {
    /// The backend for swift-metrics. Use it to bootstrap `MetricsSystem` yourself, for example together with another backend:
    ///
    /// ```swift
    /// MetricsSystem.bootstrap(MultiplexMetricsHandler(factories: [telemetry.metricsFactory, otherFactory]))
    /// ```
    ///
    /// Always returns the same object. If telemetry is off, its metrics record nothing.
    public var metricsFactory: SpanKitMetricsFactory { metricsFactory(notice: missingDestination) }

    /// The backend for swift-metrics.
    /// - Parameter notice: what to log when the first metric is made; nil for nothing. The first call decides.
    package func metricsFactory(notice: @autoclosure () -> String?) -> SpanKitMetricsFactory {
        metrics.companion { SharedFactory() }.factory { handlers in
            SpanKitMetricsFactory(metrics, handlers, isOff: !profiler.isEnabled, notice: notice())
        }
    }

    /// What to do if metrics are counted and not exported; nil if they are exported.
    private var missingDestination: String? {
        guard configuration.metricReaders.isEmpty, configuration.textfile == nil else { return nil }
        return
            "metrics of swift-metrics are counted but not exported, because no exporter for metrics is configured; set OTEL_METRICS_EXPORTER=otlp, or a textfile in code"
    }

    /// Makes this telemetry the backend of swift-metrics, unless the program has chosen another one.
    /// - Returns: the error to log; nil without one.
    func bootstrapMetrics() -> String? {
        if let backend = Self.metricsBackend {
            return
                "MetricsSystem already has the backend \(type(of: backend)), so SpanKit exports no metrics of swift-metrics; call Telemetry.bootstrap() first, or pass telemetry.metricsFactory to MultiplexMetricsHandler"
        }
        MetricsSystem.bootstrap(metricsFactory)
        return nil
    }

    /// The backend of `MetricsSystem`; nil if the program has not chosen one. A second `MetricsSystem.bootstrap` would stop the program.
    ///
    /// It is also nil if the program has chosen `NOOPMetricsHandler.instance`, which is what `MetricsSystem` uses by default.
    package static var metricsBackend: (any MetricsFactory)? {
        let found = Locked<(any MetricsFactory)?>(nil)
        // `withMetricsFactory` replaces the backend for its task, but not for another thread.
        let thread = Thread("spankit-metrics", isJoined: true) { found.withLock { $0 = MetricsSystem.factory } }
        thread?.join()
        let factory = found.withLock { $0 } ?? MetricsSystem.factory
        return factory is NOOPMetricsHandler ? nil : factory
    }
}

/// Keeps the handlers of a meter's factory for swift-metrics, so that a later factory of the same meter shares them.
///
/// The factory keeps the meter alive, so the meter must not keep the factory alive.
private final class SharedFactory: MeterCompanion {
    private struct State {
        weak var factory: SpanKitMetricsFactory?
    }

    private let handlers = HandlerTable()
    private let state = Locked(State())

    /// Returns the factory if the program still refers to it; otherwise a new one.
    func factory(_ make: (HandlerTable) -> SpanKitMetricsFactory) -> SpanKitMetricsFactory {
        state.withLock { state in
            if let known = state.factory { return known }
            let made = make(handlers)
            state.factory = made
            return made
        }
    }

    func acquireForFork() {
        state.acquireForFork()
        handlers.acquireForFork()
    }
}
