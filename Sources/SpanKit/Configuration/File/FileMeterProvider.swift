/// `meter_provider` of a configuration file, as far as there are metrics over OTLP here: one periodic reader.
struct FileMeterProvider {
    private let value: SettingReader

    init(_ value: SettingReader) {
        self.value = value
    }

    func apply(to configuration: inout TelemetryConfiguration) {
        guard
            let members = value.members(
                ["readers"],
                ignoring: [
                    "views", "exemplar_filter", "meter_configurator/development", "view_matching_mode/development",
                ]
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
                    ignoring: ["producers", "cardinality_limits", "max_export_batch_size/development"]
                )
            else { continue }
            guard let exporter = members["exporter"] else {
                value.fail("has no exporter")
                continue
            }
            guard var made = FileExporter(exporter, .metrics).metricsExporter() else { continue }
            if configuration.metricsExporter != nil {
                reader.warn("is a second reader; metrics go to one place here, the first")
                continue
            }
            if let timeout = members["timeout"]?.milliseconds(), timeout > .zero, timeout < made.timeout {
                made.timeout = timeout
            }
            if let interval = members["interval"]?.milliseconds(), interval > .zero {
                configuration.metricsInterval = interval
            }
            configuration.metricsExporter = made
        }
    }
}
