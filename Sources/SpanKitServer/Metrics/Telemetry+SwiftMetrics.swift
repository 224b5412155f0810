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
    public var metricsFactory: SpanKitMetricsFactory {
        metrics.companion { SpanKitMetricsFactory(metrics, isOff: !profiler.isEnabled, notice: missingDestination) }
    }

    /// What to do if metrics are counted and not exported; nil if they are exported.
    private var missingDestination: String? {
        guard configuration.metricReaders.isEmpty, configuration.textfile == nil else { return nil }
        return
            "metrics of swift-metrics are counted but not exported, because no exporter for metrics is configured; set OTEL_METRICS_EXPORTER=otlp, or a textfile in code"
    }

    /// Makes this telemetry the backend of swift-metrics, unless there is one.
    /// - Returns: the error if there is one.
    func bootstrapMetrics() -> String? {
        if let backend = Self.metricsBackend {
            return
                "MetricsSystem already has the backend \(type(of: backend)), so SpanKit exports no metrics of swift-metrics; call Telemetry.bootstrap() first, or pass telemetry.metricsFactory to MultiplexMetricsHandler"
        }
        MetricsSystem.bootstrap(metricsFactory)
        return nil
    }

    /// The backend of `MetricsSystem`, which accepts only one and stops the program at a second.
    ///
    /// It is nil without one. An explicit `MetricsSystem.bootstrap(NOOPMetricsHandler.instance)` cannot be distinguished from that.
    private static var metricsBackend: (any MetricsFactory)? {
        let found = Locked<(any MetricsFactory)?>(nil)
        // `withMetricsFactory` replaces the backend for its task, but not for another thread.
        let thread = Thread("spankit-metrics", isJoined: true) { found.withLock { $0 = MetricsSystem.factory } }
        thread?.join()
        let factory = found.withLock { $0 } ?? MetricsSystem.factory
        return factory is NOOPMetricsHandler ? nil : factory
    }
}
