import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Testing

@testable import SpanKitShipping

@Suite("Redaction of console output")
struct ConsoleRedactionTests {
    private func lines(_ span: RecordedSpan, _ redaction: Redaction?) -> String {
        let encoder = Shipper.encoder(BodyFormat(.console), Resource(), InstrumentationScope(), redaction)
        let records = DetachedRecords()
        for _ in 0..<2 { records.append(span) }
        _ = encoder.encode(records, spanLimit: 10, byteLimit: .max)
        #expect(encoder.spanCount == 2)
        return String(decoding: encoder.bytes, as: UTF8.self)
    }

    @Test("control characters and bidirectional marks are replaced")
    func terminal() {
        for text in ["\u{1B}[2J", "\u{9B}2J", "\u{85}", "\u{7F}", "\u{202E}", "\u{2066}", "\u{2028}"] {
            var span = RecordedSpan(
                name: "a\(text)b",
                context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3)),
                startUnixNanoseconds: 1,
                endUnixNanoseconds: 2
            )
            span.attributes = [Attribute("k\(text)", .string("v\(text)"))]
            let shown = lines(span, nil)
            #expect(!shown.unicodeScalars.contains { $0 != "\n" && $0.steersTerminal }, "\(text.debugDescription)")
            #expect(shown.contains("a\u{FFFD}"))
        }
    }

    @Test("name, status, attributes of every type, events")
    func everywhere() throws {
        let canary = "canary-7@example.com"
        var span = RecordedSpan(
            name: "chat \(canary)",
            context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3)),
            startUnixNanoseconds: 1,
            endUnixNanoseconds: 2
        )
        span.status = .error("no answer for \(canary)")
        span.attributes = [
            Attribute("text", .string("a \(canary)")), Attribute("key \(canary)", 1.5),
            Attribute("map", .map([Attribute("of \(canary)", .array([.string(canary), .null]))])),
        ]
        span.events = [
            .init(name: "event \(canary)", unixNanoseconds: 2, attributes: [Attribute("e", .string(canary))])
        ]
        #expect(lines(span, nil).components(separatedBy: "canary").count > 12, "all of these are shown")
        let text = lines(span, .standard)
        #expect(!text.contains("canary"), "\(text)")
        #expect(text.components(separatedBy: "[redacted:email]").count > 12)
    }
}
