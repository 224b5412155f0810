import SpanKit
import SpanKitTestSupport
import Testing

/// The files that OpenTelemetry shows its format with (open-telemetry/opentelemetry-configuration, `examples` and `snippets`), written
/// shorter: what people begin with has to work as it is.
@Suite("The format's own examples")
struct ConfigurationFileExamplesTests {
    private static let gettingStarted = """
        file_format: '1.0'
        resource:
          attributes_list: ${OTEL_RESOURCE_ATTRIBUTES}
          detection/development: {detectors: [{service: }, {host: }, {process: }, {container: }]}
        propagator: {composite: [{tracecontext: }, {baggage: }]}
        tracer_provider:
          processors:
            - batch: {exporter: {otlp_http: {endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}/v1/traces"}}}
          sampler: {parent_based: {root: {always_on: }}}
        meter_provider:
          readers:
            - periodic: {exporter: {otlp_http: {endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}/v1/metrics"}}}
        logger_provider:
          processors:
            - batch: {exporter: {otlp_http: {endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}/v1/logs"}}}
        """

    private static let migration = """
        file_format: "1.1"
        disabled: ${OTEL_SDK_DISABLED:-false}
        log_level: info
        resource:
          attributes:
            - {name: service.name, value: "${OTEL_SERVICE_NAME:-unknown_service}"}
          attributes_list: ${OTEL_RESOURCE_ATTRIBUTES}
        attribute_limits:
          attribute_value_length_limit: ${OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT}
          attribute_count_limit: ${OTEL_ATTRIBUTE_COUNT_LIMIT:-128}
        propagator:
          composite_list: ${OTEL_PROPAGATORS:-tracecontext,baggage}
        tracer_provider:
          processors:
            - batch:
                schedule_delay: ${OTEL_BSP_SCHEDULE_DELAY:-5000}
                export_timeout: ${OTEL_BSP_EXPORT_TIMEOUT:-30000}
                max_queue_size: ${OTEL_BSP_MAX_QUEUE_SIZE:-2048}
                max_export_batch_size: ${OTEL_BSP_MAX_EXPORT_BATCH_SIZE:-512}
                exporter:
                  otlp_http:
                    endpoint: ${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}/v1/traces
                    tls:
                      ca_file: ${OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE}
                      key_file: ${OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY}
                      cert_file: ${OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE}
                    compression: ${OTEL_EXPORTER_OTLP_TRACES_COMPRESSION:-gzip}
                    timeout: ${OTEL_EXPORTER_OTLP_TRACES_TIMEOUT:-10000}
                    headers_list: ${OTEL_EXPORTER_OTLP_TRACES_HEADERS}
          limits:
            attribute_value_length_limit: ${OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT}
            attribute_count_limit: ${OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT:-128}
            event_count_limit: ${OTEL_SPAN_EVENT_COUNT_LIMIT:-128}
            link_attribute_count_limit: ${OTEL_LINK_ATTRIBUTE_COUNT_LIMIT:-128}
          sampler:
            parent_based:
              root: {always_on: }
              remote_parent_sampled: {always_on: }
              remote_parent_not_sampled: {always_off: }
              local_parent_sampled: {always_on: }
              local_parent_not_sampled: {always_off: }
        meter_provider:
          readers:
            - periodic:
                interval: ${OTEL_METRIC_EXPORT_INTERVAL:-60000}
                timeout: ${OTEL_METRIC_EXPORT_TIMEOUT:-30000}
                exporter:
                  otlp_http:
                    endpoint: ${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}/v1/metrics
                    temporality_preference: ${OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE:-cumulative}
          exemplar_filter: ${OTEL_METRICS_EXEMPLAR_FILTER:-trace_based}
        """

