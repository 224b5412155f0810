import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

extension TelemetryConfiguration {
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
        if let (variable, path) = variables.configurationFile {
            configuration.read(file: path, namedBy: variable, variables, [.json, format])
            if let otlpURL { configuration.sendOnly(to: otlpURL) }
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

    static var executable: String { URL(filePath: CommandLine.arguments.first ?? "").lastPathComponent }

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

    mutating func set(_ name: String, _ value: String, source: String) {
        settings.removeAll { $0.name == name }
        settings.append(.init(name, value, source: source))
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
                metricReaders = [MetricReaderConfiguration(OTLPExporter(&environment, .metrics, settings: &own))]
            case "none": break
            default: environment.warn("OTEL_METRICS_EXPORTER: '\(name)' is not one of otlp, none; it is left out")
            }
        }
        if let interval = environment.milliseconds("OTEL_METRIC_EXPORT_INTERVAL"), interval > .zero {
            for place in metricReaders.indices { metricReaders[place].interval = interval }
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
