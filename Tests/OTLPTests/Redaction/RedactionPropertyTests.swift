import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitOTLP

/// Most of a record is only glanced at: what is usual is read in place, texts in which no detector can find anything are skipped,
/// names and keys are looked at once. None of that may decide what leaves.
@Suite("Fast paths for typical spans skip only what a full check would pass")
struct RedactionPropertyTests {
    private static let pieces = [
        "ann@example.com", "a%40b.co", "+14155552671", "(415) 555-2671", "1 415 555 2671", "1-415-555-2671",
        "0049 30 1234567",
        "4111 1111 1111 1111", "4111111111111111", "sk-ant-api03-AbCdEf0123456789", "sk--0123456789abcdef",
        "AKIAIOSFODNN7EXAMPLE", "AIzaSyA-1234567890abcdefghijklmnopqrstu", "SG.ngeVfQFYQlKU0ufo8x5d1A",
        "Bearer abc.def-123456", "bAsIc dXNlcjpwYXNzd29yZA==", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNry",
        "-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----", "https://u:p@h/x", "://a@", "ACME-123456",
    ]
    /// What comes close: the starts and middles of the above, and what usual texts are full of.
    private static let crumbs = [
        "@", "%4", "+", "1", "12", "123", "2026-11-24", "0.3", "9:30", "-", "_", ".", "--", "A", "AK", "J", "eyJ", "be",
        "bea",
        "Basic ", "sk-", "pk_", "://", "\\u00e9", "\\n", "\\", "é", "🎯", "e\u{301}", "[redacted:email]",
    ]

    private static func text(_ random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: text += pieces.randomElement(using: &random) ?? ""
            case 1, 2, 3: text += crumbs.randomElement(using: &random) ?? ""
            case 4: text += HostileText.make(&random, 0...20)
            case 5: text += String(repeating: "word ", count: Int.random(in: 0...8, using: &random))
            case 6: text += String((pieces.randomElement(using: &random) ?? "").dropFirst(2).dropLast(2))
            default: text += " "
            }
        }
        return text
    }

    private static func value(_ random: inout SplitMix64, depth: Int = 0) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 3 ? 10 : 6), using: &random) {
        case 0: .int(Int64.random(in: .min ... .max, using: &random))
        case 1: .double(Double.random(in: -1e6...1e6, using: &random))
        case 2: .bool(Bool.random(using: &random))
        case 3: .bytes(Array(text(&random).utf8))
        case 4, 5: .string(text(&random))
        case 6: .null
        case 7, 8: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            .map(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    Attribute(text(&random), value(&random, depth: depth + 1))
                }
            )
        }
    }

    /// Records a span with texts anywhere.
    private static func record(_ recorder: Recorder, _ random: inout SplitMix64) {
        let keys = ["okr.phase", "user.id", "note", pieces.randomElement(using: &random) ?? "", text(&random)]
        let span = recorder.begin(named: Bool.random(using: &random) ? "step_2_load_messages" : text(&random))
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            span.set(keys.randomElement(using: &random) ?? "", value(&random))
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            span.addEvent(text(&random), attributes: [keys.randomElement(using: &random) ?? "": value(&random)])
        }
        if Int.random(in: 0..<6, using: &random) == 0 { span.setStatus(.error(text(&random))) }
        span.end()
    }

    /// A function that leaves all as it is: with one, every text takes the long way.
    private static func thoroughly(_ redaction: Redaction) -> Redaction {
        var redaction = redaction
        redaction.rules.append(.function(named: "none") { _, _ in nil })
        redaction.timeLimit = .seconds(60)
        return redaction
    }

    static let redactions: [[Redaction.Rule]] = [
        [.detectors(.all)], [.detectors(.all, .hash)], [.detectors([.emails, .paymentCards], .length)],
        [.detectors(.all, .truncate(to: 3)), .attributes(["user.*", "ann@example.com"], .truncate(to: 1))],
        [.attributes(["okr.phase"], .length)],
    ]

    @Test(
        "spans with hostile texts, with every mode, attribute rules and patterns",
        arguments: Encoding.allCases,
        redactions.indices
    )
    func records(encoding: Encoding, number: Int) throws {
        var redaction = Redaction(Self.redactions[number])
        if number == 2 { redaction.rules.append(.pattern(try Redaction.Pattern("ACME-[0-9]{6}"), named: "own")) }
        redaction.timeLimit = .seconds(60)
        let encoders = [redaction, Self.thoroughly(redaction)].map {
            RedactingEncoder(TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope()), $0)
        }
        var random = SplitMix64(seed: UInt64(number))
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        defer { recorder.close() }
        var redactedBodies = 0
        for _ in 0..<FuzzRounds.count / 200 {
            for _ in 0..<10 { Self.record(recorder, &random) }
            _ = encoders[0].encode(recorder, spanLimit: .max, byteLimit: .max)
            recorder.consume(encoders[1].encode(recorder, spanLimit: .max, byteLimit: .max))
            #expect(encoders[0].spanCount == 10)
            #expect(encoders[0].bytes.elementsEqual(encoders[1].bytes))
            if String(decoding: encoders[0].bytes, as: UTF8.self).contains("redacted:") { redactedBodies += 1 }
        }
        #expect(redactedBodies > FuzzRounds.count / 400, "the texts had something to find")
    }

    @Test("a match is found at any offset and at the end of a text")
    func offsets() {
        for piece in Self.pieces {
            let alone = Redactor(.standard).text(piece)
            for filler in ["word ", "9 a.b, ", "é ", "\n"] {
                for count in 0...17 {
                    let before = String(repeating: filler, count: 8).suffix(count).drop { $0 != " " && $0 != "\n" }
                    #expect(
                        Redactor(.standard).text(before + piece) == before + alone,
                        "\(before.debugDescription) before \(piece)"
                    )
                }
            }
        }
    }

    @Test(
        "a name or key is checked again if another source has a different text for its number",
        arguments: Encoding.allCases
    )
    func sources(encoding: Encoding) throws {
        let encoder = RedactingEncoder(
            TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope()),
            .standard
        )
        for name in ["plain", "ann@example.com", "plain", "bob@example.com"] {
            let recorder = try #require(Recorder.make(RecordingConfiguration()))
            defer { recorder.close() }
            let span = recorder.begin(named: name)
            span.set("key \(name)", .string(name))
            span.end()
            recorder.consume(encoder.encode(recorder, spanLimit: 1, byteLimit: .max))
            let text = String(decoding: encoder.bytes, as: UTF8.self)
            #expect(!text.contains("example.com"))
            #expect(
                text.contains("plain") == (name == "plain") && text.contains("[redacted:email]") == (name != "plain")
            )
        }
    }
}
