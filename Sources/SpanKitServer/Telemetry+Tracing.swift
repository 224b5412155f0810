import SpanKitPlatform
import SpanKitRecording
import Tracing

extension Telemetry {
    /// The backend for swift-distributed-tracing. Use it to bootstrap `InstrumentationSystem` yourself, for example
    /// with another instrument:
    ///
    /// ```swift
    /// InstrumentationSystem.bootstrap(MultiplexInstrument([telemetry.tracer, otherInstrument]))
    /// ```
    public var tracer: SpanKitTracer { tracer(of: profiler) }

    /// A tracer for swift-distributed-tracing whose spans have the scope of a library.
    ///
    /// swift-distributed-tracing does not tell a tracer which library starts a span, so spans of the global tracer have the scope of the
    /// program. A library that is given its own tracer can use this one:
    ///
    /// ```swift
    /// let tracer = telemetry.tracer("MyDatabase", version: "1.2")
    /// tracer.withSpan("query") { span in span.attributes["db.rows"] = 7 }
    /// ```
    ///
    /// Call it once for each library. The parameters are those of `Telemetry.profiler(_:version:schemaURL:attributes:)`.
    public func tracer(
        _ name: String,
        version: String = "",
        schemaURL: String = "",
        attributes: Attributes = [:]
    ) -> SpanKitTracer {
        tracer(of: profiler(name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    private func tracer(of profiler: PerformanceProfiler) -> SpanKitTracer {
        SpanKitTracer(profiler, propagators: configuration.propagators) { [self] in
            flushAndWait(within: configuration.shutdownTimeout)
        }
    }

    /// Starts telemetry and makes it the backend of swift-distributed-tracing, swift-metrics and swift-log for the whole process. Call
    /// it at the start of the program: metrics of swift-metrics that are created before this call are never recorded.
    ///
    /// ```swift
    /// let telemetry = Telemetry.bootstrap()
    /// ```
    ///
    /// A process can have only one backend for each of the three libraries. A second call logs an error and returns the telemetry of
    /// the first. If the process already has another backend, that backend stays in use, and an error is logged.
    /// - Parameters:
    ///   - configuration: the configuration; by default it is read from the environment.
    ///   - log: receives warnings; standard error by default.
    ///   - logging: what to do with the lines of swift-log. By default they become log records and are written to
    ///     standard error. If the program has called `LoggingSystem.bootstrap` with `StreamLogHandler.standardError`,
    ///     pass `.unchanged`. swift-log stops a program that bootstraps it twice, and SpanKit cannot detect the first
    ///     call, because swift-log also uses `StreamLogHandler.standardError` by default.
    public static func bootstrap(
        _ configuration: TelemetryConfiguration = .environment(),
        log: ProfilerLog = .standardError,
        logging: LoggingBackend = .exportAndConsole(.standardError)
    ) -> Telemetry {
        let (telemetry, isFirst) = bootstrapped.withLock { bootstrapped in
            if let telemetry = bootstrapped { return (telemetry, false) }
            let telemetry = Telemetry.start(configuration, log: log)
            bootstrapped = telemetry
            return (telemetry, true)
        }
        if !isFirst {
            log(
                .error,
                "Telemetry.bootstrap() was already called, so this call is ignored; "
                    + "remove one of the two calls"
            )
            return telemetry
        }
        if InstrumentationSystem.instrument is NoOpInstrument {
            InstrumentationSystem.bootstrap(telemetry.tracer)
        } else {
            log(
                .error,
                "InstrumentationSystem already has a backend, so SpanKit does not record withSpan(); call Telemetry.bootstrap() first, or pass telemetry.tracer to MultiplexInstrument"
            )
        }
        if let error = telemetry.bootstrapMetrics() { log(.error, error) }
        if let error = telemetry.bootstrapLogging(logging) { log(.error, error) }
        return telemetry
    }

    private static let bootstrapped = Locked<Telemetry?>(nil)
}
