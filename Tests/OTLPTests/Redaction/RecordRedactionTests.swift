import Foundation
import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitOTLP

@Suite("Everything that is encoded has been redacted")
struct RecordRedactionTests {
    private static let canary = "canary-7@example.com"
    private static let mark = "[redacted:email]"

    /// A span with a text in every place a text can have.
    private func span(_ text: String, traceState: String) -> RecordedSpan {
        var span = RecordedSpan.everything
        span.name = "chat \(text)"
        span.context.traceState = traceState
        span.status = .error("no answer for \(text)")
        span.attributes = [
            Attribute("plain", "stays"), Attribute("i", 7), Attribute("text", .string("a \(text) z")),
            Attribute("key \(text)", 1.5),
            Attribute("list", .array([.string(text), 1, .array([.map([Attribute("k", .string(text))]), .null])])),
            Attribute("map", .map([Attribute("of \(text)", true), Attribute("v", .string(text))])),
            Attribute("bytes", .bytes(Array(text.utf8))), Attribute("empty", .array([])), Attribute("last", "stays"),
        ]
        span.events = [
            .init(
                name: "event \(text)",
                unixNanoseconds: 2,
                attributes: [Attribute("exception.message", .string(text))]
            ),
            .init(name: "plain", unixNanoseconds: 3, attributes: [Attribute("k \(text)", .bool(true))]),
        ]
        span.links = [
            .init(
                context: SpanContext(
                    traceID: span.context.traceID,
                    spanID: span.context.spanID,
                    traceState: traceState
                ),
                attributes: [Attribute("why", .string(text))]
            )
        ]
        return span
    }