    private static let kitchenSink = """
        file_format: "1.1"
        propagator: {composite: [{tracecontext: }, {baggage: }, {b3: }]}
        tracer_provider:
          processors:
            - batch: {exporter: {otlp_http: {endpoint: http://localhost:4318/v1/traces}}}
            - batch: {exporter: {otlp_grpc: {endpoint: http://localhost:4317}}}
            - batch: {exporter: {otlp_file/development: {output_stream: stdout}}}
            - simple: {exporter: {console: }}
          sampler:
            parent_based:
              root: {trace_id_ratio_based: {ratio: 0.0001}}
              remote_parent_sampled: {always_on: }
              remote_parent_not_sampled: {probability/development: {ratio: 0.01}}
              local_parent_sampled: {composite/development: {probability: {ratio: 0.001}}}
              local_parent_not_sampled: {always_off: }
          tracer_configurator/development: {default_config: {disabled: true}}
        meter_provider:
          readers:
            - pull: {exporter: {prometheus/development: {port: 9464}}}
            - periodic: {exporter: {otlp_http: {endpoint: http://localhost:4318/v1/metrics}}}
            - periodic: {exporter: {console: }}
        resource:
          attributes:
            - {name: string_key, value: value, type: string}
            - {name: bool_key, value: true, type: bool}
            - {name: double_array_key, value: [1.1, 2.2], type: double_array}
          attributes_list: "service.namespace=my-namespace,service.version=1.0.0"
          detection/development:
            attributes: {included: [process.*], excluded: [process.command_args]}
            detectors: [{container: }, {host: }, {process: }, {service: }]
          schema_url: https://opentelemetry.io/schemas/1.16.0
        instrumentation/development: {general: {peer: }, swift: {example: {property: value}}}
        """

    @Test(
        "the examples are read, and unsupported parts are reported",
        arguments: [
            (gettingStarted, []),
            (
                migration,
                [
                    "FILE: SpanKit does not support log_level; ignored"
                ]
            ),
            (
                kitchenSink,
                [
                    "FILE:5:5: tracer_provider.processors have different delays or sizes; all exporters use those of the first",
                    "FILE: SpanKit does not support instrumentation/development, tracer_provider.tracer_configurator/development, meter_provider.readers[0].pull; ignored",
                ]
            ),
        ]
    )
    func read(text: String, warnings: [String]) throws {
        let configuration = try WrittenConfiguration.read(text)
        #expect(configuration.warnings.sorted() == warnings.sorted())
        #expect(
            configuration.exporters.contains {
                if case .otlp(let otlp) = $0 { otlp.url == "http://localhost:4318/v1/traces" } else { false }
            }
        )
        #expect(
            configuration.metricReaders.compactMap(\.exporter.receiver?.url) == ["http://localhost:4318/v1/metrics"]
        )
        let isKitchenSink = text == Self.kitchenSink
        let overGRPC = configuration.exporters.compactMap(\.receiver).filter { $0.protocol == .grpc }
        #expect(overGRPC.map(\.url) == (isKitchenSink ? ["http://localhost:4317"] : []))
        #expect(configuration.propagators == (isKitchenSink ? [.traceContext, .baggage, .b3] : .default))
    }

    @Test("the migration example reads the environment variables")
    func variables() throws {
        let configuration = try WrittenConfiguration.read(
            Self.migration,
            [
                "OTEL_SDK_DISABLED": "true", "OTEL_SERVICE_NAME": "coach",
                "OTEL_RESOURCE_ATTRIBUTES": "a=b,service.name=x",
                "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "99", "OTEL_PROPAGATORS": "tracecontext",
                "OTEL_BSP_SCHEDULE_DELAY": "7",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_METRIC_EXPORT_INTERVAL": "500",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "key=value",
            ]
        )
        #expect(configuration.isDisabled)
        #expect(configuration.resource["service.name"] == "coach" && configuration.resource["a"] == "b")
        #expect(configuration.recording.limits.attributeValueLength == 99)
        #expect(configuration.propagators == .traceContext)
        #expect(configuration.batch.scheduleDelay == .milliseconds(7))
        #expect(configuration.metricReaders.first?.interval == .milliseconds(500))
        guard case .otlp(let otlp)? = configuration.exporters.first else {
            Issue.record("no exporter")
            return
        }
        #expect(otlp.url == "http://collector:4318/v1/traces")
        #expect(otlp.headers == [HTTPHeader(name: "key", value: "value")])
    }

    @Test("a file of version 1.2 is read with one warning")
    func withoutSuffixes() throws {
        let newer = try WrittenConfiguration.read(
            Self.kitchenSink.replacing("/development", with: "").replacing(
                "\"1.1\"",
                with: "\"1.2\"\nstability: development"
            )
        )
        let older = try WrittenConfiguration.read(Self.kitchenSink)
        #expect(newer.warnings.count == older.warnings.count + 1)
        #expect(newer.warnings.first?.contains("is newer than 1.1") == true)
        #expect(newer.recording.sampler.description == older.recording.sampler.description)
        #expect(newer.exporters == older.exporters)
        #expect(newer.resource["process.pid"] != nil)
    }
}
