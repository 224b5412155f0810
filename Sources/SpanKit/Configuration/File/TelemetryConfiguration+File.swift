import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

extension TelemetryConfiguration {
    /// Takes a file for everything that `OTEL_*` would say.
    ///
    /// A file that cannot be used leaves nothing to export. It may have asked for redaction, so that is on then.
    mutating func read(
        file path: String,
        namedBy variable: String,
        _ variables: EnvironmentValues,
        _ formats: [ConfigurationFormat]
    ) {
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
            FileConfiguration(file, report, variables.all).apply(to: &read)
        } catch {
            report.fail("", error.place, error.text)
        }
        report.finish()
        guard report.errors.isEmpty else {
            exporters = []
            redaction = .standard
            settings = [.init("exporter", "none", source: "\(path), which cannot be used")]
            warnings += report.errors.prefix(20)
            warnings.append("\(path): not used. Nothing is exported until it is right; percentiles are counted.")
            return
        }
        self = read
        warnings += report.warnings
        settings = [.init("configuration", path, source: variable)] + report.settings
    }

    /// Leaves one exporter, the first for OTLP there is, and lets it send to another place.
    mutating func sendOnly(to url: String) {
        let known = exporters.lazy.compactMap { exporter in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }.first
        var exporter = known ?? OTLPExporter(url: url)
        exporter.url = url
        exporters = [.otlp(exporter)]
        set("endpoint", OTLPExporter.printable(url: url), source: "given")
    }
}
