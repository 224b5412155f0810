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

    /// What the environment says: the variables of OpenTelemetry, `ENABLE_PROFILING`, and `SPANKIT_*` for what OpenTelemetry has no name
    /// for (``EnvironmentVariable/all`` has the list); or the file that `OTEL_CONFIG_FILE` names, in place of all `OTEL_*`.
    ///
    /// A bad value is named in ``warnings``, and the default used instead. A file with an error in it is not used at all: nothing is
    /// exported then, and percentiles are counted as ever.
    /// - Parameters:
    ///   - variables: the process's by default.
    ///   - format: what the file may be written in besides JSON.
    public static func environment(
        _ variables: [String: String] = ProcessInfo.processInfo.environment,
        reading format: ConfigurationFormat = .json
    ) -> TelemetryConfiguration {
        environment(EnvironmentValues(variables), otlpURL: nil, reading: format)
    }

    /// - Parameter otlpURL: where an OTLP exporter sends to, used as it is, before any variable and any file.
    package static func environment(
        _ variables: EnvironmentValues,
        otlpURL: String?,
        reading format: ConfigurationFormat = .json
    ) -> TelemetryConfiguration {
        var environment = variables.besidesConfigurationFile
        var configuration = TelemetryConfiguration()
        if let file = variables.configurationFile {
            configuration.read(file: file, variables, [.json, format])
            if let otlpURL { configuration.exporters = [.otlp(configuration.otlpExporter(to: otlpURL))] }
            configuration.isDisabled = configuration.isDisabled || isProfilingOff(environment)
        } else {
            configuration.readOpenTelemetry(&environment, otlpURL: otlpURL)
        }
        configuration.readOwn(&environment)
        configuration.warnings += environment.warnings
        return configuration
    }

    /// `OTEL_*`, and `ENABLE_PROFILING`.
    private mutating func readOpenTelemetry(_ environment: inout EnvironmentValues, otlpURL: String?) {
        isDisabled = environment.isTrue("OTEL_SDK_DISABLED") || Self.isProfilingOff(environment)
        exporters = Self.exporters(&environment, otlpURL: otlpURL, &settings)
        readMetrics(&environment)
        resource = ResourceAttributes.resource(
            &environment,
            given: [],
            executable: Self.executable,
            instance: UUID().uuidString.lowercased()
        )
        batch.readEnvironment(&environment)
        readExportTimeout(&environment)
        recording.readEnvironment(&environment)
        propagators.readEnvironment(&environment)
    }

    private static var executable: String { URL(filePath: CommandLine.arguments.first ?? "").lastPathComponent }

    /// What OpenTelemetry has no name for. A variable stands before a configuration file.
    private mutating func readOwn(_ environment: inout EnvironmentValues) {
        if let names = environment.text("SPANKIT_SELF_METRICS") {
            if let known = SelfMetricNames(rawValue: names.lowercased()) {
                selfMetricNames = known
            } else {
                environment.warn("SPANKIT_SELF_METRICS: '\(names)' is not one of otel, spankit, none. Using otel.")
            }
        }
        if let directory = environment.text("SPANKIT_SPOOL_DIR") {
            spool = SpoolConfiguration(directory: directory)
            set("spool", directory, source: "SPANKIT_SPOOL_DIR")
        }
        readRedaction(&environment)
        if let text = environment.text("SPANKIT_TAIL_SAMPLING") {
            tailSampling = TailSampling(text) { problem in environment.warn("SPANKIT_TAIL_SAMPLING: \(problem)") }
            set("tail sampling", tailSampling?.description ?? "off", source: "SPANKIT_TAIL_SAMPLING")
        }
    }

    private mutating func set(_ name: String, _ value: String, source: String) {
        settings.removeAll { $0.name == name }
        settings.append(.init(name, value, source: source))
    }

    /// Takes the file for everything that `OTEL_*` would say.
    private mutating func read(file path: String, _ variables: EnvironmentValues, _ formats: [ConfigurationFormat]) {
        var none = EnvironmentValues([:])
        resource = ResourceAttributes.resource(
            &none,
            given: [],
            executable: Self.executable,
            instance: UUID().uuidString.lowercased()
        )
        let report = SettingReport(file: path)
        var read = self
        do {
            let file = try ConfigurationFile(path: path, formats: formats, VariableReferences(variables.all))
            FileConfiguration(file, report).apply(to: &read)
        } catch {
            report.fail("", error.place, error.text)
        }
        report.finish()
        guard report.errors.isEmpty else {
            exporters = []
            settings = [.init("exporter", "none", source: "\(path), which cannot be used")]
            warnings += report.errors.prefix(20)
            warnings.append("\(path): not used. Nothing is exported until it is right; percentiles are counted.")
            return
        }
        self = read
        warnings += report.warnings
        settings = [.init("configuration", path, source: "OTEL_CONFIG_FILE")] + report.settings
    }

    /// The file's first OTLP exporter, to another place.
    private func otlpExporter(to url: String) -> OTLPExporter {
        let known = exporters.lazy.compactMap { exporter in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }.first
        var exporter = known ?? OTLPExporter(url: url)
        exporter.url = url
        return exporter
    }

    /// `SPANKIT_REDACTION`: what is done with all that the built-in detectors find. A value that is not known redacts, too:
    /// whoever sets the variable wants nothing to leave.
    private mutating func readRedaction(_ environment: inout EnvironmentValues) {
        guard let text = environment.text("SPANKIT_REDACTION")?.lowercased() else { return }
        set("redaction", text, source: "SPANKIT_REDACTION")
        if let action = Redaction.actions.first(where: { $0.key == text }) {
            redaction = action.value
        } else {
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

extension Redaction {
    /// What can be said in a word.
    static let actions: KeyValuePairs<String, Redaction?> = [
        "drop": .standard, "on": .standard, "true": .standard, "1": .standard,
        "hash": Redaction([.detectors(.all, .hash)]), "length": Redaction([.detectors(.all, .length)]),
        "off": nil, "false": nil, "0": nil,
    ]
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
