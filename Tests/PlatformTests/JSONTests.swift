import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("Reading JSON")
struct JSONValueTests {
    private func value(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

    @Test("every kind of value is read, with white space around it")
    func values() {
        #expect(
            value(" {\"a\" : [1, -2.5e3 ,\"3\"], \"b\":{}, \"c\":true,\"d\":false , \"e\":null}\r\n\t")
                == .object([
                    "a": .array([.number("1"), .number("-2.5e3"), .text("3")]), "b": .object([:]), "c": .bool(true),
                    "d": .bool(false), "e": .null,
                ])
        )
        #expect(value("[]") == .array([]))
        #expect(value("{\"a\":1,\"a\":2}")?["a"]?.integer == 2, "the later member counts")
        #expect(value("[7]")?["a"] == nil)
        #expect(value("\"12\"")?.integer == 12)
        #expect(value("\"x\"")?.integer == nil)
        #expect(value("12")?.string == nil)
    }

    @Test(
        "escapes are decoded; an unpaired surrogate becomes U+FFFD",
        arguments: [
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u00e9\uD83D\ude00"#, "é😀"), (#"\ud83d!"#, "\u{FFFD}!"),
            (#"\ud83d\u0041"#, "\u{FFFD}A"), ("a\u{1}é", "a\u{1}é"),
        ]
    )
    func escapes(json: String, text: String) {
        #expect(value("\"\(json)\"")?.string == text)
        #expect(value("{\"\(json)\":1}") == .object([text: .number("1")]))
    }

    @Test(
        "a text that is not one value gives nil",
        arguments: [
            "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
            "{1:2}",
            "{\"a\" 1}", "\"", "\"a", "\"\\", "\"\\u12", "\"\\u00zz\"", "tru", "truex", "nullnull", "1true", "NaN",
            "1 2",
            "{} {}", "'a'",
        ]
    )
    func malformed(text: String) {
        #expect(value(text) == nil)
    }

    @Test("values nested more than 32 deep are refused")
    func nesting() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        #expect(value(nested(31)) != nil)
        #expect(value(nested(32)) == nil)
        #expect(value(nested(100_000)) == nil)
    }
}

@Suite("Writing JSON")
struct JSONEscaperTests {
    @Test(
        "only characters that JSON does not allow in a string are escaped",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#),
            ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("é漢😀", "\"é漢😀\""),
            ("eight by\"tes, then \u{1}", #""eight by\"tes, then \u0001""#),
        ]
    )
    func quoted(text: String, json: String) {
        #expect(text.jsonQuoted == json)
        #expect(JSONEscaper.count(of: text.utf8) == json.utf8.count - 2)
    }

    @Test("reading gives what was written")
    func roundTrip() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<FuzzRounds.count {
            let text = HostileText.make(&random, 0...40)
            #expect(JSONValue(Array(text.jsonQuoted.utf8)) == .text(text))
        }
    }

    @Test(
        "the plain start of a text is copied up to the first byte that may need an escape, and no further"
    )
    func plainStart() {
        for count in 0...40 {
            for stop: UInt8 in [0x22, 0x5C, 0x1F, 0x00, 0xC3] {
                let text = [UInt8](repeating: 0x61, count: count) + [stop] + [UInt8](repeating: 0x62, count: 9)
                var target = [UInt8](repeating: 0xFF, count: text.count)
                let copied = text.withUnsafeBytes { text in
                    target.withUnsafeMutableBytes { target in
                        target.baseAddress.map { JSONEscaper.copyPlain(text, to: $0) }
                    }
                }
                #expect(copied == count)
                #expect(target == Array(text[..<count]) + [UInt8](repeating: 0xFF, count: 10))
            }
        }
    }
}
