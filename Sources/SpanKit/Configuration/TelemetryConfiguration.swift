import Foundation
import OTLP
import PrometheusText
import Recording
import Shipping

/// What is recorded, and where it goes.
///
/// Code stands before the environment, the environment before the defaults: start from ``environment(_:)`` and change what the
/// program wants to decide itself.
public struct TelemetryConfiguration: Sendable {
    /// Nothing is recorded and nothing sent (`OTEL_SDK_DISABLED`, `ENABLE_PROFILING=false`).
    public var isDisabled = false
    /// Where spans go; empty for nowhere, which leaves the local summary.
    public var exporters: [SpanExporter] = [.otlp(OTLPExporter(url: "http://localhost:4318/v1/traces"))]
    /// Where metrics go: the distribution of every operation, and the exporter's own counts. Nowhere by default, because a receiver of
    /// traces need not take metrics; `OTEL_METRICS_EXPORTER=otlp` turns it on.
    public var metricsExporter: OTLPExporter?
    /// How often metrics are sent (`OTEL_METRIC_EXPORT_INTERVAL`).
    public var metricsInterval = Duration.seconds(60)
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

    /// What the environment says: the variables of OpenTelemetry, `ENABLE_PROFILING`, `SPANKIT_SPOOL_DIR`,
    /// `SPANKIT_REDACTION`.
    ///
    /// A bad value is named in ``warnings``, and the default used instead.
    public static func environment(
        _ variables: [String: String] = ProcessInfo.processInfo.environment
    ) -> TelemetryConfiguration {
        environment(variables, otlpURL: nil)
    }

    /// - Parameter otlpURL: where an OTLP exporter sends to, used as it is, before any variable.
    package static func environment(_ variables: [String: String], otlpURL: String?) -> TelemetryConfiguration {
        var environment = EnvironmentValues(variables)
        var configuration = TelemetryConfiguration()
        configuration.isDisabled = environment.isTrue("OTEL_SDK_DISABLED") || isProfilingOff(environment)
        configuration.exporters = exporters(&environment, otlpURL: otlpURL, &configuration.settings)
        configuration.readMetrics(&environment)
        configuration.resource = ResourceAttributes.resource(
            &environment,
            given: [],
            executable: URL(filePath: CommandLine.arguments.first ?? "").lastPathComponent,
            instance: UUID().uuidString.lowercased()
        )
        configuration.batch.readEnvironment(&environment)
        configuration.readExportTimeout(&environment)
        configuration.recording.readEnvironment(&environment)
        configuration.propagators.readEnvironment(&environment)
        if let names = environment.text("SPANKIT_SELF_METRICS") {
            if let known = SelfMetricNames(rawValue: names.lowercased()) {
                configuration.selfMetricNames = known
            } else {
                environment.warn("SPANKIT_SELF_METRICS: '\(names)' is not one of otel, spankit, none. Using otel.")
            }
        }
        if let directory = environment.text("SPANKIT_SPOOL_DIR") {
            configuration.spool = SpoolConfiguration(directory: directory)
            configuration.settings.append(.init("spool", directory, source: "SPANKIT_SPOOL_DIR"))
        }
        configuration.readRedaction(&environment)
        configuration.warnings = environment.warnings
        return configuration
    }

    /// `SPANKIT_REDACTION`: what is done with all that the built-in detectors find. A value that is not known redacts, too:
    /// whoever sets the variable wants nothing to leave.
    private mutating func readRedaction(_ environment: inout EnvironmentValues) {
        guard let text = environment.text("SPANKIT_REDACTION")?.lowercased() else { return }
        settings.append(.init("redaction", text, source: "SPANKIT_REDACTION"))
        switch text {
        case "off", "false", "0": redaction = nil
        case "drop", "on", "true", "1": redaction = .standard
        case "hash": redaction = Redaction([.detectors(.all, .hash)])
        case "length": redaction = Redaction([.detectors(.all, .length)])
        default:
            redaction = .standard
            environment.warn("SPANKIT_REDACTION: '\(text)' is not one of drop, hash, length, off; using drop")
        }
    }

