import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitShipping

/// What is recorded, and where it goes.
///
/// Code stands before the environment, the environment before the defaults: start from ``environment(_:reading:)`` and change what the
/// program wants to decide itself.
public struct TelemetryConfiguration: Sendable {
    /// Nothing is recorded and nothing sent (`OTEL_SDK_DISABLED`, `ENABLE_PROFILING=false`).
    public var isDisabled = false
    /// Where spans go; empty for nowhere, which leaves the local summary.
    public var exporters: [SpanExporter] = [.otlp(OTLPExporter(url: "http://localhost:4318/v1/traces"))]
    /// Where metrics go: the distribution of every operation, and the exporter's own counts. Nowhere by default, because a receiver of
    /// traces need not take metrics; `OTEL_METRICS_EXPORTER=otlp` turns it on. Each has a thread of its own.
    public var metricReaders: [MetricReaderConfiguration] = []
    /// A file of metrics for the textfile collector of node_exporter; nil for none.
    public var textfile: TextfileConfiguration?
    /// How the exporter's own metrics are called in the textfile (`SPANKIT_SELF_METRICS`: `otel`, `spankit`, `none`).
    public var selfMetricNames = SelfMetricNames.openTelemetry
    /// Who sends.
    public var resource = Resource()
    /// The library that made the spans.
    public var scope = InstrumentationScope(name: "spankit", version: ShippingRelease.version)
    /// What may not leave the process, in spans, metrics, files and lines of the log; nil lets everything through.
    ///
    /// With a spool, bodies are redacted before they are written to it, and nothing else is: spans in memory do not survive a
    /// crash then, because the memory holds them as they were recorded. What a crash takes along is what has been recorded since
    /// the last batch, so ``BatchSettings/scheduleDelay`` says how much.
    public var redaction: Redaction?
    /// Which traces are kept when they are over (`SPANKIT_TAIL_SAMPLING`); nil keeps all that the sampler has chosen.
    public var tailSampling: TailSampling?
    /// How spans become requests.
    public var batch = BatchSettings()
    /// Keeps undelivered spans on disk; nil keeps them in memory.
    public var spool: SpoolConfiguration?
    /// What is sampled, how large a span may be. ``RecordingConfiguration/logBytes`` is what ended spans may take while they
    /// wait: 64 MiB here, enough for a burst of 200,000.
    public var recording = RecordingConfiguration()
    /// What travels with a request (`OTEL_PROPAGATORS`). Stays in force where nothing is recorded, so that a service that is
    /// switched off does not break the traces of others.
    public var propagators = Propagators.default
    /// From when on an operation is reported as slow.
    public var warnThreshold = Duration.seconds(1)
    /// How long ``Telemetry/shutdown(within:)`` waits when it is called at the end of the process.
    public var shutdownTimeout = Duration.seconds(5)
    /// Whether what is left is sent when the process ends by `exit` or by returning from `main`.
    public var shutsDownAtExit = true
    /// What the environment had to say that could not be used.
    public var warnings: [String] = []
    /// Every setting of the export with where it comes from.
    public var settings: [ResolvedSetting] = []

    /// The defaults, whatever the environment says.
    public init() {
        recording.logBytes = 64 * 1_024 * 1_024
    }

}

/// Where and how often a file of metrics is written: `TextfileConfiguration(directory: "/var/lib/…", processName: "coach")`.
public typealias TextfileConfiguration = TextfileWriter.Configuration
