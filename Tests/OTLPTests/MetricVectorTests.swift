import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Metrics of all kinds are as the official definitions have them")
struct MetricVectorTests {
    private static func encode(
        _ metrics: [Metric],
        _ encoding: Encoding,
        resource: Resource = Resource(),
        scope: InstrumentationScope = InstrumentationScope(name: "lib")
    ) -> [UInt8] {
        MetricsEncoder.encode(
            metrics,
            encoding,
            resource: resource,
            scope: scope,
            startUnixNanoseconds: 1,
            unixNanoseconds: 2_000
        )
    }

    @Test("the vector with all kinds of metrics is encoded as the same message, in JSON and protobuf", .needs(.codecs))
    func vector() async throws {
        let text = try Golden.text("metrics_all_types.json")
        // Facts that only a reader of Prometheus needs; they are never written.
        let metadata = #","metadata":[{"key":"prometheus.type","value":{"stringValue":"counter"}}]"#
        #expect(text.contains(metadata))
        let schema = "https://opentelemetry.io/schemas/1.44.0"
        let resource = Resource(
            attributes: [Attribute("service.name", "ferry"), Attribute("service.instance.id", "pier-7")],
            schemaURL: schema
        )
        let scope = InstrumentationScope(name: "ferry.metrics", version: "2.1.0", schemaURL: schema)
        let file = PackageFiles.url("Tests/SpanKitInputsTests/Golden/metrics_all_types.pb.hex")
        let hex = try String(contentsOf: file, encoding: .utf8).filter { !$0.isWhitespace }
        let verdict = try await ProtobufJudge.judge(
            [
                .json(Array(text.replacing(metadata, with: "").utf8)),
                .json(Self.encode(FerryMetrics.all, .json, resource: resource, scope: scope)),
                .protobuf(Self.encode(FerryMetrics.all, .protobuf, resource: resource, scope: scope)),
                .json(Array(text.utf8)), .protobuf(try #require(Self.bytes(hex: hex))),
            ],
            as: .metrics
        )
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints)")
        try #require(verdict.messages.count == 5)
        #expect(verdict.messages[1] == verdict.messages[0], "JSON")
        #expect(verdict.messages[2] == verdict.messages[0], "protobuf")
        #expect(verdict.messages[3] == verdict.messages[4], "both forms of the vector")
        let count = FerryMetrics.all.count
        for (position, metric) in FerryMetrics.all.enumerated() {
            #expect(verdict.metrics[position] == JudgedMetric(metric, start: 1, time: 2_000))
            #expect(verdict.metrics[position + count] == verdict.metrics[position])
        }
    }

    @Test("10,000 random metrics keep all values in JSON and protobuf", .needs(.codecs))
    func randomMetrics() async throws {
        var random = SplitMix64(seed: 19)
        let metrics = (0..<10_000).map { _ in RandomMetrics.metric(&random) }
        let verdict = try await ProtobufJudge.judge(
            [.json(Self.encode(metrics, .json)), .protobuf(Self.encode(metrics, .protobuf))],
            as: .metrics
        )
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints.prefix(5))")
        #expect(verdict.messages.count == 2 && verdict.messages.first == verdict.messages.last)
        try #require(verdict.metrics.count == 20_000)
        for (position, metric) in metrics.enumerated() {
            let expected = JudgedMetric(metric, start: 1, time: 2_000)
            for offset in [0, 10_000] where verdict.metrics[position + offset] != expected {
                Issue.record("metric \(position) differs:\n\(verdict.metrics[position + offset])\n\(expected)")
                return
            }
        }
    }

    @Test("rotel takes the metrics", .needs(.rotel), arguments: Encoding.allCases)
    func rotel(encoding: Encoding) async throws {
        let rotel = try await Receiver.rotel()
        var random = SplitMix64(seed: 20)
        // Its JSON reader does not know the texts that stand for infinities.
        let metrics = (0..<200).map { _ in RandomMetrics.metric(&random) }
            .filter { metric in
                let text = String(decoding: Self.encode([metric], .json), as: UTF8.self)
                return encoding == .protobuf || !text.contains("\"NaN\"") && !text.contains("Infinity\"")
            }
        #expect(metrics.count > 20)
        for metrics in [FerryMetrics.all, metrics] {
            let answer = try HTTPExchange(
                "POST",
                port: rotel.port,
                path: "/v1/metrics",
                headers: ["Content-Type: \(encoding.contentType)"],
                body: Self.encode(metrics, encoding)
            )
            #expect(answer.status == 200, "\(encoding): \(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0..<$0 + 2] }
        let bytes = pairs.compactMap { UInt8(String(decoding: $0, as: UTF8.self), radix: 16) }
        return bytes.count * 2 == digits.count ? bytes : nil
    }
}
