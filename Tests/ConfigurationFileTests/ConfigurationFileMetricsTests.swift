import SpanKit
import SpanKitConfigurationFile
import SpanKitShipping
import SpanKitTestSupport
import Testing

@Suite("meter_provider of configuration files")
struct ConfigurationFileMetricsTests {
    private static func file(_ provider: String) -> String {
        "file_format: \"1.0\"\nmeter_provider:\n"
            + provider.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(
                separator: "\n"
            )
    }

    @Test("readers, exemplar filter and views are read")
    func everything() throws {
        let configuration = try WrittenConfiguration.read(
            Self.file(
                """
                exemplar_filter: always_on
                readers:
                  - periodic:
                      interval: 5000
                      timeout: 2000
                      cardinality_limits: {default: 50}
                      exporter:
                        otlp_http:
                          temporality_preference: low_memory
                          default_histogram_aggregation: explicit_bucket_histogram
                  - periodic:
                      exporter:
                        otlp_file/development:
                          output_stream: file:///tmp/metrics.jsonl
                          temporality_preference: delta
                  - periodic:
                      exporter:
                        console:
                views:
                  - selector: {instrument_name: "http.*", instrument_type: histogram, unit: s, meter_name: spankit}
                    stream:
                      name: http
                      description: All.
                      aggregation:
                        explicit_bucket_histogram: {boundaries: [0.1, 1, 10], record_min_max: false}
                      aggregation_cardinality_limit: 7
                      attribute_keys: {included: [method, path], excluded: [path]}
                  - selector: {instrument_type: observable_up_down_counter}
                    stream: {aggregation: {drop: }}
                  - selector: {instrument_name: size}
                    stream: {aggregation: {base2_exponential_bucket_histogram: {max_scale: 4, max_size: 80}}}
                  - selector: {instrument_name: other}
                    stream: {aggregation: {explicit_bucket_histogram: }}
                """
            )
        )
        #expect(configuration.warnings == [])
        #expect(configuration.metrics.exemplarFilter == .alwaysOn && configuration.metrics.cardinalityLimit == 50)
        try #require(configuration.metricReaders.count == 3)
        let (otlp, file, console) = (
            configuration.metricReaders[0], configuration.metricReaders[1], configuration.metricReaders[2]
        )
        #expect(otlp.interval == .seconds(5) && otlp.timeout == .seconds(2))
        #expect(otlp.temporality == .lowMemory && otlp.histogramAggregation == .explicit)
        #expect(otlp.exporter.receiver?.encoding == .protobuf)
        #expect(file.exporter == .linesFile(LinesFileConfiguration(path: "/tmp/metrics.jsonl")))
        #expect(file.temporality == .delta && file.histogramAggregation == .exponential)
        #expect(console == MetricReaderConfiguration(.console))
        let views = configuration.metrics.views
        try #require(views.count == 4)
        #expect(
            views[0].selector == .init(instrumentName: "http.*", instrumentKind: .histogram, unit: "s")
                && views[0].stream.name == "http" && views[0].stream.description == "All."
        )
        #expect(views[0].stream.aggregation == .explicitBuckets([0.1, 1, 10], recordsMinMax: false))
        #expect(views[0].stream.cardinalityLimit == 7)
        #expect(views[0].stream.attributeKeys == .init(included: ["method", "path"], excluded: ["path"]))
        #expect(views[1].selector == .init(instrumentKind: .observableUpDownCounter))
        #expect(views[1].stream.aggregation == .drop)
        #expect(views[2].stream.aggregation == .exponentialBuckets(maximumBuckets: 80, maximumScale: 4))
        guard case .explicitBuckets(let bounds, true) = views[3].stream.aggregation else {
            Issue.record("\(views[3])")
            return
        }
        #expect(bounds.count == 15 && bounds.last == 10_000, "the bounds of the format")
    }

    @Test(
        "what has no effect is said",
        arguments: [
            (
                "readers: [{periodic: {exporter: {console: }, cardinality_limits: {default: 5, counter: 9}}}]",
                "FILE: SpanKit does not support meter_provider.readers[0].periodic.cardinality_limits.counter; ignored"
            ),
            (
                "views: [{selector: {meter_name: other}, stream: {name: x}}]",
                "FILE:3:35: meter_provider.views[0].selector.meter_name is 'other', but all instruments are made by 'spankit'; "
                    + "the view has no effect"
            ),
        ]
    )
    func warnings(provider: String, warning: String) throws {
        let configuration = try WrittenConfiguration.read(Self.file(provider))
        #expect(configuration.warnings == [warning])
        #expect(configuration.metrics.views.isEmpty)
    }

    @Test(
        "an error is reported with its place",
        arguments: [
            (
                "exemplar_filter: sometimes",
                "FILE:3:20: meter_provider.exemplar_filter is 'sometimes'; it has to be one of trace_based, always_on, always_off"
            ),
            (
                "views: [{stream: {name: x}}]",
                "FILE:3:11: meter_provider.views[0] has no selector; add one, such as selector: {instrument_name: \"*\"}"
            ),
            (
                "views: [{selector: {instrument_type: meter}}]",
                "FILE:3:40: meter_provider.views[0].selector.instrument_type is 'meter'; it has to be one of counter, up_down_counter, "
                    + "gauge, histogram, observable_counter, observable_up_down_counter, observable_gauge"
            ),
            (
                "views: [{selector: {instrument_name: a}, stream: {aggregation: {average: }}}]",
                "FILE:3:66: meter_provider.views[0].stream.aggregation is 'average', which is not an aggregation; use default, drop, sum, "
                    + "last_value, explicit_bucket_histogram or base2_exponential_bucket_histogram"
            ),
            (
                "readers: [{periodic: {exporter: {otlp_http: {temporality_preference: weekly}}}}]",
                "FILE:3:72: meter_provider.readers[0].periodic.exporter.otlp_http.temporality_preference is 'weekly'; it has to be one of "
                    + "cumulative, delta, low_memory, lowmemory"
            ),
            (
                "readers: [{periodic: {exporter: {zipkin: }}}]",
                "FILE:3:35: meter_provider.readers[0].periodic.exporter is 'zipkin', which is not an exporter; use otlp_http, "
                    + "otlp_grpc, otlp_file/development or console"
            ),
        ]
    )
    func errors(provider: String, error: String) throws {
        let configuration = try WrittenConfiguration.read(Self.file(provider))
        #expect(configuration.warnings.contains(error), "\(configuration.warnings)")
        #expect(configuration.metricReaders.isEmpty && configuration.exporters.isEmpty, "nothing is exported")
    }
}
