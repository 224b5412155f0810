import CoreMetrics
import Logging
import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import Tracing

/// The process-wide backends, which pass on to the recorder of the current task what they get.
///
/// swift-distributed-tracing, swift-log and swift-metrics each have one backend in a process.
enum Backends {
    /// Installs the backends once in the process, and reports what could not be installed.
    static func install() { _ = installed }

    /// Why spans, log lines or metrics may be missing, one line each.
    static var problems: [String] { installed }

    private static let installed: [String] = {
        var problems: [String] = []
        if InstrumentationSystem.instrument is NoOpInstrument { InstrumentationSystem.bootstrap(RoutingTracer()) }
        if !(InstrumentationSystem.tracer is RoutingTracer) {
            problems.append(
                "spans of withSpan are not recorded, because InstrumentationSystem has the backend \(type(of: InstrumentationSystem.instrument)); do not bootstrap it in tests, or bootstrap it with SpanRecorder.routingTracer"
            )
        }
        let handler = Logger(label: "SpanKitTesting").handler
        switch handler {
        case is RoutingLogHandler, is MultiplexLogHandler: break
        case is StreamLogHandler:
            // This is swift-log's default handler. It is not known whether a test has bootstrapped `LoggingSystem` with
            // the same handler. If one has, swift-log stops the process here.
            LoggingSystem.bootstrap({ SpanRecorder.routingLogHandler($0, $1) }, metadataProvider: nil)
        default:
            problems.append(
                "log lines are not recorded, because LoggingSystem has the backend \(type(of: handler)); do not bootstrap it in tests, or bootstrap it with SpanRecorder.routingLogHandler"
            )
        }
        switch Telemetry.metricsBackend {
        case nil: MetricsSystem.bootstrap(RoutingMetricsFactory())
        case is RoutingMetricsFactory, is MultiplexMetricsHandler: break
        case .some(let backend):
            problems.append(
                "metrics of swift-metrics are not recorded, because MetricsSystem has the backend \(type(of: backend)); do not bootstrap it in tests, or bootstrap it with SpanRecorder.routingMetricsFactory"
            )
        }
        for problem in problems { ProfilerLog.standardError(.warning, problem) }
        return problems
    }()

    private static let reported = Locked<Set<String>>([])
    private static let reportedMetrics = Locked<Set<String>>([])

    /// Says once for each name that a span belongs to no test.
    static func reportUnassigned(_ name: String) {
        let isNew = reported.withLock { $0.count < 20 && $0.insert(name).inserted }
        guard isNew else { return }
        ProfilerLog.standardError(
            .warning,
            "the span '\(name)' started outside of SpanRecorder.record, so it belongs to no test and is in SpanRecorder.unassigned; if a detached task or a callback started it, pass it the ServiceContext of the test"
        )
    }

    /// Says once for each metric that a measurement belongs to no test.
    static func reportUnassigned(metric label: String) {
        let isNew = reportedMetrics.withLock { $0.count < 20 && $0.insert(label).inserted }
        guard isNew else { return }
        ProfilerLog.standardError(
            .warning,
            "the metric '\(label)' measured something outside of SpanRecorder.record, so it belongs to no test and is in SpanRecorder.unassigned; if a detached task or a callback did this, run it within ServiceContext.withValue with the ServiceContext of the test"
        )
    }
}

extension SpanRecorder {
    /// A tracer that passes each span to the recorder of its test. You need it only to bootstrap `InstrumentationSystem` yourself, for
    /// example with a `MultiplexInstrument`.
    public static var routingTracer: any Tracer { RoutingTracer() }

    /// A log handler that passes each line to the recorder of the current task. You need it only to bootstrap `LoggingSystem` yourself,
    /// for example with a `MultiplexLogHandler`.
    ///
    /// Lines outside any recorder are written to standard error if their level is info or higher.
    public static func routingLogHandler(_ label: String, _ provider: Logger.MetadataProvider? = nil) -> any LogHandler
    {
        RoutingLogHandler(label: label, metadataProvider: provider)
    }

    /// A metrics factory that passes each measurement to the recorder of the current task. You need it only to bootstrap `MetricsSystem`
    /// yourself, for example with a `MultiplexMetricsHandler`.
    public static var routingMetricsFactory: any MetricsFactory { RoutingMetricsFactory() }

    /// The recorder for spans with a context: the recorder of the parent, or else the recorder of the task.
    fileprivate static func recorder(for context: ServiceContext) -> SpanRecorder? { context.spanRecorder ?? current }
}

private struct RoutingTracer: Tracer {
    typealias Span = TracedSpan

    private static func recorder(for context: ServiceContext) -> SpanRecorder {
        SpanRecorder.recorder(for: context) ?? .unassigned
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: Tracing.SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> TracedSpan {
        var context = context()
        let recorder = SpanRecorder.recorder(for: context)
        // The context carries the recorder, so that children in other threads and detached tasks belong to the same
        // test if the context is passed to them.
        context.spanRecorder = recorder
        if recorder == nil { Backends.reportUnassigned(operationName) }
        return (recorder ?? .unassigned).tracer.startSpan(
            operationName,
            context: context,
            ofKind: kind,
            at: instant(),
            function: function,
            file: fileID,
            line: line
        )
    }

    func activeSpan(identifiedBy context: ServiceContext) -> TracedSpan? {
        Self.recorder(for: context).tracer.activeSpan(identifiedBy: context)
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        Self.recorder(for: context).tracer.extract(carrier, into: &context, using: extractor)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        Self.recorder(for: context).tracer.inject(context, into: &carrier, using: injector)
    }
}

private enum RecorderKey: ServiceContextKey {
    typealias Value = SpanRecorder
    static let nameOverride: String? = "spankit-recorder"
}

extension ServiceContext {
    /// The recorder of the test that the context belongs to.
    var spanRecorder: SpanRecorder? {
        get { self[RecorderKey.self] }
        set { self[RecorderKey.self] = newValue }
    }
}
