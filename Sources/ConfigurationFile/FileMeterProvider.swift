import SpanKit
import SpanKitShipping

extension SettingReader {
    /// Reads the periodic readers in `meter_provider`.
    func readMeterProvider(_ configuration: inout TelemetryConfiguration) {
        guard
            let members = self.members(
                ["readers"],
                ignoring: ["views", "exemplar_filter", "meter_configurator", "view_matching_mode"]
            )
        else { return }
        for reader in members["readers"]?.elements() ?? [] {
            guard let (kind, value) = reader.component() else { continue }
            guard kind == "periodic" else {
                value.report.ignore(value.path)
                continue
            }
            guard
                let members = value.members(
                    ["interval", "timeout", "exporter"],
                    ignoring: ["producers", "cardinality_limits", "max_export_batch_size"]
                )
            else { continue }
            guard let exporter = members["exporter"] else {
                value.fail("has no exporter; add one, such as otlp_http")
                continue
            }
            guard var made = exporter.metricsExporter() else { continue }
            if let timeout = members["timeout"]?.milliseconds(), timeout > .zero, timeout < made.timeout {
                made.timeout = timeout
            }
            var own = MetricReaderConfiguration(made)
            if let interval = members["interval"]?.milliseconds(), interval > .zero { own.interval = interval }
            if !configuration.metricReaders.contains(own) { configuration.metricReaders.append(own) }
        }
    }
}
