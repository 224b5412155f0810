import Testing

@testable import SpanKitRecording

@Suite("The baggage header follows W3C Baggage and OpenTelemetry")
struct BaggageTests {
    @Test("keys and values are read in order, with spaces around every part")
    func plain() throws {
        let baggage = try #require(read(" userId = alice ,\tserverNode=DF%2028 , isProduction=false "))
        #expect(baggage.entries.map(\.key) == ["userId", "serverNode", "isProduction"])
        #expect(baggage["userId"] == "alice")
        #expect(baggage["serverNode"] == "DF 28")
        #expect(baggage["userid"] == nil, "keys are case-sensitive")
    }

    @Test(
        "values are percent-encoded UTF-8; plus and equals signs are part of the value",
        arguments: [
            ("a=Am%C3%A9lie", "Amélie"), ("a=%e2%82%AC", "€"), ("a=1+1", "1+1"), ("a=b=c==", "b=c=="), ("a=", ""),
            ("a=%22%2C%3B%5C%25", "\",;\\%"), ("a=%C3%28", "\u{FFFD}("), ("a=%0D%0A", "\r\n"), ("a='!#'", "'!#'"),
        ]
    )
    func decoding(header: String, expected: String) {
        #expect(read(header)?["a"] == expected)
    }

    @Test(
        "invalid entries are ignored, the others are read",
        arguments: [
            "bad", "=bad", " =bad", "b(d=1", "bäd=1", "b d=1", "bad=b d", "bad=\"quoted\"", "bad=back\\slash", "bad=ä",
            "bad=%", "bad=%4",
            "bad=%4g", "bad=%zz", "bad=1;meta\u{1}", "bad=1;mätä", "",
        ]
    )
    func badEntries(entry: String) {
        #expect(read("a=1,\(entry),c=3")?.entries.map(\.key) == ["a", "c"])
        #expect(read(entry) == nil)
    }

    @Test("properties are passed on unchanged")
    func metadata() throws {
        let baggage = try #require(read("a=1;ttl=30 ; private,b=2;"))
        #expect(baggage.entries[0].metadata == "ttl=30 ; private")
        #expect(baggage.entries[1].metadata.isEmpty)
        #expect(written(baggage) == "a=1;ttl=30 ; private,b=2")
    }

    @Test("if a key occurs twice, its last value is used, also in several headers")
    func duplicates() {
        #expect(read("a=1,b=2,a=3")?.entries.map(\.value) == ["3", "2"])
        var both: W3CBaggage?
        both = BaggagePropagator.extract { _ in ["a=1,b=2", "a=3"] }
        #expect(both?["a"] == "3")
    }

    @Test("at most 64 entries and 8,192 bytes are read and written")
    func limits() throws {
        let full = (0..<64).map { "k\($0)=\(String(repeating: "v", count: 120))" }.joined(separator: ",")
        #expect(full.utf8.count <= 8_192)
        let baggage = try #require(read(full))
        #expect(baggage.entries.count == 64)
        #expect(written(baggage) == full)
        #expect(read(full + ",one-more=1")?.entries.count == 64)
        #expect(read(full + ",k63=new")?["k63"] == "new", "a known key is not a new entry")
        let exact = "k=\(String(repeating: "v", count: 8_190))"
        #expect(written(try #require(read(exact))) == exact)
        #expect(read(exact + "v") == nil)
        #expect(read(exact + "v,small=1")?["small"] == "1")
        var large = W3CBaggage()
        for number in 0..<1_000 { large["k\(number)"] = "v" }
        #expect(written(large)?.split(separator: ",").count == 64)
        large = ["small": "1", "large": String(repeating: "ä", count: 8_000), "last": "2"]
        #expect(written(large) == "small=1,last=2")
    }

    @Test("values are encoded, and entries with invalid keys are not sent")
    func encoding() {
        #expect(written(["a": "Amélie, 1+1=2; 100 %\"\\\r\n"]) == "a=Am%C3%A9lie%2C%201+1=2%3B%20100%20%25%22%5C%0D%0A")
        #expect(written(["b\r\nX-Admin": "1", "ä": "2", "": "3"]) == nil)
        var baggage: W3CBaggage = [:]
        baggage.set(W3CBaggage.Entry(key: "a", value: "1", metadata: "x\r\nX-Admin: yes"))
        #expect(written(baggage) == "a=1")
    }

    @Test("setting a key replaces its entry in place, and nil removes it")
    func value() {
        var baggage: W3CBaggage = ["a": "1", "b": "2", "a": "3"]
        #expect(baggage.entries.map(\.value) == ["3", "2"])
        baggage["a"] = nil
        baggage["missing"] = nil
        #expect(baggage.entries.map(\.key) == ["b"])
    }

    private func read(_ header: String) -> W3CBaggage? {
        BaggagePropagator.extract { $0 == "baggage" ? [header] : [] }
    }

    private func written(_ baggage: W3CBaggage) -> String? {
        var headers: [String: String] = [:]
        BaggagePropagator.inject(baggage) { headers[$0] = $1 }
        return headers["baggage"]
    }
}
