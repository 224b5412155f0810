import Foundation
import SpanKit
import SpanKitGenAI
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("Telemetry", .generousTimeLimit)
struct TelemetryTests {
    private func configuration(_ server: FaultServer, _ variables: [String: String] = [:]) -> TelemetryConfiguration {
        var configuration = TelemetryConfiguration.environment(
            ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_SERVICE_NAME": "coach"].merging(variables) { $1 }
        )
        configuration.shutsDownAtExit = false
        // No line about a slow operation, however busy the machine is.
        configuration.warnThreshold = .seconds(3_600)
        return configuration
    }

    @Test("a span of a cancelled task arrives at shutdown")
    func cancelledTask() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(configuration(server), log: .silent)
        let task = Task {
            telemetry.profiler.profile("last words") { _ in }
            while !Task.isCancelled { await Task.yield() }
            return await telemetry.shutdown(within: .generous)
        }
        task.cancel()
        let account = await task.value
        #expect(account.destinations.first?.exported == 1)
        #expect(account.isBalanced)
        let request = try #require(server.requests.first)
        #expect(request.text.contains("last words"))
        #expect(request.text.contains(#""service.name","value":{"stringValue":"coach"}"#))
        #expect(request.text.contains(#""telemetry.sdk.name","value":{"stringValue":"spankit"}"#))
        #expect(await telemetry.shutdown(within: .generous) == account, "the second call returns what the first did")
    }

    @Test(
        "one line at the start names the destination and its source, without secrets",
        arguments: [
            ("http://localhost:4318/v1/traces (default), http/json, gzip", [:]),
            (
                "http://127.0.0.1:1/x/v1/traces (OTEL_EXPORTER_OTLP_ENDPOINT), http/protobuf",
                [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:secret@127.0.0.1:1/x",
                    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
                ]
            ),
            ("console", ["OTEL_TRACES_EXPORTER": "console"]),
        ]
    )
    func announcement(line: String, variables: [String: String]) async {
        let lines = Locked<[String]>([])
        var configuration = TelemetryConfiguration.environment(variables)
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
        )
        #expect(lines.withLock { $0 } == ["traces → \(line)"])
        await telemetry.shutdown(within: .zero)
    }

    @Test("the source of an exporter set in code is \"code\"")
    func announcementOfCode() {
        var configuration = TelemetryConfiguration.environment([:])
        configuration.exporters = [.otlp(OTLPExporter(url: "http://127.0.0.1:1/v1/traces"))]
        #expect(configuration.destinationLines == ["traces → http://127.0.0.1:1/v1/traces (code), http/json, gzip"])
    }

    @Test("a flush sends the recorded spans, and resetting the statistics loses none")
    func flushAndReset() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(configuration(server), log: .silent)
        for _ in 0..<100 { telemetry.profiler.profile("work") { _ in } }
        telemetry.profiler.reset()
        let account = await telemetry.flush(within: .generous)
        #expect(account.destinations.first?.exported == 100)
        await telemetry.shutdown(within: .generous)
    }

    @Test("open spans are named once at shutdown")
    func openSpans() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let lines = Locked<[String]>([])
        let telemetry = Telemetry.start(
            configuration(server),
            log: ProfilerLog { level, line in
                if level == .warning { lines.withLock { $0.append(line) } }
            }
        )
        telemetry.profiler.profile("ended") { _ in }
        let open = (0..<3).map { telemetry.profiler.startSpan($0 == 0 ? "upload" : "request") }
        await telemetry.shutdown(within: .generous)
        await telemetry.shutdown(within: .generous)
        #expect(
            lines.withLock { $0 } == [
                "3 spans were still open at shutdown and neither sent nor counted: 'request' (2), 'upload'; "
                    + "call end() for every span from start(), or use profile { } or withSpan { }"
            ]
        )
        for span in open { span.end() }
        #expect(telemetry.profiler.statistics(for: "request")?.count == 2)
        #expect(lines.withLock { $0.count } == 1)
    }

    @Test(
        "if telemetry is off, nothing is recorded or sent",
        arguments: ["OTEL_SDK_DISABLED=true", "ENABLE_PROFILING=false"]
    )
    func off(variable: String) async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let parts = variable.split(separator: "=").map(String.init)
        let telemetry = Telemetry.start(configuration(server, [parts[0]: parts[1]]), log: .silent)
        #expect(telemetry.profiler.profile("work") { 7 } == 7)
        let account = await telemetry.shutdown(within: .generous)
        #expect(account.created == 0)
        #expect(server.requests.isEmpty)
    }

    @Test(
        "every value of OTEL_TRACES_SAMPLER is used or reported in one line",
        arguments: [
            ("always_on", "", "AlwaysOnSampler", nil), ("always_off", "", "AlwaysOffSampler", nil),
            ("traceidratio", "0.5", "TraceIdRatioBased{0.500000}", nil),
            ("parentbased_always_on", "", "ParentBased{root:AlwaysOnSampler}", nil),
            ("parentbased_always_off", "", "ParentBased{root:AlwaysOffSampler}", nil),
            ("ParentBased_TraceIdRatio", "0.25", "ParentBased{root:TraceIdRatioBased{0.250000}}", nil),
            ("traceidratio", "most", "AlwaysOnSampler", "OTEL_TRACES_SAMPLER_ARG: 'most' is not a number from 0 to 1"),
            (
                "xray", "", "ParentBased{root:AlwaysOnSampler}",
                "'xray' gets its settings from a server, which is not supported; using parentb"
            ),
            (
                "jaeger_remote", "endpoint=http://localhost:14250,pollingIntervalMs=5000,initialSamplingRate=0.25",
                "ParentBased{root:TraceIdRatioBased{0.250000}}",
                "using its initialSamplingRate, parentbased_traceidratio with 0.25"
            ),
            (
                "parentbased_jaeger_remote", "endpoint=http://localhost:14250", "ParentBased{root:AlwaysOnSampler}",
                "using parentbased_always_on"
            ),
            ("sometimes", "", "ParentBased{root:AlwaysOnSampler}", "'sometimes' is not one of always_on, always_off"),
        ] as [(String, String, String, String?)]
    )
    func samplers(name: String, argument: String, expected: String, warning: String?) {
        let configuration = TelemetryConfiguration.environment(
            ["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": argument]
        )
        #expect(configuration.recording.sampler.description == expected)
        #expect(configuration.warnings.count == (warning == nil ? 0 : 1))
        if let warning { #expect(configuration.warnings.first?.contains(warning) == true) }
    }

    @Test(
        "SPANKIT_TAIL_SAMPLING is parsed, and with an error all traces are kept",
        arguments: [
            ("errors,slow=2000,p95,otherwise=0.05", "errors,slow=2000,p95,otherwise=0.05", nil),
            ("slow_span=1, p99_span ,attribute=a:b:7", "slow_span=1,p99_span,attribute=a:b:7.0,otherwise=0.1", nil),
            ("otherwise=0", "otherwise=0.0", nil), ("off", nil, nil), ("", nil, nil),
            ("all", nil, nil), ("none", nil, nil), ("errors", "errors,otherwise=0.1", nil),
            (
                "errors,otherwise=2", "errors,otherwise=1.0",
                "'otherwise=2' has no number from 0 to 1 after '='; all traces are kept"
            ),
            ("error", "otherwise=1.0", "'error' is not one of errors, slow=MILLISECONDS"),
            ("errors,fast,otherwise=0.1", "errors,otherwise=1.0", "all traces are kept"),
            ("p100", "otherwise=1.0", "'p100' is not one of"), ("slow=", "otherwise=1.0", "'slow=' is not one of"),
            ("slow=2s", "otherwise=1.0", "'slow=2s' is not one of"),
            ("attribute=:7", "otherwise=1.0", "'attribute=:7' is not one of"),
        ] as [(String, String?, String?)]
    )
    func tailSampling(text: String, expected: String?, warning: String?) {
        let configuration = TelemetryConfiguration.environment(["SPANKIT_TAIL_SAMPLING": text])
        #expect(configuration.tailSampling?.description == expected)
        #expect(configuration.warnings.count == (warning == nil ? 0 : 1))
        if let warning { #expect(configuration.warnings.first?.contains(warning) == true) }
    }

    @Test("exporters: none, console, several")
    func exporters() {
        func names(_ value: String) -> [SpanExporter] {
            TelemetryConfiguration.environment(["OTEL_TRACES_EXPORTER": value]).exporters
        }
        #expect(names("none").isEmpty)
        #expect(names("console") == [.console])
        #expect(names("otlp/stdout") == [.linesFile(LinesFileConfiguration(path: "-"))])
        #expect(names("otlp, console,otlp").count == 2)
        let unknown = TelemetryConfiguration.environment(["OTEL_TRACES_EXPORTER": "zipkin"])
        #expect(
            unknown.warnings == [
                "OTEL_TRACES_EXPORTER: 'zipkin' is not one of otlp, console, otlp/stdout, none; it is left out"
            ]
        )
    }

    @Test("limits, samplers and batches come from the environment")
    func settings() {
        let configuration = TelemetryConfiguration.environment([
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "5", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "10",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25",
            "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "64", "OTEL_BSP_MAX_QUEUE_SIZE": "-1",
        ])
        #expect(configuration.recording.limits.attributeCount == 5)
        #expect(configuration.recording.limits.attributeCountPerEvent == 128)
        #expect(configuration.recording.limits.attributeValueLength == 10)
        #expect(configuration.recording.sampler.description.contains("0.25"))
        #expect(configuration.batch.scheduleDelay == .milliseconds(100))
        #expect(configuration.batch.maximumSpans == 64)
        #expect(configuration.warnings.count == 1)
    }

    @Test(
        "the shorter of two timeouts applies",
        arguments: [
            ("2000", nil, 2_000), ("20000", nil, 10_000), ("2000", "1000", 1_000), ("2000", "0", 2_000), ("0", "0", 0),
        ]
    )
    func exportTimeout(processor: String, exporter: String?, expected: Int) {
        var variables = ["OTEL_BSP_EXPORT_TIMEOUT": processor]
        variables["OTEL_EXPORTER_OTLP_TIMEOUT"] = exporter
        let configuration = TelemetryConfiguration.environment(variables)
        guard case .otlp(let otlp) = configuration.exporters.first else { return #expect(Bool(false)) }
        #expect(otlp.timeout == .milliseconds(expected))
        #expect(configuration.settings.filter { $0.name == "timeout" }.count == 1)
    }

    @Test("propagators come from the environment, and an unknown one is reported once")
    func propagators() {
        func propagators(_ value: String) -> (Propagators, [String]) {
            let configuration = TelemetryConfiguration.environment(["OTEL_PROPAGATORS": value])
            return (configuration.propagators, configuration.warnings)
        }
        #expect(propagators("") == (.default, []))
        #expect(propagators("tracecontext") == (.traceContext, []))
        #expect(propagators("none") == ([], []))
        #expect(
            propagators("b3,baggage,ottrace,B3,OTTrace") == (
                [.b3, .baggage],
                [
                    "OTEL_PROPAGATORS: 'ottrace' is not one of tracecontext, baggage, b3, b3multi, jaeger, xray, none; it is left out"
                ]
            )
        )
    }

    @Test(
        "metrics about the exporter have the chosen names",
        arguments: [("otel", "otel_sdk_"), ("spankit", "spankit_sdk_"), ("none", nil)]
    )
    func selfMetricNames(value: String, prefix: String?) async throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        var configuration = TelemetryConfiguration.environment(["SPANKIT_SELF_METRICS": value])
        #expect(configuration.warnings.isEmpty)
        configuration.exporters = [.linesFile(LinesFileConfiguration(path: folder.path("t.jsonl")))]
        configuration.textfile = TextfileConfiguration(path: folder.path("x.prom"))
        let telemetry = Telemetry.start(configuration, log: .silent)
        telemetry.profiler.profile("work") {}
        _ = await telemetry.shutdown(within: .generous)
        let text = try String(contentsOfFile: folder.path("x.prom"), encoding: .utf8)
        for known in ["otel_sdk_", "spankit_sdk_"] {
            #expect(text.contains("# TYPE \(known)span_started_total counter") == (known == prefix))
        }
        #expect(text.contains("spankit_build_info{") == (prefix != nil))
        #expect(text.contains("spankit_span_calls_total{"))
        #expect(TelemetryConfiguration.environment(["SPANKIT_SELF_METRICS": "x"]).warnings.count == 1)
    }

    @Test("of 500 small spans and one of 30 MB, only the large one is truncated")
    func largePrompt() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(configuration(server), log: .silent)
        for number in 0..<501 {
            telemetry.profiler.profile("chat") { span in
                span.set("number", number)
                if number == 250 { span.set("gen_ai.input.messages", String(repeating: "prompt ", count: 4_500_000)) }
                span.set("after", true)
            }
        }
        let account = await telemetry.shutdown(within: .generous)
        #expect(account.destinations.first?.exported == 501)
        let text = server.requests.map(\.text).joined()
        #expect(text.components(separatedBy: #""key":"after""#).count == 502, "what came after the prompt has room")
        #expect(text.contains("spankit.truncated"))
        #expect(text.contains("31500000 bytes"))
    }

    @Test("metrics about operations and the exporter are sent at intervals and at shutdown")
    func metrics() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(
            configuration(server, ["OTEL_METRICS_EXPORTER": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "50"]),
            log: .silent
        )
        for _ in 0..<10 { telemetry.profiler.profile("work") { _ in } }
        telemetry.profiler.reset()
        for _ in 0..<5 { telemetry.profiler.profile("work") { _ in } }
        await telemetry.shutdown(within: .generous)
        let bodies = server.requests.filter { $0.path == "/v1/metrics" }.map(\.text)
        let last = try #require(bodies.last)
        #expect(last.contains(#""name":"spankit.span.duration""#))
        #expect(last.contains(#""count":"15""#), "cumulative, whatever was reset")
        #expect(last.contains(#""name":"otel.sdk.exporter.span.exported""#))
        #expect(last.contains(#""asInt":"15""#), "all spans were exported when the last reading was made")
    }

    @Test(
        "model calls are sent as the metrics of the conventions, in seconds and tokens",
        arguments: [1, 2]
    )
    func modelMetrics(calls: Int) async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(
            configuration(server, ["OTEL_METRICS_EXPORTER": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "3600000"]),
            log: .silent
        )
        var call = GenAICall(operationName: "chat", providerName: "anthropic")
        call.inputTokens = 1_000
        call.timeToFirstChunkNanoseconds = 500_000_000
        for _ in 0..<calls { telemetry.modelMetrics.record(call, nanoseconds: 2_000_000_000) }
        await telemetry.shutdown(within: .generous)
        let body = try #require(server.requests.filter { $0.path == "/v1/metrics" }.map(\.text).last)
        #expect(
            body.contains(
                #""name":"gen_ai.client.operation.duration","description":"GenAI operation duration.","unit":"s""#
            )
        )
        #expect(body.contains(#""count":"\#(calls)","sum":\#(2 * calls).0,"#))
        #expect(
            body.contains(
                #"{"key":"gen_ai.token.type","value":{"stringValue":"input"}}],"count":"\#(calls)","sum":\#(1_000 * calls).0"#
            )
        )
        #expect(body.contains(#""min":1000.0,"max":1000.0"#), "tokens are no nanoseconds")
        #expect(body.contains(#""name":"gen_ai.client.operation.time_to_first_chunk""#))
        #expect(!body.contains("time_per_output_chunk"), "nothing recorded, nothing sent")
    }
}