    private func body(_ spans: [RecordedSpan], _ encoding: Encoding, _ redaction: Redaction?) -> [UInt8] {
        let plain = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope())
        let encoder: any SpanEncoder = redaction.map { RedactingEncoder(plain, $0) } ?? plain
        let records = DetachedRecords()
        for span in spans { records.append(span) }
        _ = encoder.encode(records, spanLimit: 1_000, byteLimit: .max)
        #expect(encoder.spanCount == spans.count)
        return Array(encoder.bytes)
    }

    @Test(
        "in every field of every type, the canary is replaced and everything else is unchanged",
        arguments: Encoding.allCases
    )
    func everywhere(encoding: Encoding) {
        let dirty = span(Self.canary, traceState: "vendor=\(Self.canary)")
        let clean = span(Self.mark, traceState: "")
        #expect(
            body([dirty, .everything, dirty], encoding, .standard) == body([clean, .everything, clean], encoding, nil)
        )
    }

    @Test("a body without matches is unchanged", arguments: Encoding.allCases)
    func nothingFound(encoding: Encoding) {
        let spans: [RecordedSpan] = [.everything, .smallest]
        #expect(body(spans, encoding, .standard) == body(spans, encoding, nil))
    }

    @Test("names and keys in the recorder's string table are also redacted", arguments: Encoding.allCases)
    func interned(encoding: Encoding) throws {
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        defer { recorder.close() }
        for _ in 0..<3 {
            let span = recorder.begin("step ann@example.com")
            span.set("user ann@example.com", 7)
            span.set("plain", "ann@example.com")
            span.addEvent("seen ann@example.com")
            span.end()
        }
        let encoder = RedactingEncoder(
            TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope()),
            .standard
        )
        recorder.consume(encoder.encode(recorder, spanLimit: 10, byteLimit: .max))
        let text = String(decoding: encoder.bytes, as: UTF8.self)
        #expect(!text.contains("example.com"))
        for place in ["step [redacted:email]", "user [redacted:email]", "seen [redacted:email]"] {
            #expect(text.components(separatedBy: place).count == 4, "\(place)")
        }
    }

    @Test("attribute rules redact whole values, including numbers and nested values, by key or prefix")
    func byKey() throws {
        var span = RecordedSpan.smallest
        span.attributes = [
            Attribute("user.id", 4_711), Attribute("user.name", "Ann"), Attribute("username", "Ann"),
            Attribute("gen_ai.input.messages", .array(["a", 2, .map([Attribute("role", "user")])])),
            Attribute("map", .map([Attribute("user.age", 7.5), Attribute("other", 1)])),
        ]
        let redaction = Redaction([
            .attributes(["user.*"]), .attributes(["gen_ai.input.messages"], .length), .detectors(.all, .length),
        ])
        var expected = span
        expected.attributes = [
            Attribute("user.id", "[redacted:attribute]"), Attribute("user.name", "[redacted:attribute]"),
            Attribute("username", "Ann"),
            Attribute(
                "gen_ai.input.messages",
                .array([
                    "[redacted:attribute 1 characters]", "[redacted:attribute 1 characters]",
                    .map([Attribute("role", "[redacted:attribute 4 characters]")]),
                ])
            ),
            Attribute("map", .map([Attribute("user.age", "[redacted:attribute]"), Attribute("other", 1)])),
        ]
        #expect(body([span], .json, redaction) == body([expected], .json, nil))
        let resource = Redactor(redaction).resource(Resource(attributes: span.attributes))
        #expect(resource.attributes == expected.attributes, "resources by the same rules")
    }

    @Test("functions can change or keep a text; if they throw or are slow, the text is replaced")
    func functions() {
        struct Broken: Error {}
        func redacted(_ text: String, _ body: @escaping @Sendable (String, String) throws -> String?) -> String {
            var redaction = Redaction([.function(named: "own", body), .detectors(.emails)])
            redaction.timeLimit = .generous
            return Redactor(redaction).text(text, key: "note")
        }
        #expect(redacted("CANARY") { key, text in key == "note" ? text.lowercased() : nil } == "canary")
        #expect(redacted("to ann@example.com") { _, _ in nil } == "to [redacted:email]", "the detectors look after it")
        #expect(redacted("x") { _, _ in "ann@example.com" } == "[redacted:email]", "also at what it made")
        #expect(redacted("CANARY") { _, _ in throw Broken() } == "[redacted:own failed]")
    }

    @Test("a function that is too slow too often is no longer called, and its texts are replaced")
    func slowFunction() {
        let calls = Locked(0)
        var redaction = Redaction([
            .function(named: "own") { _, _ in
                calls.withLock { $0 += 1 }
                let end = ContinuousClock.now + .milliseconds(2)
                while ContinuousClock.now < end {}
                return nil
            }
        ])
        redaction.timeLimit = .milliseconds(1)
        let redactor = Redactor(redaction)
        for _ in 0..<100 { #expect(redactor.text("CANARY") == "[redacted:own failed]") }
        #expect(calls.withLock { $0 } == 3)
    }

    @Test(
        "with canaries at random places and a function that throws, no canary is encoded and the body is well-formed",
        arguments: Encoding.allCases
    )
    func throwing(encoding: Encoding) throws {
        struct Broken: Error {}
        let redaction = Redaction([
            .function(named: "own") { _, text in if text.contains("CANARY") { throw Broken() } else { nil } }
        ])
        let body = body([span("CANARY", traceState: "v=CANARY")], encoding, redaction)
        #expect(!String(decoding: body, as: UTF8.self).contains("CANARY"))
        #expect(!String(decoding: body, as: UTF8.self).contains("Q0FOQVJZ"), "nor in base64")
        if encoding == .json {
            var decoder = TraceDecoder()
            var spans = 0
            decoder.decode(body) { _ in spans += 1 }
            decoder.finish { _ in spans += 1 }
            #expect(spans == 1 && decoder.problemCount == 0)
        }
    }

    @Test("a value nested too deeply to be written is not encoded", arguments: Encoding.allCases)
    func deep(encoding: Encoding) {
        var value = AttributeValue.string(Self.canary)
        for _ in 0..<150 { value = .array([value]) }
        var span = RecordedSpan.smallest
        span.attributes = [Attribute("deep", value)]
        #expect(!String(decoding: body([span], encoding, .standard), as: UTF8.self).contains("canary"))
    }
}
