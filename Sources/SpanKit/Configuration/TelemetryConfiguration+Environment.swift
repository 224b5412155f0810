import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

extension TelemetryConfiguration {
    /// The configuration that the environment describes: the variables of OpenTelemetry, `ENABLE_PROFILING`, and
    /// `SPANKIT_*` where OpenTelemetry has no variable. ``EnvironmentVariable/all`` lists them.
    ///
    /// If `OTEL_CONFIG_FILE` names a file, the file replaces all `OTEL_*` variables. If the file has an error, nothing
    /// is exported. A bad value is reported in ``warnings``, and the default is used.
    /// - Parameters:
    ///   - variables: the process's variables by default.
    ///   - reader: reads the configuration file: `.file`, from the product `SpanKitConfigurationFile`.
    public static func environment(
        _ variables: [String: String] = ProcessInfo.processInfo.environment,
        reading reader: ConfigurationFileReader? = nil
    ) -> TelemetryConfiguration {
        environment(EnvironmentValues(variables), otlpURL: nil, reading: reader)
    }

    /// The configuration that the environment describes.
    /// - Parameter otlpURL: the URL that an OTLP exporter sends to. It overrides variables and the configuration file.
    package static func environment(
        _ variables: EnvironmentValues,
        otlpURL: String?,
        reading reader: ConfigurationFileReader? = nil
    ) -> TelemetryConfiguration {
        var environment = variables.besidesConfigurationFile
        var configuration = TelemetryConfiguration()
        if let (variable, path) = variables.configurationFile {
            configuration.read(file: path, namedBy: variable, variables, reader)
            if let otlpURL { configuration.sendOnly(to: otlpURL) }
            configuration.isDisabled = configuration.isDisabled || isProfilingOff(environment)
        } else {
            configuration.readOpenTelemetry(&environment, otlpURL: otlpURL)
            configuration.settings = environment.settings
        }
        configuration.readOwn(&environment)
        configuration.warnings += environment.warnings
        return configuration
    }

