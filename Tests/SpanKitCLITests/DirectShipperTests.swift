import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("Sending spans from files", .generousTimeLimit)
struct DirectShipperTests {
    /// Spans of a recorder that is gone.
    private func spans(_ count: Int) throws -> [RecordedSpan] {
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        defer { recorder.close() }
        for number in 0..<count {
            let span = recorder.begin("work")
            span.set("number", number)
            span.end()
        }
        return recorder.recordedSpans(consuming: true)
    }

    @Test("Every span is delivered or dropped, as the account says", arguments: Encoding.allCases)
    func account(encoding: Encoding) throws {
        // Of the bodies, of which there are several, one is refused.
        let refused = Locked(0)
        let server = try FaultServer { request, _ in
            guard request.numbers.contains(500) else { return .ok }
            refused.withLock { $0 = request.numbers.count }
            return .status(400)
        }
        defer { server.stop() }
        var exporter = OTLPExporter(url: "\(server.url)/v1/traces")
        exporter.encoding = encoding
        exporter.bodyBytes = 20_000
        let shipper = try #require(DirectShipper(exporter, patience: .generous, log: .silent))
        var batch = WireBatch(encoding, nil)
        var wires = WireEncoding()
        for span in try spans(1_000) {
            let decoded = DecodedSpan(resource: Resource(), scope: InstrumentationScope(name: "tests"), span: span)
            let wire = wires.wire(of: decoded)
            batch.add(try #require(wire), spanLimit: 8_192, byteLimit: exporter.bodyBytes) { body, count in
                #expect(body.count <= exporter.bodyBytes)
                #expect(shipper.send(body, spanCount: count))
            }
        }
        let rest = batch.spanCount
        #expect(shipper.send(batch.take(), spanCount: rest))
        #expect(shipper.progress.created == 1_000)
        let account = shipper.finish()
        #expect(shipper.progress.settled == 1_000)
        #expect(account.created == 1_000)
        #expect(account.isBalanced)
        let lost = refused.withLock { $0 }
        #expect(lost > 0 && lost < 1_000)
        #expect(account.destinations[0].exported == UInt64(1_000 - lost))
        #expect(account.destinations[0].dropped == [.status(400): UInt64(lost)])
        #expect(server.numbers.sorted() == Array(0..<1_000), "each once")
    }
}
