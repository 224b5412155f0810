import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Compressed bodies arrive at a real collector", .generousTimeLimit)
struct CompressedDeliveryTests {
    private static let sizes =
        Array(0...100) + [
            127, 128, 129, 255, 256, 257, 500, 511, 512, 513, 1_000, 1_024, 2_047, 2_048, 3_000, 4_096, 5_000,
        ]

    @Test("every batch size to 100 and some to 5,000", .needs(.rotel), arguments: Encoding.allCases)
    func sizes(encoding: Encoding) async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        var configuration = RecordingConfiguration()
        configuration.logBytes = 16 * 1_024 * 1_024
        let recorder = try #require(Recorder.make(configuration))
        defer { recorder.close() }
        var exporter = OTLPExporter(url: "\(rotel.url)/v1/traces")
        exporter.encoding = encoding
        let client = try #require(OTLPClient(exporter, .traces))
        let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "tests"))
        let compressor = GzipCompressor(level: 1)
        var random = SplitMix64(seed: 26)
        var compressedCount = 0
        for size in Self.sizes {
            if size > 0 { RandomSpans.recordTypical(recorder, shapes: 12, spans: size - 1, &random) }
            recorder.consume(encoder.encode(recorder, spanLimit: .max, byteLimit: .max))
            #expect(encoder.spanCount == size)
            // Small bodies are compressed as well, which the shipper does not do.
            let compressed = compressor.compress(encoder.bytes, hints: encoder.hints)
            if compressed != nil { compressedCount += 1 }
            let body = Body(
                compressed ?? Array(encoder.bytes),
                encoding,
                isCompressed: compressed != nil,
                spanCount: size
            )
            let answer = client.answer(to: body, timeout: .generous)
            #expect(answer.status == 200 && answer.failure == nil, "\(size) spans: \(answer)")
        }
        #expect(compressedCount > Self.sizes.count - 4)
        let all = Self.sizes.reduce(0, +)
        try await eventually("rotel prints \(all) spans", rotel.spanCount) { $0 >= all }
        #expect(rotel.spanCount == all)
    }

    @Test("every file that a spool keeps is read by zcat, and has the spans that its name says")
    func spool() async throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let closed = try RefusedPort()
        let run = try ShippingRun(
            [.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))],
            batch: .onDemand,
            spool: SpoolConfiguration(directory: folder.path("spool"))
        )
        for count in [1, 2, 3, 10, 100, 512, 2_000] {
            run.record(count)
            _ = run.flush(.milliseconds(200))
        }
        run.shutdown(.seconds(1))
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path("spool"))
            .filter { $0.hasSuffix(".json.gz") }
        #expect(!files.isEmpty)
        for file in files {
            let command = try await Command.run(program: "/bin/zcat", [folder.path("spool/\(file)")])
            #expect(command.status == 0, "\(file): \(command.error)")
            let request = try #require(
                JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any],
                "\(file)"
            )
            let resources = try #require(request["resourceSpans"] as? [[String: Any]])
            let scopes = resources.flatMap { $0["scopeSpans"] as? [[String: Any]] ?? [] }
            let spans = scopes.flatMap { $0["spans"] as? [[String: Any]] ?? [] }
            #expect(file.hasSuffix("-\(spans.count).json.gz"), "\(file)")
        }
    }
}
