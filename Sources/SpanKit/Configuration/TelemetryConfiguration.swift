import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitShipping

/// The configuration of a ``Telemetry``: what is recorded, and where it is sent.
///
/// Settings in code override environment variables, which override defaults: start with ``environment(_:reading:)`` and
/// change the properties that the program decides itself.
public struct TelemetryConfiguration: Sendable {
    /// Whether telemetry is off (`OTEL_SDK_DISABLED`, `ENABLE_PROFILING=false`). Nothing is recorded or sent then.
    public var isDisabled = false
    /// The destinations of spans. If empty, no span is sent, and the newest spans stay in memory. Percentiles include
    /// all spans.
    public var exporters: [SpanExporter] = [.otlp(OTLPExporter(url: "http://localhost:4318/v1/traces"))]
    /// The destinations of log records. If nil, which is the default, log records are sent to the ``exporters``, with
    /// the path `/v1/logs` instead of `/v1/traces`. A receiver with another path, a file other than standard output,
    /// and a ``CustomExporter`` then get no log records. If empty, no log record is sent, and the newest stay in
    /// memory.
    public var logExporters: [SpanExporter]?
    /// The receivers of metrics. They get a duration histogram of every operation, the metrics of the program's own
    /// instruments, and metrics about the exporter. Empty by default, because not every receiver of traces accepts
    /// metrics; `OTEL_METRICS_EXPORTER=otlp` adds one. Each has its own thread.
    public var metricReaders: [MetricReaderConfiguration] = []
    /// Whether metrics of the process itself, `process.*`, are exported with the others (`SPANKIT_PROCESS_METRICS`): CPU time, memory,
    /// disk, threads, open files. Only on Linux.
    public var processMetrics = false
    /// How to measure the time that a job waits for Swift's thread pool (`SPANKIT_POOL_LAG`); nil, the default, measures nothing.
    ///
    /// The histogram `spankit.pool.lag` shows whether tasks block the pool's threads.
    public var poolLag: PoolLagConfiguration?
    /// The views, limits and exemplars of the program's own instruments (``Telemetry/metrics``).
    public var metrics = MeterConfiguration()
    /// A file of metrics for the textfile collector of node_exporter; nil for none.
    public var textfile: TextfileConfiguration?
    /// The names in the textfile of the metrics about the exporter (`SPANKIT_SELF_METRICS`: `otel`, `spankit`, `none`).
    public var selfMetricNames = SelfMetricNames.openTelemetry
    /// The attributes of the process, such as `service.name`.
    public var resource = Resource()
    /// The instrumentation scope of all spans.
    public var scope = InstrumentationScope(name: "spankit", version: Release.version)
    /// The rules for removing sensitive data from spans, metrics, files and log lines; nil redacts nothing.
    ///
    /// With redaction, the spool contains only redacted request bodies. The span log contains unredacted spans, so it
    /// is kept only in memory. A crash then loses the spans that are not in a request body yet, usually those that
    /// ended in the last ``BatchSettings/scheduleDelay``.
    public var redaction: Redaction?
    /// Decides whether a trace is kept after it has ended (`SPANKIT_TAIL_SAMPLING`); nil keeps all traces that the
    /// sampler selects.
    public var tailSampling: TailSampling?
    /// How spans are grouped into requests.
    public var batch = BatchSettings()
    /// How log records are grouped into requests; at most one second passes until a record is sent (`OTEL_BLRP_SCHEDULE_DELAY`).
    public var logBatch = BatchSettings()
    /// The directory for undelivered spans; nil keeps them in memory.
    public var spool: SpoolConfiguration?
    /// The sampler and the limits of spans. ``RecordingConfiguration/logBytes``, the space for ended spans that wait,
    /// is 64 MiB here, enough for a burst of 200,000 spans.
    public var recording = RecordingConfiguration()
    /// The headers that carry the context between processes (`OTEL_PROPAGATORS`). They are also used if telemetry is
    /// off, so that traces of other services continue through this process.
    public var propagators = Propagators.default
    /// The duration above which an operation is reported as slow, 1 s by default.
    public var warnThreshold = Duration.seconds(1)
    /// The time limit of the shutdown at the end of the process, 5 s by default.
    public var shutdownTimeout = Duration.seconds(5)
    /// Whether the remaining spans are sent when the process calls `exit` or returns from `main`.
    public var shutsDownAtExit = true
    /// Problems with environment variables and the configuration file, one line each.
    public var warnings: [String] = []
    /// The settings of recording and export in effect, with their sources.
    public var settings: [ResolvedSetting] = []

    /// Threads that observe the process from the start of the telemetry to its shutdown. Each closure starts one, or returns nil.
    package var companions: [@Sendable (Telemetry, ProfilerLog) -> PeriodicThread?] = []

    /// Creates the default configuration, without reading the environment.
    public init() {
        recording.logBytes = 64 * 1_024 * 1_024
        recording.logRecords.bytes = 64 * 1_024 * 1_024
        logBatch.scheduleDelay = .seconds(1)
    }
}

/// The path, interval and labels of a file of metrics: `TextfileConfiguration(directory: "/var/lib/…", processName:
/// "coach")`.
public typealias TextfileConfiguration = TextfileWriter.Configuration
