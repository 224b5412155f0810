import Foundation
import SpanKitInputs
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("The search of the HTML page", .generousTimeLimit)
struct PageSearchTests {
    /// Opens the page of some spans, and returns the ids of the spans that match each query.
    private func found(_ queries: [String], in spans: [DecodedSpan]) async throws -> [Set<String>] {
        let (traces, names) = SampleTraces.assemble(spans, details: .page)
        var content = HTMLReport.Content()
        for trace in traces { content.add(trace, names) }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        try folder.put("report.html", Array(HTMLReport(title: "x", content, names: names).html.utf8))
        let list = try String(decoding: JSONSerialization.data(withJSONObject: queries), as: UTF8.self)
        let visit = try await PageVisit(
            URL(filePath: folder.path("report.html")),
            driver: """
                verdict.found=\(list.replacing("<", with: "\\u003c")).map(query=>{const {hits,problem}=matchingSpans(query);
                if(problem||!hits)return ["not understood: "+problem];return [...hits.keys()].filter(span=>hits[span]).map(idOf)});
                """
        )
        #expect(visit.problems.isEmpty, "\(visit.problems)")
        return (visit.verdict["found"] as? [[String]] ?? []).map { Set($0) }
    }

    /// An attribute alone is a text on the page.
    private func hasAttributeAlone(_ filter: SpanFilter) -> Bool {
        switch filter {
        case .any(let parts), .all(let parts): parts.contains(where: hasAttributeAlone)
        case .not(let part): hasAttributeAlone(part)
        case .has(.attribute): true
        default: false
        }
    }

    @Test("Random filters match the spans that they match in --where", .needs(.chromium), arguments: 0..<3)
    func filters(part: UInt64) async throws {
        var random = RandomFilters(seed: 5_000 + part)
        let spans = (1...150 as ClosedRange<UInt64>).map { number in
            var decoded = random.span()
            decoded.span.context = SpanContext(
                traceID: TraceID(high: 1, low: number / 3 + 1),
                spanID: SpanID(rawValue: number)
            )
            return decoded
        }
        let filters = (0..<400).map { _ in random.filter(depth: 3) }.filter { !hasAttributeAlone($0) }
        #expect(filters.count > 100)
        let found = try await found(filters.map(\.description), in: spans)
        try #require(found.count == filters.count)
        var matchCount = 0
        for (filter, ids) in zip(filters, found) {
            let expected = Set(spans.filter { filter.matches($0) }.map { "\($0.span.context.spanID)" })
            matchCount += expected.count
            #expect(ids == expected, "\(filter)")
        }
        #expect(matchCount > 1_000, "\(matchCount)")
    }

    @Test("Texts, conditions without and, and open quotation marks are understood", .needs(.chromium))
    func texts() async throws {
        var event = RecordedSpan.Event(name: "exception", unixNanoseconds: SampleTraces.origin)
        event.attributes = [Attribute("exception.type", "Timeout")]
        var spans = [
            SampleTraces.span(1, "place order", 0, 10, attributes: [Attribute("url.full", "http://a/b?x=1")]),
            SampleTraces.span(2, "it isn't found()", 0, 600_000, isError: true),
            SampleTraces.span(3, "health", 0, 700_000, attributes: [Attribute("region", "eu")]),
        ]
        spans[0].span.events = [event]
        let (one, two, three) = ("0000000000000001", "0000000000000002", "0000000000000003")
        let cases: [(String, Set<String>)] = [
            ("PLACE", [one]), ("\"place order\"", [one]), ("\"place or", [one]), ("order place", [one]),
            ("isn't", [two]), ("found()", [two]), ("order or health", [one, three]), ("http://a/b?x=1", [one]),
            ("not found", [one, three]), ("\"not found\"", []), ("error", [one, two]), ("\"error\"", []),
            ("duration > 500 ms", []), ("duration > 500ms", [two, three]), ("duration>500ms not error", [three]),
            ("duration>500ms error", [two]), ("not (error or region=eu)", []), ("region != eu", []),
            ("not region=eu", [one, two]), ("exception.type=Timeout", [one]), ("NOT error AND region~e", [three]),
            ("trace=00000000000000000000000000000001 and name~h", [three]),
            ("span=\(two)", [two]), ("(name=health)", [three]), ("name=(health", []),
        ]
        let found = try await found(cases.map(\.0), in: spans)
        try #require(found.count == cases.count)
        for ((query, expected), ids) in zip(cases, found) where !ids.contains(where: { $0.hasPrefix("not understood") })
        {
            #expect(ids == expected, "\(query)")
        }
        let failed = zip(cases, found).filter { $1.contains { $0.hasPrefix("not understood") } }.map(\.0.0)
        #expect(failed == ["duration > 500 ms", "name=(health"])
    }
}
