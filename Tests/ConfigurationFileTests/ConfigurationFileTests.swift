import Foundation
import SpanKit
import SpanKitConfigurationFile
import SpanKitTestSupport
import Testing

/// One file each way: what it says, or what is wrong with it.
@Suite("A configuration file")
struct ConfigurationFileTests {
    private static let folder = TemporaryFolder()

    private static func otlp(_ configuration: TelemetryConfiguration) -> OTLPExporter? {
        configuration.exporters.lazy.compactMap { exporter in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }.first
    }

    // MARK: What it says

    private static let whole = """
        file_format: "1.0"
        disabled: false
        log_level: info
        resource:
          attributes:
            - name: service.name
              value: ${SERVICE:-coach}
            - {name: build, value: 7, type: int}
            - {name: tags, value: [a, b], type: string_array}
            - {name: absent, value: "${NOT_SET}"}
            - {name: missing, value: }
          attributes_list: deployment.environment.name=test,service.name=beaten
        attribute_limits:
          attribute_count_limit: 100
        propagator:
          composite:
            - tracecontext:
          composite_list: baggage,tracecontext
        tracer_provider:
          processors:
            - batch:
                schedule_delay: 1000
                export_timeout: 3000
                max_queue_size: 100000
                max_export_batch_size: 256
                exporter:
                  otlp_http:
                    endpoint: http://collector:4318/v1/traces
                    headers_list: api-key=first,other=x
                    headers:
                      - name: api-key
                        value: ${KEY}
                    compression: gzip
                    timeout: 10000
            - simple:
                exporter:
                  console:
            - batch:
                exporter:
                  otlp_file/development:
                    output_stream: file:///tmp/spans.jsonl
          limits:
            attribute_value_length_limit: 4096
            event_count_limit: 5
          sampler:
            parent_based:
              root:
                probability/development:
                  ratio: 0.25
              remote_parent_not_sampled:
                always_on:
        meter_provider:
          readers:
            - periodic:
                interval: 15000
                exporter:
                  otlp_http:
                    endpoint: http://collector:4318/v1/metrics
                    encoding: json
                    temporality_preference: cumulative
        logger_provider:
          processors:
            - batch:
                exporter: {console: }
        distribution:
          somebody: {else: 1}
          spankit:
            spool: {directory: /var/spool/coach}
            redaction: hash
            self_metrics: spankit
            tail_sampling:
              rules:
                - errors:
                - slow: {threshold: 2000}
                - slower_than_usual: {quantile: 0.99, spans: any}
                - attribute: {name: gen_ai.usage.output_tokens, at_least: 5000}
              otherwise: 0.05
              decision_wait: 30000
        """

