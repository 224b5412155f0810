import SpanKit
import SpanKitRecording
import SpanKitShipping

extension SettingReader {
    /// Reads `logger_provider`.
    func readLoggerProvider(_ configuration: inout TelemetryConfiguration) {
        guard let members = self.members(["processors", "limits", "logger_configurator"]) else { return }
        guard let processors = members["processors"]?.elements(), !processors.isEmpty else {
            return fail("has no processors; it needs at least one, such as batch")
        }
        var exporters: [SpanExporter] = []
        var batches: [BatchSettings] = []
        for processor in processors {
            guard let processor = processor.processor(.logs, delay: .seconds(1)) else { continue }
            if let records = processor.queueSize { configuration.recording.readLogQueueSize(records) }
            if !exporters.contains(processor.exporter) { exporters.append(processor.exporter) }
            batches.append(processor.batch)
        }
        configuration.logExporters = exporters
        if let first = batches.first {
            configuration.logBatch = first
            if batches.contains(where: { $0 != first }) {
                members["processors"]?.warn("have different delays or sizes; all exporters use those of the first")
            }
        }
        members["limits"]?.readLogRecordLimits(&configuration.recording.logRecords.limits)
        members["logger_configurator"]?.readLoggers(&configuration.recording.logRecords)
    }

    private func readLogRecordLimits(_ limits: inout LogRecordLimits) {
        let known = ["attribute_value_length_limit", "attribute_value_depth_limit", "attribute_count_limit"]
        guard let members = self.members(known) else { return }
        if let length = members[known[0]]?.integer(in: 0...1_000_000_000) { limits.attributeValueLength = length }
        if let depth = members[known[1]]?.integer(in: 0...1_000_000) { limits.attributeValueDepth = depth }
        if let count = members[known[2]]?.integer(in: 0...1_000_000) { limits.attributeCount = count }
    }

    private func readLoggers(_ configuration: inout LogRecordConfiguration) {
        guard let members = self.members(["default_config", "loggers"]) else { return }
        if let rule = members["default_config"]?.loggerRule() { configuration.standard = rule }
        configuration.loggers = (members["loggers"]?.elements() ?? []).compactMap { element in
            guard let members = element.members(["name", "config"]) else { return nil }
            guard let name = members["name"]?.text() else {
                element.fail("has no name; write the name of a logger or a pattern, such as \"Orders*\"")
                return nil
            }
            return members["config"]?.loggerRule().map { NamedLoggerRule(name, $0) }
        }
    }

    private func loggerRule() -> LoggerRule? {
        guard let members = self.members(["enabled", "minimum_severity", "trace_based"]) else { return nil }
        var rule = LoggerRule()
        if let isEnabled = members["enabled"]?.bool() { rule.isEnabled = isEnabled }
        if let severity = members["minimum_severity"], let name = severity.text() {
            rule.minimumSeverity = LogSeverity(name: name)
            if rule.minimumSeverity == nil {
                severity.fail(
                    "is '\(name)'; it has to be trace, debug, info, warn, error or fatal, each also with 2, 3 or 4 appended"
                )
            }
        }
        if let isTraceBased = members["trace_based"]?.bool() { rule.isTraceBased = isTraceBased }
        return rule
    }
}

extension LogRecordLimits {
    /// The general limits of attributes.
    init(_ limits: SpanLimits) {
        self.init()
        attributeCount = limits.attributeCount
        attributeValueLength = limits.attributeValueLength
        attributeValueDepth = limits.attributeValueDepth
    }
}
