import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import Testing

@Suite("Texts in spans")
struct SpanTextTests {
    private static let span: DecodedSpan = {
        var span = RecordedSpan(
            name: "GET /Chat",
            context: SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(rawValue: 1)),
            startUnixNanoseconds: 1,
            endUnixNanoseconds: 2
        )
        span.status = .error("Card-declined: no funds")
        span.attributes = [
            Attribute("http.route", .string("/v1/chat")), Attribute("retries", .int(-3)),
            Attribute("list", .array([.string("naïve plan"), .bool(true)])), Attribute("ratio", .double(0.5)),
        ]
        span.events = [.init(name: "retry", unixNanoseconds: 1, attributes: [Attribute("why", .string("timed out"))])]
        return DecodedSpan(
            resource: Resource(attributes: [Attribute("service.name", .string("shop"))]),
            scope: InstrumentationScope(),
            span: span
        )
    }()

    @Test(
        "A text in quotation marks is found at the borders of words, whether in capitals or not",
        arguments: [
            ("chat", true), ("CHAT", true), ("/v1/chat", true), ("v1", true), ("cha", false), ("declined", true),
            ("card-declined", true),
            ("card declined", false), ("no funds", true), ("o funds", false), ("http.route", true), ("route", true),
            ("3", true),
            ("naïve", true), ("NAÏVE PLAN", true), ("naive", false), ("timed out", true), ("retry", true),
            ("shop", false), ("0.5", false),
        ]
    )
    func search(text: String, isFound: Bool) throws {
        let filter = try SpanFilter("\"\(text)\"", searchesText: true)
        #expect(filter == .mentions(ByteText(text)))
        #expect(filter.matches(Self.span) == isFound)
        #expect(try SpanFilter("not \(filter)", searchesText: true).matches(Self.span) != isFound)
    }

    @Test("Without a search, a text in quotation marks is the key of an attribute")
    func key() throws {
        #expect(try SpanFilter("\"http.route\"").matches(Self.span))
        #expect(try SpanFilter("\"http.route\"=\"/v1/chat\"", searchesText: true).matches(Self.span))
        #expect(try !SpanFilter("\"chat\"").matches(Self.span))
    }

    @Test(
        "The words for an index are those that every text with the whole text has",
        arguments: [
            ("card declined", ["card", "declined"]), ("/v1/chat", ["v1", "chat"]), ("naïve plan", ["plan"]), ("é", []),
            ("a\"b*c", ["a", "b", "c"]),
            ("snake_case", ["snake", "case"]),
        ]
    )
    func words(text: String, words: [String]) {
        #expect(SpanText.indexedWords(of: text) == words)
    }
}
