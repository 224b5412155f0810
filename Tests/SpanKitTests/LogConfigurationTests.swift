import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitTestSupport
import Testing

@testable import SpanKit

@Suite("Variables of logs, and log records of Telemetry", .generousTimeLimit)
struct LogConfigurationTests {
    private func urls(_ configuration: TelemetryConfiguration) -> [String?] {
        configuration.effectiveLogExporters.map { $0.receiver?.url }
    }

    @Test("without variables, log records go where the spans go, to /v1/logs")
    func defaults() {
        let configuration = TelemetryConfiguration.environment([:])
        #expect(configuration.logExporters == nil)
        #expect(urls(configuration) == ["http://localhost:4318/v1/logs"])
        #expect(configuration.logBatch.scheduleDelay == .seconds(1))
        #expect(configuration.recording.logRecords.bytes == 64 << 20)
        #expect(urls(.environment(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1/x"])) == ["http://a:1/x/v1/logs"])
        #expect(urls(.environment(["OTEL_TRACES_EXPORTER": "none"])).isEmpty)
        #expect(
            TelemetryConfiguration.environment(["OTEL_TRACES_EXPORTER": "console"]).effectiveLogExporters == [.console]
        )
        #expect(
            urls(.environment(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a/odd"])).isEmpty,
            "the path is not known"
        )
    }

    @Test("each variable has its effect")
    func effects() throws {
        let configuration = TelemetryConfiguration.environment([
            "OTEL_LOGS_EXPORTER": "otlp,console", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://logs:1/in",
            "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "a=b", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/protobuf",
            "OTEL_BLRP_SCHEDULE_DELAY": "300", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "7",
            "OTEL_BLRP_EXPORT_TIMEOUT": "200",
            "OTEL_BLRP_MAX_QUEUE_SIZE": "100000", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT": "3",
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "9", "SPANKIT_LOGS_MINIMUM_SEVERITY": "Warn2",
            "SPANKIT_LOGS_TRACE_BASED": "true",
        ])
        #expect(configuration.warnings == [])
        #expect(configuration.effectiveLogExporters.last == .console)
        let receiver = try #require(configuration.effectiveLogExporters.first?.receiver)
        #expect(receiver.url == "http://logs:1/in" && receiver.encoding == .protobuf)
        #expect(receiver.headers == [HTTPHeader(name: "a", value: "b")] && receiver.timeout == .milliseconds(200))
        #expect(configuration.logBatch.scheduleDelay == .milliseconds(300) && configuration.logBatch.maximumSpans == 7)
        let records = configuration.recording.logRecords
        #expect(records.bytes == 25_600_000 && records.limits.attributeCount == 3)
        #expect(records.limits.attributeValueLength == 9)
        #expect(records.standard.minimumSeverity == LogSeverity(rawValue: 14) && records.standard.isTraceBased)
        #expect(configuration.exporters.first?.receiver?.url == "http://localhost:4318/v1/traces")
    }

    @Test("a bad value is reported")
    func badValues() {
        let configuration = TelemetryConfiguration.environment(["SPANKIT_LOGS_MINIMUM_SEVERITY": "loud"])
        #expect(
            configuration.warnings == [
                "SPANKIT_LOGS_MINIMUM_SEVERITY: 'loud' is not one of trace, debug, info, warn, error, fatal, each also with 2, 3 or 4 appended; recording all severities"
            ]
        )
    }

    @Test("log records of Telemetry are sent with the ids of their span, and counted")
    func telemetry() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var configuration = TelemetryConfiguration.environment(["OTEL_EXPORTER_OTLP_ENDPOINT": server.url])
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        var spanID = ""
        telemetry.profiler.profile("work") { span in
            spanID = span.context.spanID.description
            telemetry.logs.logger("Orders").emit(.info, "inside", ["number": 1])
        }
        telemetry.shutdownAndWait(within: .generous)
        let logs = server.requests.filter { $0.path == "/v1/logs" }
        #expect(logs.count == 1 && logs.first?.logNumbers == [1])
        #expect(logs.first?.text.contains(spanID) == true && logs.first?.text.contains("Orders") == true)
        #expect(telemetry.logsAccount.isBalanced && telemetry.logsAccount.destinations.first?.exported == 1)
    }

    @Test("all signals of one receiver use one connection")
    func sharedConnection() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var configuration = TelemetryConfiguration.environment([
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_METRICS_EXPORTER": "otlp",
        ])
        configuration.shutsDownAtExit = false
        configuration.batch.scheduleDelay = .seconds(3_600)
        configuration.logBatch.scheduleDelay = .seconds(3_600)
        let telemetry = Telemetry.start(configuration, log: .silent)
        // One after the other, because requests at the same time need connections of their own.
        telemetry.profiler.profile("work") {}
        telemetry.flushAndWait(within: .generous)
        telemetry.logs.emit(.info, "a message")
        telemetry.flushAndWait(within: .generous)
        telemetry.shutdownAndWait(within: .generous)
        #expect(Set(server.requests.map(\.path)) == ["/v1/traces", "/v1/logs", "/v1/metrics"])
        #expect(Set(server.requests.map(\.connection)).count == 1)
    }

    @Test(
        "what a redaction function logs while log records are exported is not exported, so that the export never feeds itself"
    )
    func talkativeRedaction() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let logs = Locked<Logs?>(nil)
        let calls = Locked(0)
        var configuration = TelemetryConfiguration.environment(["OTEL_EXPORTER_OTLP_ENDPOINT": server.url])
        configuration.shutsDownAtExit = false
        configuration.redaction = Redaction([
            .function(named: "talkative") { _, _ in
                calls.withLock { $0 += 1 }
                logs.withLock { $0 }?.emit(.info, "redacting")
                return nil
            }
        ])
        let telemetry = Telemetry.start(configuration, log: .silent)
        logs.withLock { $0 = telemetry.logs }
        for number in 0..<10 { telemetry.logs.emit(.info, "a message", ["number": .int(Int64(number))]) }
        telemetry.flushAndWait(within: .generous)
        telemetry.flushAndWait(within: .generous)
        logs.withLock { $0 = nil }
        telemetry.shutdownAndWait(within: .generous)
        #expect(calls.withLock { $0 } > 0)
        #expect(telemetry.logsAccount.created == 10 && telemetry.logsAccount.isBalanced)
        #expect(server.logNumbers.sorted() == Array(0..<10))
    }

    @Test("without a destination for log records, none is sent and the newest stay in memory")
    func withoutDestination() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var configuration = TelemetryConfiguration.environment([
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_LOGS_EXPORTER": "none",
        ])
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        telemetry.logs.emit(.info, "kept")
        telemetry.profiler.profile("work") {}
        telemetry.shutdownAndWait(within: .generous)
        #expect(server.requests.map(\.path) == ["/v1/traces"])
        #expect(telemetry.profiler.logRecords().map(\.body) == ["kept"])
        #expect(telemetry.logsAccount == ShippingAccount())
    }
}
