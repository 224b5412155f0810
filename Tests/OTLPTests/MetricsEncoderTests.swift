import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("Metrics are encoded as OTLP")
struct MetricsEncoderTests {
    private let resource = Resource(attributes: [Attribute("service.name", "svc")])
    private let scope = InstrumentationScope(name: "lib")

    private var metrics: [Metric] {
        var histogram = ExponentialHistogram()
        for nanoseconds: UInt64 in [0, 1_500_000, 2_000_000, 2_000_001, 900_000_000] {
            histogram.record(nanoseconds: nanoseconds)
        }
        return [
            Metric(
                "c",
                description: "d",
                unit: "{span}",
                kind: .sum(isMonotonic: true),
                points: [.init(.int(5), attributes: [Attribute("k", "v")]), .init(.int(0))]
            ),
            Metric("g", description: "", unit: "1", kind: .gauge, points: [.init(.double(1.5)), .init(.double(.nan))]),
            Metric(
                "e",
                description: "",
                unit: "s",
                kind: .exponentialHistogram,
                points: [
                    .init(.exponentialHistogram(histogram)), .init(.exponentialHistogram(ExponentialHistogram())),
                ]
            ),
        ]
    }

    private func encode(_ encoding: Encoding) -> [UInt8] {
        MetricsEncoder.encode(
            metrics,
            encoding,
            resource: resource,
            scope: scope,
            startUnixNanoseconds: 1,
            unixNanoseconds: 1_700_000_000_000_000_001
        )
    }

    @Test("the JSON body has the expected bytes")
    func golden() throws {
        try Golden.expect(String(decoding: encode(.json), as: UTF8.self), "metrics.json")
    }

    @Test("the official definitions read JSON and protobuf as the same metrics", .needs(.codecs))
    func official() async throws {
        let verdict = try await ProtobufJudge.judge([.json(encode(.json)), .protobuf(encode(.protobuf))], as: .metrics)
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints)")
        #expect(verdict.messages.count == 2)
        #expect(verdict.messages.first == verdict.messages.last)
    }

    @Test("fixed-bound histograms and summaries are encoded in JSON and protobuf", .needs(.codecs))
    func fixedBounds() async throws {
        let histogram = ExplicitHistogram(bounds: [0.5, 1], cumulativeCounts: [1, 3], count: 7, sum: 9.25)
        let summary = QuantileSummary(quantiles: [.init(0.5, .nan), .init(0.99, 2)], count: 3, sum: 1)
        let metrics = [
            Metric(
                "h",
                description: "",
                unit: "s",
                kind: .histogram,
                points: [.init(.histogram(histogram), attributes: [Attribute("k", "v")])]
            ),
            Metric(
                "s",
                description: "",
                unit: "s",
                kind: .summary,
                points: [.init(.summary(summary), attributes: [Attribute("k", "v")])]
            ),
            Metric("u", description: "", unit: "", kind: .unknown, points: [.init(.double(1))]),
        ]
        let bodies = Encoding.allCases.map { encoding in
            MetricsEncoder.encode(
                metrics,
                encoding,
                resource: resource,
                scope: scope,
                startUnixNanoseconds: 1,
                unixNanoseconds: 2
            )
        }
        let json = String(decoding: bodies[0], as: UTF8.self)
        let bounds =
            #""count":"7","sum":9.25,"bucketCounts":["1","2","4"],"explicitBounds":[0.5,1.0]}],"aggregationTemporality":2}"#
        #expect(json.contains(bounds))
        #expect(json.contains(#""quantileValues":[{"quantile":0.5,"value":"NaN"},{"quantile":0.99,"value":2.0}]}]}"#))
        let verdict = try await ProtobufJudge.judge([.json(bodies[0]), .protobuf(bodies[1])], as: .metrics)
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints)")
        #expect(verdict.messages.count == 2)
        #expect(verdict.messages.first == verdict.messages.last)
    }
}
