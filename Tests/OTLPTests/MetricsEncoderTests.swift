import OTLP
import Percentiles
import Recording
import TestSupport
import Testing

@Suite("Metrics become the bytes that OTLP receivers take")
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
                points: [.init(.histogram(histogram)), .init(.histogram(ExponentialHistogram()))]
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

    @Test("byte for byte")
    func golden() throws {
        try Golden.expect(String(decoding: encode(.json), as: UTF8.self), "metrics.json")
    }

    @Test("the official definitions read them, and JSON and protobuf say the same", .needs(.codecs))
    func official() async throws {
        let verdict = try await ProtobufJudge.judge([.json(encode(.json)), .protobuf(encode(.protobuf))], as: .metrics)
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints)")
        #expect(verdict.messages.count == 2)
        #expect(verdict.messages.first == verdict.messages.last)
    }
}