    /// Reads `OTEL_*` and `ENABLE_PROFILING`.
    private mutating func readOpenTelemetry(_ environment: inout EnvironmentValues, otlpURL: String?) {
        isDisabled = environment.isTrue("OTEL_SDK_DISABLED") || Self.isProfilingOff(environment)
        readExporters(&environment, otlpURL: otlpURL)
        readMetrics(&environment)
        readLogs(&environment)
        readResource(&environment)
        if let delay = environment.milliseconds("OTEL_BSP_SCHEDULE_DELAY"), delay > .zero {
            batch.scheduleDelay = delay
        }
        if let spans = environment.integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", in: 1...1_000_000) {
            batch.maximumSpans = spans
        }
        readExportTimeout(&environment)
        recording.readEnvironment(&environment)
        readPropagators(&environment)
    }

    mutating func readResource(_ environment: inout EnvironmentValues) {
        resource = ResourceAttributes.resource(
            &environment,
            executable: URL(filePath: CommandLine.arguments.first ?? "").lastPathComponent,
            instance: UUID().uuidString.lowercased()
        )
    }

    /// Reads the variables that also apply with a configuration file, which they override.
    private mutating func readOwn(_ environment: inout EnvironmentValues) {
        if let names = environment.text("SPANKIT_SELF_METRICS") {
            if let known = SelfMetricNames(rawValue: names.lowercased()) {
                selfMetricNames = known
            } else {
                environment.warn("SPANKIT_SELF_METRICS: '\(names)' is not one of otel, spankit, none; using otel")
            }
        }
        if environment.text("SPANKIT_PROCESS_METRICS") != nil {
            processMetrics = environment.isTrue("SPANKIT_PROCESS_METRICS")
        }
        if environment.text("SPANKIT_POOL_LAG") != nil {
            poolLag = environment.isTrue("SPANKIT_POOL_LAG") ? poolLag ?? PoolLagConfiguration() : nil
        }
        if let directory = environment.text("SPANKIT_SPOOL_DIR") {
            spool = SpoolConfiguration(directory: directory)
            set(.spool, directory, source: "SPANKIT_SPOOL_DIR")
        }
        let tokenFile = "SPANKIT_OTLP_BEARER_TOKEN_FILE"
        if let path = environment.text(tokenFile) {
            set(.bearerToken, path, source: tokenFile)
            if let problem = useBearerToken(file: path) { environment.warn("\(tokenFile): \(problem)") }
        }
        readRedaction(&environment)
        if let text = environment.text("SPANKIT_TAIL_SAMPLING") {
            tailSampling = TailSampling(text) { problem in environment.warn("SPANKIT_TAIL_SAMPLING: \(problem)") }
            set(.tailSampling, tailSampling?.description ?? "off", source: "SPANKIT_TAIL_SAMPLING")
        }
    }

    /// Replaces the setting of a kind.
    mutating func set(_ kind: ResolvedSetting.Kind, _ value: String, source: String) {
        settings.removeAll { $0.kind == kind }
        settings.append(ResolvedSetting(kind, value, source: source))
    }

    /// Reads `SPANKIT_REDACTION`. An unknown value turns redaction on as well, so that a typing error does not leak
    /// secrets.
    private mutating func readRedaction(_ environment: inout EnvironmentValues) {
        guard let text = environment.text("SPANKIT_REDACTION")?.lowercased() else { return }
        set(.redaction, text, source: "SPANKIT_REDACTION")
        if let action = Redaction.actions.first(where: { $0.key == text }) {
            redaction = action.value
        } else {
            redaction = .standard
            environment.warn("SPANKIT_REDACTION: '\(text)' is not one of drop, hash, length, off; using drop")
        }
    }

    /// Reads `OTEL_TRACES_EXPORTER`, a list.
    private mutating func readExporters(_ environment: inout EnvironmentValues, otlpURL: String?) {
        let variable = "OTEL_TRACES_EXPORTER"
        let names = otlpURL == nil ? environment.text(variable) : nil
        environment.set(
            .exporter,
            names ?? "otlp",
            source: names != nil ? variable : otlpURL != nil ? "given" : "default"
        )
        exporters = readExporters(Self.words(names ?? "otlp"), variable, .traces, &environment, otlpURL: otlpURL)
    }

    /// The exporters of a signal, which a variable names.
    private func readExporters(
        _ names: [String],
        _ variable: String,
        _ signal: OTLPSignal,
        _ environment: inout EnvironmentValues,
        otlpURL: String? = nil
    ) -> [SpanExporter] {
        var exporters: [SpanExporter] = []
        for name in names {
            let exporter: SpanExporter
            switch name.lowercased() {
            case "otlp": exporter = .otlp(OTLPExporter(&environment, signal, url: otlpURL))
            case "console", "logging": exporter = .console
            case "otlp/stdout": exporter = .linesFile(LinesFileConfiguration(path: "-"))
            case "none": continue
            default:
                environment.warn(
                    "\(variable): '\(name)' is not one of otlp, console, otlp/stdout, none; it is left out"
                )
                continue
            }
            if !exporters.contains(exporter) { exporters.append(exporter) }
        }
        return exporters
    }

    /// Reads the variables of the log records. If no variable names a destination for log records, they are sent where
    /// the spans are sent.
    private mutating func readLogs(_ environment: inout EnvironmentValues) {
        let variable = "OTEL_LOGS_EXPORTER"
        let names = environment.text(variable)
        if names != nil || environment.hasLogsDestination {
            // The settings that are shown are those of the traces.
            let shown = environment.settings
            let traces = environment.text("OTEL_TRACES_EXPORTER")
            logExporters = readExporters(Self.words(names ?? traces ?? "otlp"), variable, .logs, &environment)
            environment.settings = shown
        }
        if let delay = environment.milliseconds("OTEL_BLRP_SCHEDULE_DELAY"), delay > .zero {
            logBatch.scheduleDelay = delay
        }
        if let records = environment.integer("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", in: 1...1_000_000) {
            logBatch.maximumSpans = records
        }
        if let limit = environment.milliseconds("OTEL_BLRP_EXPORT_TIMEOUT"), limit > .zero {
            logExporters = effectiveLogExporters.map { exporter in
                guard case .otlp(var otlp) = exporter, otlp.timeout == .zero || limit < otlp.timeout else {
                    return exporter
                }
                otlp.timeout = limit
                return .otlp(otlp)
            }
        }
    }

    /// Reads the variables of the metrics.
    private mutating func readMetrics(_ environment: inout EnvironmentValues) {
        let variable = "OTEL_METRICS_EXPORTER"
        // The settings that are shown are those of the traces.
        let shown = environment.settings
        for exporter in readExporters(Self.words(environment.text(variable) ?? ""), variable, .metrics, &environment) {
            metricReaders.append(MetricReaderConfiguration(exporter))
        }
        environment.settings = shown
        let interval = environment.milliseconds("OTEL_METRIC_EXPORT_INTERVAL")
        let timeout = environment.milliseconds("OTEL_METRIC_EXPORT_TIMEOUT")
        let temporality = environment.choice(
            ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
            TemporalityPreference.self,
            instead: .cumulative
        )
        let aggregation = environment.choice(
            ["OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"],
            HistogramAggregation.self,
            instead: .exponential
        )
        for place in metricReaders.indices {
            if let interval, interval > .zero { metricReaders[place].interval = interval }
            if let timeout { metricReaders[place].timeout = timeout }
            // The variables apply to OTLP, and so to its files.
            guard metricReaders[place].exporter != .console else { continue }
            if let temporality { metricReaders[place].temporality = temporality }
            if let aggregation { metricReaders[place].histogramAggregation = aggregation }
        }
        if let filter = environment.choice(["OTEL_METRICS_EXEMPLAR_FILTER"], ExemplarFilter.self, instead: .traceBased)
        {
            metrics.exemplarFilter = filter
        }
    }

    /// Reads `OTEL_BSP_EXPORT_TIMEOUT`. It limits all attempts of an export, as `OTEL_EXPORTER_OTLP_TIMEOUT` does; the
    /// shorter one applies.
    private mutating func readExportTimeout(_ environment: inout EnvironmentValues) {
        let variable = "OTEL_BSP_EXPORT_TIMEOUT"
        guard let limit = environment.milliseconds(variable), limit > .zero else { return }
        for place in exporters.indices {
            guard case .otlp(var otlp) = exporters[place], otlp.timeout == .zero || limit < otlp.timeout else {
                continue
            }
            otlp.timeout = limit
            exporters[place] = .otlp(otlp)
            environment.settings.removeAll { $0.kind == .timeout }
            environment.set(.timeout, OTLPExporter.printable(timeout: limit), source: variable)
        }
    }

    /// Reads `OTEL_PROPAGATORS`, a list.
    private mutating func readPropagators(_ environment: inout EnvironmentValues) {
        guard let names = environment.text("OTEL_PROPAGATORS") else { return }
        var unknown: [String] = []
        propagators = []
        propagators.append(names: names) { name in
            if !unknown.contains(name.lowercased()) { unknown.append(name.lowercased()) }
        }
        for name in unknown {
            environment.warn("OTEL_PROPAGATORS: '\(name)' is not one of \(Propagators.knownNames); it is left out")
        }
    }

    private static func isProfilingOff(_ environment: EnvironmentValues) -> Bool {
        ["false", "0"].contains(environment.text("ENABLE_PROFILING")?.lowercased())
    }

    private static func words(_ list: String) -> [String] {
        list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

extension Redaction {
    /// The values of `SPANKIT_REDACTION` that consist of one word, and the redaction that each chooses; nil for no
    /// redaction.
    package static let actions: KeyValuePairs<String, Redaction?> = [
        "drop": .standard, "on": .standard, "true": .standard, "1": .standard,
        "hash": Redaction([.detectors(.all, .hash)]), "length": Redaction([.detectors(.all, .length)]),
        "off": nil, "false": nil, "0": nil,
    ]
}
