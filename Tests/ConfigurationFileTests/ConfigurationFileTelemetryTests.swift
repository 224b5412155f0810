import Foundation
import SpanKit
import SpanKitConfigurationFile
import SpanKitTestSupport
import Testing

@Suite("Telemetry with a configuration file", .generousTimeLimit)
struct ConfigurationFileTelemetryTests {
    @Test(
        "settings in the file decide spans, metrics, headers, limits and tail sampling",
        arguments: ["yaml", "json"]
    )
    func endToEnd(ending: String) async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path("otel.\(ending)")
        let text =
            ending == "yaml"
            ? """
            file_format: "1.0"
            resource: {attributes: [{name: service.name, value: coach}]}
            attribute_limits: {attribute_count_limit: 2}
            tracer_provider:
              processors:
                - simple:
                    exporter:
                      otlp_http:
                        endpoint: ${RECEIVER}/v1/traces
                        encoding: json
                        headers: [{name: api-key, value: "${KEY}"}]
            meter_provider:
              readers: [{periodic: {exporter: {otlp_http: {endpoint: "${RECEIVER}/v1/metrics", encoding: json}}}}]
            distribution: {spankit: {redaction: drop, tail_sampling: {rules: [{errors: }], otherwise: 0}}}
            """
            : """
            {"file_format": "1.0",
             "resource": {"attributes": [{"name": "service.name", "value": "coach"}]},
             "attribute_limits": {"attribute_count_limit": 2},
             "tracer_provider": {"processors": [{"simple": {"exporter": {"otlp_http": {
               "endpoint": "${RECEIVER}/v1/traces", "encoding": "json",
               "headers": [{"name": "api-key", "value": "${KEY}"}]}}}}]},
             "meter_provider": {"readers": [{"periodic": {"exporter": {"otlp_http": {
               "endpoint": "${RECEIVER}/v1/metrics", "encoding": "json"}}}}]},
             "distribution": {"spankit": {"redaction": "drop",
               "tail_sampling": {"rules": [{"errors": null}], "otherwise": 0}}}}
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        var configuration = TelemetryConfiguration.environment(
            ["OTEL_CONFIG_FILE": path, "RECEIVER": server.url, "KEY": "open sesame"],
            reading: .file
        )
        #expect(configuration.warnings == [])
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        telemetry.profiler.profile("left out") { _ in }
        telemetry.profiler.profile("kept") { span in
            span.set("one", 1)
            span.set("key", "sk-ant-" + "api03-CANARY0123456789abcdef")
            span.set("three", 3)
            span.setStatus(.error("broken"))
        }
        let account = await telemetry.shutdown(within: .generous)
        #expect(account.isBalanced)
        #expect(account.destinations[0].exported == 1)
        #expect(account.destinations[0].dropped == [.tailSampled: 1])
        let traces = try #require(server.requests.first { $0.path == "/v1/traces" })
        #expect(traces["api-key"] == "open sesame")
        #expect(traces["content-type"] == "application/json")
        #expect(traces["content-encoding"] == nil)
        #expect(traces.text.contains(#""service.name","value":{"stringValue":"coach"}"#))
        #expect(traces.text.contains(#""name":"kept""#))
        #expect(!traces.text.contains("left out"))
        #expect(traces.text.contains(#""droppedAttributesCount":1"#))
        #expect(traces.text.contains(#""traceState":"ot=th:0""#))
        #expect(!traces.text.contains("CANARY"), "redaction comes after all else")
        let metrics = try #require(server.requests.last { $0.path == "/v1/metrics" })
        #expect(metrics.text.contains("left out"), "metrics count every span")
        #expect(metrics.text.contains("spankit.tail_sampling.spans"))
    }

    @Test("sampling rules, resource detectors and two metric readers of a file work")
    func rulesDetectorsReaders() async throws {
        let servers = [try FaultServer(.ok), try FaultServer(.ok)]
        defer { for server in servers { server.stop() } }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path("otel.yaml")
        let text = """
            file_format: "1.1"
            resource:
              attributes: [{name: service.name, value: coach}]
              detection/development:
                attributes: {included: [process.*], excluded: [process.executable.path]}
                detectors: [{host: }, {process: }]
            tracer_provider:
              processors:
                - simple: {exporter: {otlp_http: {endpoint: "${FIRST}/v1/traces", encoding: json}}}
              sampler:
                composite/development:
                  rule_based:
                    rules:
                      - attribute_patterns: {key: http.route, included: [/health*]}
                        sampler: {always_off: }
                      - sampler: {parent_threshold: {root: {always_on: }}}
            meter_provider:
              readers:
                - periodic: {interval: 50, exporter: {otlp_http: {endpoint: "${FIRST}/v1/metrics", encoding: json}}}
                - periodic: {exporter: {otlp_http: {endpoint: "${SECOND}/v1/metrics", encoding: json}}}
                - pull: {exporter: {prometheus/development: }}
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        var configuration = TelemetryConfiguration.environment(
            ["OTEL_CONFIG_FILE": path, "FIRST": servers[0].url, "SECOND": servers[1].url],
            reading: .file
        )
        #expect(
            configuration.warnings == [
                "\(path): SpanKit does not support meter_provider.readers[2].pull; ignored"
            ]
        )
        #expect(configuration.metricReaders.map(\.interval) == [.milliseconds(50), .seconds(60)])
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        telemetry.profiler.startSpan("probe", kind: .server, attributes: ["http.route": "/healthz"]).end()
        telemetry.profiler.startSpan("order", kind: .server, attributes: ["http.route": "/orders"]).end()
        let account = await telemetry.shutdown(within: .generous)
        #expect(account.isBalanced)
        #expect(account.destinations[0].exported == 1)
        let traces = try #require(servers[0].requests.first { $0.path == "/v1/traces" }).text
        #expect(traces.contains(#""name":"order""#) && !traces.contains("probe"))
        #expect(traces.contains(#""traceState":"ot=th:0""#))
        #expect(traces.contains(#""process.pid","value":{"intValue":"\#(ProcessInfo.processInfo.processIdentifier)"}"#))
        #expect(traces.contains("process.runtime.name"))
        #expect(!traces.contains("process.executable.path") && !traces.contains("host.name"))
        for server in servers {
            let metrics = try #require(server.requests.last { $0.path == "/v1/metrics" }).text
            #expect(metrics.contains("probe") && metrics.contains("order"), "metrics count every span")
        }
    }
}
