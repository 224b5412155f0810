import SpanKitShipping

/// Reads the file that `OTEL_CONFIG_FILE` names.
///
/// The product `SpanKitConfigurationFile` provides the reader `.file`:
///
/// ```swift
/// import SpanKitConfigurationFile
///
/// let telemetry = Telemetry.start(.environment(reading: .file))
/// ```
public struct ConfigurationFileReader: Sendable {
    /// Applies the file at `path` to a configuration and returns the errors, one line each. If there are errors, the
    /// configuration must not be used.
    package let apply:
        @Sendable (_ path: String, _ variables: [String: String], _ configuration: inout TelemetryConfiguration) ->
            [String]

    package init(apply: @escaping @Sendable (String, [String: String], inout TelemetryConfiguration) -> [String]) {
        self.apply = apply
    }
}

extension TelemetryConfiguration {
    /// Applies a configuration file, which replaces all `OTEL_*` variables.
    ///
    /// Without a reader, or if the file has an error, nothing is exported. Redaction is on then, because the file may have
    /// asked for it.
    mutating func read(
        file path: String,
        namedBy variable: String,
        _ environment: EnvironmentValues,
        _ reader: ConfigurationFileReader?
    ) {
        var configuration = self
        var empty = EnvironmentValues([:])
        configuration.readResource(&empty)
        if let reader {
            let errors = reader.apply(path, environment.all, &configuration)
            if errors.isEmpty {
                configuration.settings.insert(.init(.configuration, path, source: variable), at: 0)
                self = configuration
                return
            }
            warnings += errors.prefix(20)
            warnings.append(
                "\(path): not used because of the errors above. Nothing is exported; durations are still recorded for percentiles."
            )
        } else {
            warnings.append(
                "\(variable): this program cannot read '\(path)', so nothing is exported. Add the product "
                    + "SpanKitConfigurationFile of the package SpanKit and start with .environment(reading: .file)."
            )
        }
        exporters = []
        redaction = .standard
        settings = [.init(.exporter, "none", source: "\(path), which cannot be used")]
    }

    /// Leaves one exporter, the first for OTLP, and sends its spans to another URL.
    mutating func sendOnly(to url: String) {
        let known = exporters.lazy.compactMap { exporter in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }.first
        var exporter = known ?? OTLPExporter(url: url)
        exporter.url = exporter.protocol == .grpc ? (try? EndpointURL(url).origin) ?? url : url
        exporters = [.otlp(exporter)]
        set(.endpoint, OTLPExporter.printable(url: url), source: "given")
    }
}
