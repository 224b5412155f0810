import SpanKit
import SpanKitConfigurationFile
import SpanKitShipping
import SpanKitTestSupport
import Testing

@Suite("logger_provider of configuration files")
struct ConfigurationFileLogsTests {
    @Test("processors, limits and rules for loggers are read")
    func everything() throws {
        let configuration = try WrittenConfiguration.read(
            """
            file_format: "1.0"
            attribute_limits: {attribute_count_limit: 20, attribute_value_length_limit: 30}
            logger_provider:
              processors:
                - batch:
                    schedule_delay: 200
                    export_timeout: 300
                    max_queue_size: 100000
                    max_export_batch_size: 40
                    exporter: {otlp_http: {endpoint: "http://logs:1/v1/logs", encoding: json}}
              limits: {attribute_count_limit: 5, attribute_value_depth_limit: 6}
              logger_configurator/development:
                default_config: {minimum_severity: info}
                loggers:
                  - {name: "noisy.*", config: {enabled: false}}
                  - {name: traced, config: {trace_based: true, minimum_severity: error3}}
            """
        )
        #expect(configuration.warnings == [])
        let receiver = try #require(configuration.effectiveLogExporters.first?.receiver)
        #expect(receiver.url == "http://logs:1/v1/logs" && receiver.encoding == .json)
        #expect(receiver.timeout == .milliseconds(300))
        #expect(configuration.logBatch.scheduleDelay == .milliseconds(200) && configuration.logBatch.maximumSpans == 40)
        let records = configuration.recording.logRecords
        #expect(records.bytes == 25_600_000)
        #expect(records.limits.attributeCount == 5 && records.limits.attributeValueLength == 30)
        #expect(records.limits.attributeValueDepth == 6)
        #expect(records.standard.minimumSeverity == .info)
        #expect(records.loggers.map(\.pattern) == ["noisy.*", "traced"])
        #expect(records.loggers.map(\.rule.isEnabled) == [false, true])
        #expect(records.loggers[1].rule.isTraceBased && records.loggers[1].rule.minimumSeverity?.name == "ERROR3")
        #expect(configuration.exporters.isEmpty, "there is no tracer_provider")
    }

    @Test("without logger_provider, log records are not exported; without a delay, it is a second")
    func missing() throws {
        let without = try WrittenConfiguration.read(WrittenConfiguration.processors(WrittenConfiguration.console))
        #expect(without.effectiveLogExporters.isEmpty && without.exporters == [.console])
        let configuration = try WrittenConfiguration.read(
            "file_format: \"1.0\"\nlogger_provider: {processors: [{batch: {exporter: {console: }}}]}"
        )
        #expect(configuration.effectiveLogExporters == [.console])
        #expect(configuration.logBatch.scheduleDelay == .seconds(1))
    }

    @Test("a severity that does not exist, a rule without a name and a provider without processors are errors")
    func errors() throws {
        let configuration = try WrittenConfiguration.read(
            """
            file_format: "1.0"
            logger_provider:
              processors: [{batch: {exporter: {console: }}}]
              logger_configurator/development:
                default_config: {minimum_severity: loud}
                loggers: [{config: {enabled: false}}]
            """
        )
        #expect(configuration.warnings.contains { $0.contains("is 'loud'; it has to be trace, debug, info") })
        #expect(configuration.warnings.contains { $0.contains("has no name; write the name of a logger or a pattern") })
        let empty = try WrittenConfiguration.read("file_format: \"1.0\"\nlogger_provider: {processors: []}")
        #expect(empty.warnings.contains { $0.contains("logger_provider has no processors") })
    }
}
