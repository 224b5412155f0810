import SpanKitInputs
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitOTLP

@Suite("Redaction of records from damaged files")
struct DamagedRecordTests {
    /// Hands out one record as often as it is asked.
    private final class OneRecord: SpanSource, @unchecked Sendable {
        // Sendable because a test's one thread changes it between two readings.
        var payload: [UInt8] = []
        var header: SpanHeader?
        var anchor: ClockAnchor?

        func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
            payload.withUnsafeBytes { bytes in
                if let header, let anchor { _ = body(SpanRecord(header: header, payload: bytes, anchor: anchor)) }
            }
            return []
        }

        func consume(_ stretches: [LogStretch]) {}
        func scope(of number: UInt32) -> InstrumentationScope? { nil }
        func text(of number: UInt32) -> UnsafeRawBufferPointer { .empty }
    }

    @Test("damaged records do not trap, and redaction keeps what the encoder would encode")
    func flippedBytes() throws {
        var original = RecordedSpan.everything
        original.attributes.append(Attribute("mail", "canary-7@example.com"))
        let records = DetachedRecords()
        records.append(original)
        let source = OneRecord()
        var whole: [UInt8] = []
        _ = records.read { record in
            whole = Array(record.payload)
            source.header = record.header
            source.anchor = record.anchor
            return true
        }
        var random = SplitMix64(seed: 5)
        let redaction = Redaction([.detectors(.all), .attributes(["arr", "i"], .length)])
        let encoders = Encoding.allCases.map { encoding in
            RedactingEncoder(TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope()), redaction)
        }
        for _ in 0..<FuzzRounds.count {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            source.payload = bytes
            for encoder in encoders {
                _ = encoder.encode(source, spanLimit: 1, byteLimit: .max)
                #expect(encoder.spanCount == 1)
            }
        }
        source.payload = whole
        _ = encoders[0].encode(source, spanLimit: 1, byteLimit: .max)
        let text = String(decoding: encoders[0].bytes, as: UTF8.self)
        #expect(!text.contains("canary") && text.contains("[redacted:email]"))
    }
}