    @Test("YAML and JSON are read alike")
    func everything() throws {
        let variables = [
            "KEY": "s3cret", "SERVICE": "", "OTEL_SERVICE_NAME": "ignored", "OTEL_TRACES_SAMPLER": "ignored",
        ]
        let yaml = try WrittenConfiguration.read(Self.whole, variables)
        #expect(
            yaml.warnings == [
                "FILE:21:5: tracer_provider.processors have different delays or sizes; all exporters use those of the first",
                "FILE: SpanKit does not support log_level; ignored",
            ]
        )
        #expect(yaml.resource["service.name"] == "coach")
        #expect(yaml.resource["build"] == 7)
        #expect(yaml.resource["tags"] == ["a", "b"])
        #expect(yaml.resource["absent"] == "", "in quotation marks, so it is a text")
        #expect(yaml.resource["missing"] == nil)
        #expect(yaml.resource["deployment.environment.name"] == "test")
        #expect(yaml.resource["telemetry.sdk.name"] == "spankit")
        #expect(yaml.propagators == [.traceContext, .baggage])
        let otlp = try #require(Self.otlp(yaml))
        #expect(otlp.url == "http://collector:4318/v1/traces")
        #expect(otlp.headers == [HTTPHeader(name: "other", value: "x"), HTTPHeader(name: "api-key", value: "s3cret")])
        #expect(otlp.encoding == .protobuf, "the format's default")
        #expect(otlp.compression == .gzip())
        #expect(otlp.timeout == .seconds(3), "the shorter one holds")
        #expect(yaml.exporters.count == 3)
        #expect(yaml.exporters.contains(.console))
        #expect(yaml.exporters.contains(.linesFile(LinesFileConfiguration(path: "/tmp/spans.jsonl"))))
        #expect(yaml.batch.scheduleDelay == .seconds(1))
        #expect(yaml.batch.maximumSpans == 256)
        #expect(yaml.recording.logBytes == 25_600_000)
        #expect(yaml.recording.limits.attributeCount == 100)
        #expect(yaml.recording.limits.attributeCountPerEvent == 100)
        #expect(yaml.recording.limits.attributeValueLength == 4_096)
        #expect(yaml.recording.limits.eventCount == 5)
        #expect(
            yaml.recording.sampler.description
                == "ParentBased{root:ProbabilitySampler{0.25},remoteParentNotSampled:AlwaysOnSampler}"
        )
        #expect(yaml.metricReaders.first?.exporter.receiver?.url == "http://collector:4318/v1/metrics")
        #expect(yaml.metricReaders.first?.exporter.receiver?.encoding == .json)
        #expect(yaml.metricReaders.first?.interval == .seconds(15))
        #expect(yaml.spool?.directory == "/var/spool/coach")
        #expect(yaml.redaction != nil)
        #expect(yaml.selfMetricNames == .spanKit)
        #expect(
            yaml.tailSampling?.description
                == "errors,slow=2000,p99_span,attribute=gen_ai.usage.output_tokens:5000.0,otherwise=0.05"
        )
        #expect(yaml.tailSampling?.decisionWait == .seconds(30))
        #expect(
            yaml.settings.contains(
                ResolvedSetting(
                    .endpoint,
                    "http://collector:4318/v1/traces",
                    source: "FILE: tracer_provider.processors[0].batch.exporter.otlp_http.endpoint"
                )
            )
        )
        #expect(!"\(yaml.settings) \(yaml.warnings)".contains("s3cret"))

        let json = try WrittenConfiguration.read(
            """
            {"file_format": "1.0", "tracer_provider": {"processors": [{"batch": {
              "schedule_delay": "${DELAY:-250}",
              "exporter": {"otlp_http": {"endpoint": "http://${HOST}:4318/v1/traces", "encoding": "json"}}}}]}}
            """,
            ending: "json",
            ["HOST": "collector"]
        )
        #expect(json.warnings == [])
        #expect(Self.otlp(json)?.url == "http://collector:4318/v1/traces")
        #expect(json.batch.scheduleDelay == .milliseconds(250), "a text with a reference may be a number")
        #expect(json.propagators == [], "the format has no default propagators")
        #expect(json.metricReaders.isEmpty)
    }

    @Test("OTEL_* variables are ignored, SPANKIT_* and ENABLE_PROFILING override the file")
    func precedence() throws {
        let file = """
            file_format: "1.1"
            tracer_provider:
              processors: [{batch: {exporter: {otlp_http: {endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces"}}}}]
            distribution: {spankit: {spool: {directory: /from/file}, redaction: hash}}
            """
        var variables = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://elsewhere:4318", "OTEL_EXPORTER_OTLP_HEADERS": "a=b",
            "OTEL_TRACES_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_SDK_DISABLED": "true",
            "OTEL_METRICS_EXPORTER": "otlp", "OTEL_PROPAGATORS": "tracecontext",
            "SPANKIT_SPOOL_DIR": "/from/environment",
        ]
        let configuration = try WrittenConfiguration.read(file, variables)
        #expect(configuration.warnings == [])
        #expect(Self.otlp(configuration)?.url == "http://elsewhere:4318/v1/traces")
        #expect(Self.otlp(configuration)?.headers == [])
        #expect(configuration.batch.scheduleDelay == .seconds(5))
        #expect(!configuration.isDisabled)
        #expect(configuration.metricReaders.isEmpty)
        #expect(configuration.propagators == [])
        #expect(configuration.spool?.directory == "/from/environment")
        #expect(configuration.redaction != nil)
        variables["ENABLE_PROFILING"] = "false"
        #expect(try WrittenConfiguration.read(file, variables).isDisabled)
    }

    @Test(
        "references follow the specification's table",
        arguments: [
            ("${STRING_VALUE}", "value"), ("${env:STRING_VALUE}", "value"),
            ("foo ${STRING_VALUE} ${FLOAT_VALUE}", "foo value 1.1"),
            ("${UNDEFINED_KEY:-fallback}", "fallback"), ("${REPLACE_ME}", "${DO_NOT_REPLACE_ME}"),
            ("${UNDEFINED_KEY:-${STRING_VALUE}}", "${STRING_VALUE}"), ("$${STRING_VALUE}", "${STRING_VALUE}"),
            ("$$${STRING_VALUE}", "$value"), ("$$$${STRING_VALUE}", "$${STRING_VALUE}"),
            ("$${STRING_VALUE:-fallback}", "${STRING_VALUE:-fallback}"), ("${VALUE_WITH_ESCAPE}", "value$$"),
            ("$${STRING_VALUE:-${STRING_VALUE}}", "${STRING_VALUE:-value}"), ("a $$ b", "a $ b"), ("a $ b", "a $ b"),
            ("${UNDEFINED_KEY:-$${UNDEFINED_KEY}}", "${UNDEFINED_KEY:-${UNDEFINED_KEY}}"),
            ("${INVALID_MAP_VALUE}", "value\nkey:value"), ("x${UNDEFINED_KEY}", "x"), ("${EMPTY:-full}", "full"),
        ]
    )
    func references(written: String, read: String) throws {
        let variables = [
            "STRING_VALUE": "value", "FLOAT_VALUE": "1.1", "INVALID_MAP_VALUE": "value\nkey:value",
            "DO_NOT_REPLACE_ME": "Never use this value", "REPLACE_ME": "${DO_NOT_REPLACE_ME}",
            "VALUE_WITH_ESCAPE": "value$$", "EMPTY": "",
        ]
        let yaml =
            "file_format: '1.0'\nresource: {attributes: [{name: key, value: \(written.contains(":") || written.contains("{") ? "'\(written)'" : written)}]}"
        #expect(try WrittenConfiguration.read(yaml, variables).resource["key"] == .string(read))
        let json = #"{"file_format": "1.0", "resource": {"attributes": [{"name": "key", "value": "\#(written)"}]}}"#
        #expect(try WrittenConfiguration.read(json, ending: "json", variables).resource["key"] == .string(read))
    }

    @Test("aliases and merged mappings of YAML are followed")
    func aliases() throws {
        let configuration = try WrittenConfiguration.read(
            """
            file_format: "1.0"
            tracer_provider:
              processors:
                - batch:
                    exporter:
                      otlp_http: &otlp
                        endpoint: http://a:4318/v1/traces
                        encoding: json
            meter_provider:
              readers:
                - periodic:
                    exporter:
                      otlp_http:
                        <<: *otlp
                        endpoint: http://a:4318/v1/metrics
            """
        )
        #expect(configuration.warnings == [])
        #expect(configuration.metricReaders.first?.exporter.receiver?.url == "http://a:4318/v1/metrics")
        #expect(configuration.metricReaders.first?.exporter.receiver?.encoding == .json)
    }

    // MARK: What is wrong with it

    private static func processors(_ text: String) -> String { WrittenConfiguration.processors(text) }

    private static let console = WrittenConfiguration.console

    @Test(
        "an error is reported with its place, and nothing is exported",
        arguments: [
            ("yaml", "", "FILE: is empty; start with file_format: \"1.0\""),
            ("yaml", "  \n\n", "FILE: is empty; start with file_format: \"1.0\""),
            ("yaml", "# nothing\n", "FILE: is empty; start with file_format: \"1.0\""),
            ("yaml", "disabled: true", "FILE:1:1: has no file_format; write file_format: \"1.0\""),
            ("yaml", "- a", "FILE:1:1: is a list; it has to be a mapping of file_format, stability, disabled"),
            (
                "yaml", "file_format: \"0.4\"",
                "FILE:1:14: file_format is '0.4', but only version 1 is supported; write \"1.0\""
            ),
            (
                "yaml", "file_format: \"2.0\"",
                "FILE:1:14: file_format is '2.0', but only version 1 is supported; write \"1.0\""
            ),
            ("yaml", "file_format: one", "FILE:1:14: file_format is 'one'; it has to be a version such as \"1.0\""),
            ("yaml", "a: [1, 2\nb: 3", "is not valid YAML"),
            ("yaml", "a: 1\na: 2", "twice"),
            ("yaml", "file_format: *nobody", "is not valid YAML"),
            (
                "yaml", processors("- batch: {schedule_delay: soon, exporter: {console: }}"),
                "FILE:4:31: tracer_provider.processors[0].batch.schedule_delay is 'soon'; it has to be a whole number from 0 to 86400000000"
            ),
            ("yaml", processors("- batch: {schedule_delay: -1, exporter: {console: }}"), "schedule_delay is '-1'"),
            ("yaml", processors("- batch: {schedule_delay: \"5\", exporter: {console: }}"), "schedule_delay is '5'"),
            (
                "yaml", processors("- batch:"),
                "tracer_provider.processors[0].batch has no exporter; add one, such as otlp_http"
            ),
            (
                "yaml", processors("- batcher: {exporter: {console: }}"),
                "is 'batcher', which is not a processor; use batch or simple"
            ),
            (
                "yaml", processors("- {batch: , simple: }"),
                "it has to be a mapping with exactly one key, which names the kind"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp: }}"),
                "is 'otlp', which is not an exporter; use otlp_http, otlp_grpc, otlp_file/development or console"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp_http: {endpoint: collector:4318}}}"),
                "endpoint is 'collector:4318', which has no scheme; write http://collector:4318"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp_http: {tls: {ca_file: ca.pem}}}}"),
                "it has to be an absolute path"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp_http: {compression: zstd}}}"),
                "it has to be one of gzip, none"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp_http: {headers: [{value: x}]}}}"),
                "headers[0] has no name"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp_http: {headers: [{name: 'a b', value: hidden}]}}}"),
                "headers[0] has a name or value that is not allowed in a header"
            ),
            (
                "yaml", processors("- simple: {exporter: {otlp_file/development: {output_stream: syslog}}}"),
                "it has to be stdout, file:///path/to/file.jsonl or file:///path/to/folder/"
            ),
            ("yaml", "file_format: '1.0'\ntracer_provider: {processors: []}", "tracer_provider has no processors"),
            (
                "yaml", processors("\(console)\n  sampler: {always: }"),
                "tracer_provider.sampler is 'always', which is not a sampler; use always_on"
            ),
            (
                "yaml", processors("\(console)\n  sampler: {trace_id_ratio_based: {ratio: 2}}"),
                "it has to be a number from 0.0 to 1.0"
            ),
            ("yaml", processors("\(console)\n  sampler: always_on"), "it has to be a mapping with exactly one key"),
            (
                "yaml", processors("\(console)\n  limits: {event_count_limit: many}"),
                "limits.event_count_limit is 'many'"
            ),
            (
                "yaml", "file_format: '1.0'\nresource: {attributes: [{name: a, value: x, type: int}]}",
                "value is 'x'; it has to be a whole number"
            ),
            (
                "yaml", "file_format: '1.0'\nresource: {attributes: {a: b}}",
                "resource.attributes is a mapping; it has to be a list"
            ),
            ("yaml", "file_format: '1.0'\ndisabled: \"true\"", "it has to be true or false, without quotation marks"),
            ("yaml", "file_format: '1.0'\ndisabled: ${1BAD}", "FILE:2:11: '${1BAD}' is not a variable reference"),
            ("yaml", "file_format: '1.0'\ndisabled: '${A:?error}'", "is not a variable reference"),
            ("yaml", "file_format: '1.0'\ndisabled: ${SECRET}", "disabled is the value of its variable"),
            (
                "yaml", "file_format: '1.0'\ndistribution: {spankit: {tail_sampling: {rules: [slow]}}}",
                "exactly one key"
            ),
            (
                "yaml", "file_format: '1.0'\ndistribution: {spankit: {tail_sampling: {rules: [{slow: }]}}}",
                "has no threshold"
            ),
            ("json", "{", "FILE:1:2: ends where a string is expected"),
            ("json", "{\"file_format\": \"1.0\",}", "FILE:1:23: has '}' where a string is expected"),
            ("json", "{\"file_format\": \"1.0\"} x", "FILE:1:24: has 'x' where the end of the file is expected"),
            (
                "json", "{\n  \"a\": 1,\n  \"a\": 2}",
                "FILE:3:3: has the key 'a' twice; remove this one or the one on line 2"
            ),
            ("json", "{\"file_format\": tru}", "has 'tru' where a value is expected"),
            ("json", "file_format: \"1.0\"", "where a value is expected"),
            ("json", String(repeating: "[", count: 100_000), "is nested more than 64 levels deep"),
            ("yaml", String(repeating: "[", count: 100_000), "FILE"),
            ("yaml", String(repeating: "- ", count: 100_000), "FILE"),
            (
                "yaml", (0..<100).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
                "is nested more than 64 levels deep"
            ),
            ("toml", "x", "FILE: is neither .json nor .yaml; rename it or convert it"),
        ]
    )
    func errors(ending: String, text: String, expected: String) throws {
        let configuration = try WrittenConfiguration.read(text, ending: ending, ["SECRET": "hidden"])
        let first = try #require(configuration.warnings.first)
        #expect(first.contains(expected), "\(configuration.warnings)")
        #expect(first.utf8.count < 500)
        #expect(!configuration.warnings.contains { $0.contains("hidden") || $0.contains("\n") })
        #expect(configuration.warnings.last?.hasPrefix("FILE: not used because") == true)
        #expect(configuration.exporters.isEmpty)
        #expect(configuration.metricReaders.isEmpty)
        #expect(configuration.redaction != nil, "the file may have asked for it")
        let telemetry = Telemetry.start(configuration, log: .silent)
        telemetry.profiler.profile("work") {}
        telemetry.shutdownAndWait(within: .generous)
        #expect(telemetry.profiler.snapshot().map(\.name) == ["work"])
    }

    @Test("files that cannot be configuration files are refused")
    func noText() throws {
        let garbage = (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 200) }
        for ending in ["json", "yaml"] {
            #expect(
                try WrittenConfiguration.read(bytes: garbage, ending: ending).warnings.first
                    == "FILE: is not UTF-8 text; save it as UTF-8"
            )
            #expect(
                try WrittenConfiguration.read(bytes: Array(repeating: 0x20, count: 10_000_000), ending: ending).warnings
                    .first
                    == "FILE: is larger than 1048576 bytes; is it a configuration file?"
            )
        }
        let bomb = """
            a: &a [x, x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
            d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
            e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
            f: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
            """
        #expect(try WrittenConfiguration.read(bomb).warnings.first?.contains("after its aliases are expanded") == true)
        let absent = TelemetryConfiguration.environment(["OTEL_CONFIG_FILE": "/nowhere/otel.json"], reading: .file)
        #expect(absent.warnings.first == "/nowhere/otel.json: cannot be read: no such file or directory")
        #expect(absent.exporters.isEmpty)
    }

    @Test("without a reader one warning says what to do, nothing is exported, and redaction is on")
    func noReader() {
        let configuration = TelemetryConfiguration.environment(["OTEL_CONFIG_FILE": "/etc/otel.yaml"])
        #expect(
            configuration.warnings == [
                "OTEL_CONFIG_FILE: this program cannot read '/etc/otel.yaml', so nothing is exported. Add the product "
                    + "SpanKitConfigurationFile of the package SpanKit and start with .environment(reading: .file)."
            ]
        )
        #expect(configuration.exporters.isEmpty)
        #expect(configuration.metricReaders.isEmpty)
        #expect(configuration.redaction != nil)
        #expect(configuration.settings.map(\.source) == ["/etc/otel.yaml, which cannot be used"])
    }

    @Test("an exporter of gRPC is read with its own keys")
    func grpcExporter() throws {
        func exporter(_ keys: String) throws -> (OTLPExporter?, [String]) {
            let configuration = try WrittenConfiguration.read(
                Self.processors("- batch: {exporter: {otlp_grpc: {\(keys)}}}")
            )
            return (configuration.exporters.first?.receiver, configuration.warnings)
        }
        let (plain, warnings) = try exporter(
            "endpoint: 'collector:4317', tls: {insecure: true}, compression: gzip, timeout: 500, max_request_size: 1000, "
                + "headers: [{name: A, value: b}]"
        )
        #expect(warnings.isEmpty, "\(warnings)")
        #expect(plain?.url == "http://collector:4317" && plain?.protocol == .grpc && plain?.bodyBytes == 1_000)
        #expect(plain?.compression == .gzip() && plain?.timeout == .milliseconds(500) && plain?.headers.count == 1)
        #expect(try exporter("endpoint: 'collector:4317'").0?.url == "https://collector:4317")
        #expect(try exporter("").0?.url == "http://localhost:4317")
        let (path, warning) = try exporter("endpoint: 'http://x:4317/v1/traces', headers_list: 'grpc-a=secret'")
        #expect(path?.url == "http://x:4317" && path?.headers.isEmpty == true)
        #expect(warning.count == 2 && !warning.joined().contains("secret"), "\(warning)")
    }

    @Test(
        "unusual content is reported once and ignored",
        arguments: [
            (
                processors("\(console)\nthings: 1"),
                "FILE:5:1: things is not a known key and is ignored; the keys of the file are: file_format, stability, disabled"
            ),
            (
                processors("- simple: {exporter: {console: }, when: 1}"),
                "FILE:4:39: tracer_provider.processors[0].simple.when is not a known key and is ignored; the keys of tracer_provider.processors[0].simple are: exporter"
            ),
            (
                processors("\(console)\n    - batch: {exporter: {zipkin: {endpoint: 'http://x:9411'}}}"),
                "FILE:5:34: tracer_provider.processors[1].batch.exporter.zipkin is not supported and is left out; use otlp_http"
            ),
            (
                "file_format: \"1.7\"\ntracer_provider: {processors: [{simple: {exporter: {console: }}}]}",
                "FILE:1:14: file_format is '1.7', which is newer than 1.1; keys that are new in it are ignored"
            ),
            (
                processors("\(console)\n  sampler: {jaeger_remote/development: {initial_sampler: {always_off: }}}"),
                "gets its settings from a server, which is not supported; using its initial_sampler"
            ),
            (
                processors("\(console)\npropagator: {composite: [{ottrace: }, {tracecontext: }]}"),
                "has 'ottrace', which is not one of tracecontext, baggage, b3, b3multi, jaeger, xray, none; it is left out"
            ),
        ]
    )
    func warnings(text: String, expected: String) throws {
        let configuration = try WrittenConfiguration.read(text)
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings.first?.contains(expected) == true, "\(configuration.warnings)")
        #expect(configuration.exporters == [.console])
    }

    @Test("a URL from the command line overrides the file, with its other settings")
    func given() throws {
        let path = Self.folder.path("given.yaml")
        try Data(Self.whole.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = TelemetryConfiguration.environment(
            EnvironmentValues(["OTEL_EXPERIMENTAL_CONFIG_FILE": path, "KEY": "s3cret"]),
            otlpURL: "http://here:4318/v1/traces",
            reading: .file
        )
        #expect(configuration.exporters.count == 1)
        #expect(Self.otlp(configuration)?.url == "http://here:4318/v1/traces")
        #expect(Self.otlp(configuration)?.headers.count == 2)
        #expect(
            configuration.settings.filter { $0.kind == .endpoint } == [
                ResolvedSetting(.endpoint, "http://here:4318/v1/traces", source: "given")
            ]
        )
        #expect(configuration.settings.first?.source == "OTEL_EXPERIMENTAL_CONFIG_FILE")
    }

    @Test("no damaged file crashes the parser")
    func fuzz() throws {
        var random = SplitMix64(seed: 5)
        let whole = Array(Self.whole.utf8)
        let json = Array(
            #"{"file_format": "1.0", "disabled": "${A:-false}", "resource": {"attributes": [{"name": "é", "value": [1, -2.5e3, null]}]}}"#
                .utf8
        )
        for round in 0..<FuzzRounds.count / 20 {
            var bytes = round % 2 == 0 ? whole : json
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert("{}[]:,-\"'$ \n&*!|>#%@`".utf8.randomElement(using: &random) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                }
                if bytes.isEmpty { break }
            }
            let configuration = try WrittenConfiguration.read(bytes: bytes, ending: round % 2 == 0 ? "yaml" : "json")
            let broken = configuration.warnings.filter { $0.contains("\n") || $0.utf8.count > 2_000 }
            #expect(broken.isEmpty)
        }
    }
}