    private mutating func readMetrics(_ environment: inout EnvironmentValues) {
        let names = environment.text("OTEL_METRICS_EXPORTER")?.lowercased().split(separator: ",") ?? []
        for name in names.map({ $0.trimmingCharacters(in: .whitespaces) }) {
            switch name {
            case "otlp":
                // The settings that are shown are those of the traces.
                var own: [ResolvedSetting] = []
                metricsExporter = OTLPExporter(&environment, .metrics, settings: &own)
            case "none": break
            default: environment.warn("OTEL_METRICS_EXPORTER: '\(name)' is not one of otlp, none; it is left out")
            }
        }
        if let interval = environment.milliseconds("OTEL_METRIC_EXPORT_INTERVAL"), interval > .zero {
            metricsInterval = interval
        }
    }

    /// `OTEL_BSP_EXPORT_TIMEOUT` bounds an export with all its attempts, as `OTEL_EXPORTER_OTLP_TIMEOUT` does: the shorter one holds.
    private mutating func readExportTimeout(_ environment: inout EnvironmentValues) {
        let variable = "OTEL_BSP_EXPORT_TIMEOUT"
        guard let limit = environment.milliseconds(variable), limit > .zero else { return }
        exporters = exporters.map { exporter in
            guard case .otlp(var otlp) = exporter, otlp.timeout == .zero || limit < otlp.timeout else {
                return exporter
            }
            otlp.timeout = limit
            settings.removeAll { $0.name == "timeout" }
            settings.append(.init("timeout", OTLPExporter.printable(timeout: limit), source: variable))
            return .otlp(otlp)
        }
    }

    private static func isProfilingOff(_ environment: EnvironmentValues) -> Bool {
        ["false", "0"].contains(environment.text("ENABLE_PROFILING")?.lowercased())
    }

    /// `OTEL_TRACES_EXPORTER`, a list.
    private static func exporters(
        _ environment: inout EnvironmentValues,
        otlpURL: String?,
        _ settings: inout [ResolvedSetting]
    ) -> [SpanExporter] {
        let names = otlpURL == nil ? environment.text("OTEL_TRACES_EXPORTER") : nil
        let source = names == nil ? (otlpURL == nil ? "default" : "given") : "OTEL_TRACES_EXPORTER"
        settings.append(.init("exporter", names ?? "otlp", source: source))
        var exporters: [SpanExporter] = []
        for name in (names ?? "otlp").split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            var exporter: SpanExporter?
            switch name.lowercased() {
            case "otlp": exporter = .otlp(OTLPExporter(&environment, url: otlpURL, settings: &settings))
            case "console", "logging": exporter = .console
            case "otlp/stdout": exporter = .linesFile(LinesFileConfiguration(path: "-"))
            case "none": exporter = nil
            default:
                environment.warn(
                    "OTEL_TRACES_EXPORTER: '\(name)' is not one of otlp, console, otlp/stdout, none; it is left out"
                )
            }
            if let exporter, !exporters.contains(exporter) { exporters.append(exporter) }
        }
        return exporters
    }
}

extension BatchSettings {
    /// `OTEL_BSP_*` (OpenTelemetry SDK environment variables, "Batch Span Processor").
    mutating func readEnvironment(_ environment: inout EnvironmentValues) {
        if let delay = environment.milliseconds("OTEL_BSP_SCHEDULE_DELAY"), delay > .zero { scheduleDelay = delay }
        if let spans = environment.integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", in: 1...1_000_000) { maximumSpans = spans }
    }
}

/// Where and how often a file of metrics is written: `TextfileConfiguration(directory: "/var/lib/…", processName: "coach")`.
public typealias TextfileConfiguration = TextfileWriter.Configuration
