import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

/// The columns of the page, read as the script reads them.
struct PageColumns {
    private let object: [String: Any]

    init(_ data: PageData) throws {
        let json = try JSONSerialization.jsonObject(with: Data(data.json.utf8))
        object = try #require(json as? [String: Any])
    }

    func numbers(_ key: String) -> [Int] { object[key] as? [Int] ?? [] }
    func texts(_ key: String) -> [String] { object[key] as? [String] ?? [] }
    func names(_ key: String) -> [String] { numbers(key).map { texts("texts")[$0] } }
    func optionalNumbers(_ key: String) -> [Int?] { (object[key] as? [Any] ?? []).map { $0 as? Int } }
    func text(_ key: String) -> String { object[key] as? String ?? "" }
    func lists(_ key: String) -> [[Int]] { object[key] as? [[Int]] ?? [] }
    func pair(_ number: Int) -> String {
        "\(texts("texts")[numbers("pairs")[number * 2]])=\(texts("texts")[numbers("pairs")[number * 2 + 1]])"
    }

    /// The attributes of each span as `key=value`.
    var attributes: [[String]] {
        let (pairs, texts) = (numbers("pairs"), texts("texts"))
        var rest = numbers("spanPairs")[...]
        return numbers("pairCounts").map { count in
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).map { "\(texts[pairs[$0 * 2]])=\(texts[pairs[$0 * 2 + 1]])" }
        }
    }
}

@Suite("The traces on the HTML page")
struct PageDataTests {
    private func content(_ spans: [DecodedSpan], limit: Int? = nil) -> (HTMLReport.Content, NameTable) {
        let (traces, names) = SampleTraces.assemble(spans, details: .page)
        var content = HTMLReport.Content(spanLimit: limit)
        for trace in traces { content.add(trace, names) }
        return (content, names)
    }

    private func data(_ spans: [DecodedSpan], limit: Int? = nil, longestValue: Int? = 4_096) throws -> PageData {
        let (content, names) = content(spans, limit: limit)
        return try #require(HTMLReport(title: "x", content, names: names, longestValue: longestValue).traces)
    }

    @Test("The page contains the sample request as it is, parents first")
    func request() throws {
        let columns = try PageColumns(try data(SampleTraces.request))
        #expect(columns.texts("traceIDs") == ["00000000000000000000000000000001"])
        #expect(columns.numbers("traceSpans") == [7] && columns.numbers("traceErrors") == [1])
        #expect(columns.numbers("traceDurations") == [10_000_000])
        #expect(
            columns.names("names") == ["GET /okr", "load session", "query", "query", "chat claude", "audit", "send"]
        )
        #expect(columns.numbers("parents") == [0, 1, 1, 2, 4, 5, 6], "how many spans before it the parent is")
        #expect(columns.numbers("starts") == [0, 500, 600, 1_500, 2_600, 2_700, 9_600].map { $0 * 1_000 })
        #expect(columns.numbers("services") == [0, 0, 0, 0, 0, 1, 0])
        #expect(columns.names("serviceTexts") == ["coach", "audit"])
        #expect(columns.attributes[0] == ["http.response.status_code=500"])
        #expect(columns.attributes[4].last == "note=\u{1B}[31mred\n", "the text as it was recorded")
        #expect(columns.names("messages")[4] == "it broke")
        #expect(columns.texts("ids") == [[1, 2, 3, 4, 5, 6, 7].map { UInt64($0).hexadecimal }.joined()])
        let facts = columns.numbers("facts")
        #expect(facts[4] & 1 == 1 && facts[6] & 2 == 2 && facts[0] & 7 == 0)
    }

    @Test(
        "Durations, self times and critical paths are those of the other commands",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func numbers(seed: UInt64) throws {
        var names = NameTable()
        _ = names.number(of: "")
        for name in 0..<8 { _ = names.number(of: "step \(name)") }
        let trace = Trace(id: TraceID(high: 1, low: seed), spans: SampleTraces.wild(seed: seed, count: 300))
        var content = HTMLReport.Content()
        content.add(trace, names)
        let columns = try PageColumns(try #require(HTMLReport(title: "x", content, names: names).traces))
        let order = trace.preorder().map(\.place)
        let root = try #require(trace.mainRoot)
        let path = CriticalPath(of: trace, root: root)
        let (own, onPath) = (trace.selfTimes(), path.times(spanCount: trace.spans.count))
        #expect(columns.numbers("durations") == order.map { Int(trace.spans[$0].duration) })
        #expect(columns.numbers("own") == order.map { Int(own[$0]) })
        #expect(columns.numbers("critical") == order.map { Int(onPath[$0]) })
        #expect(columns.numbers("traceRoots") == [try #require(order.firstIndex(of: root))])
        let parents = zip(order.indices, columns.numbers("parents")).map { $1 == 0 ? -1 : order[$0 - $1] }
        #expect(parents == order.map { trace.parents[$0] })
        #expect(columns.numbers("stepSpans") == path.steps.map { order.firstIndex(of: $0.place) ?? -1 })
        #expect(columns.numbers("stepLengths") == path.steps.map { Int($0.end - $0.start) })
        let ends = path.steps.dropLast().map(\.end)
        #expect(path.steps.dropFirst().map(\.start) == ends, "the script adds the lengths up")
    }

    @Test("Events, links, resources and dropped counts are on the page")
    func everythingOfASpan() throws {
        var decoded = SampleTraces.span(1, "save", 0, 10, service: "store")
        decoded.scope = InstrumentationScope(
            name: "db",
            version: "1.2",
            attributes: [Attribute("channel", "beta"), Attribute("otel.scope.name", "not the name")]
        )
        let other = SpanContext(traceID: TraceID(high: 7, low: 8), spanID: SpanID(rawValue: 9))
        decoded.span.links = [.init(context: other, attributes: [Attribute("why", "batch")])]
        let event = RecordedSpan.Event(name: "retry", unixNanoseconds: SampleTraces.origin + 4_000)
        decoded.span.events = [event, .init(name: "timeless", unixNanoseconds: 0)]
        decoded.span.droppedEventCount = 3
        let columns = try PageColumns(try data([decoded]))
        #expect(columns.names("eventNames") == ["retry", "timeless"])
        #expect(columns.optionalNumbers("eventTimes") == [4_000, nil])
        #expect(columns.texts("linkIDs") == ["000000000000000700000000000000080000000000000009"])
        #expect(columns.numbers("linkCounts") == [1] && columns.numbers("dropped") == [0, 0, 3, 0])
        let source = columns.lists("sourceLists")[columns.numbers("sources")[0]]
        let scopeCount = columns.numbers("scopeCounts")[columns.numbers("sources")[0]]
        #expect(source.dropLast(scopeCount).map(columns.pair) == ["service.name=store"])
        #expect(
            source.suffix(scopeCount).map(columns.pair)
                == ["channel=beta", "otel.scope.name=not the name", "otel.scope.version=1.2", "otel.scope.name=db"],
            "the last value of a key is the one that the search uses"
        )
    }

    @Test("Spans of one resource in different scopes share no source, also if the attributes are the same")
    func scopes() throws {
        func decoded(_ id: UInt64, _ scope: InstrumentationScope, _ resource: [Attribute] = []) -> DecodedSpan {
            var span = SampleTraces.span(id, "save", 0, 10, service: "store")
            span.scope = scope
            span.resource.attributes += resource
            return span
        }
        let library = InstrumentationScope(attributes: [Attribute("channel", "beta")])
        let columns = try PageColumns(
            try data([
                decoded(1, library), decoded(2, library), decoded(3, .init(), [Attribute("channel", "beta")]),
                decoded(4, .init(version: "2")),
            ])
        )
        let sources = columns.numbers("sources")
        #expect(sources[0] == sources[1] && Set(sources).count == 3, "\(sources)")
        #expect(sources.map { columns.numbers("scopeCounts")[$0] } == [1, 1, 0, 1])
        let lists = sources.map { columns.lists("sourceLists")[$0].map(columns.pair) }
        #expect(lists[0] == lists[2] && lists[3].last == "otel.scope.version=2", "a version without a name is shown")
    }

    @Test("Resources and scopes whose texts look the same but have different bytes share no source")
    func equivalentTexts() throws {
        var spans: [DecodedSpan] = []
        for (text, id) in zip(["caf\u{E9}", "cafe\u{301}"], [1, 11] as [UInt64]) {
            var placed = SampleTraces.span(id, "save", 0, 10)
            placed.resource.attributes.append(Attribute("place", .string(text)))
            spans.append(placed)
        }
        for (text, id) in zip(["caf\u{E9}", "cafe\u{301}"], [21, 31] as [UInt64]) {
            var scoped = SampleTraces.span(id, "save", 0, 10)
            scoped.scope = InstrumentationScope(name: text)
            spans.append(scoped)
        }
        let sources = try PageColumns(try data(spans)).numbers("sources")
        #expect(Set(sources).count == 4, "\(sources)")
    }

    @Test("Beyond the limit, the slowest, the failed and a sample of the other traces are kept, and the page says so")
    func limit() throws {
        var spans: [DecodedSpan] = []
        for trace in 1...3_000 as ClosedRange<UInt64> {
            let length: Int64 = trace % 300 == 7 ? 90_000 : 100 + Int64(trace % 10)
            let start = Int64(trace) * 1_000
            spans.append(SampleTraces.span(1, "GET", start, start + length, isError: trace == 2_222, trace: trace))
            spans.append(SampleTraces.span(2, parent: 1, "query", start, start + 50, trace: trace))
        }
        let (content, names) = content(spans, limit: 1_000)
        let report = HTMLReport(title: "x", content, names: names)
        let columns = try PageColumns(try #require(report.traces))
        let ids = Set(columns.texts("traceIDs").map { Int($0, radix: 16) ?? 0 })
        #expect(ids.count == 500)
        #expect(ids.isSuperset(of: (0..<10).map { $0 * 300 + 7 }), "the slowest")
        #expect(ids.contains(2_222), "the failed one")
        for third in 0..<3 { #expect(ids.count { $0 / 1_000 == third } > 100, "a sample of the whole run") }
        #expect(report.notes.count == 1)
        #expect(report.notes.first?.hasPrefix("500 of 3 000 traces can be explored on the page") == true)
        #expect(report.html.contains("500 of 3 000 traces"))
        #expect(report.html.contains("<b>6 000</b><span>spans</span>"), "the numbers count all spans")
        let (whole, wholeNames) = self.content(spans, limit: .max)
        let complete = HTMLReport(title: "x", whole, names: wholeNames)
        #expect(complete.notes.isEmpty && complete.traces?.traceCount == 3_000)
    }

    @Test("Of a trace that is larger than the page, the longest spans and their ancestors are shown")
    func largeTrace() throws {
        var spans = [SampleTraces.span(1, "root", 0, 100_000)]
        for id in 2...5_000 as ClosedRange<UInt64> {
            spans.append(SampleTraces.span(id, parent: id % 100 == 0 ? id - 1 : 1, "step", 1, 1 + Int64(id)))
        }
        let data = try data(spans, limit: 1_000)
        let columns = try PageColumns(data)
        #expect(columns.numbers("traceAllSpans") == [5_000])
        let shown = try #require(columns.numbers("traceSpans").first)
        #expect(500...600 ~= shown && columns.numbers("names").count == shown)
        #expect(columns.numbers("durations").dropFirst().allSatisfy { $0 >= 4_490_000 })
        let left = 5_000 - shown
        #expect(
            data.notes == [
                "\(Readable.count(left)) short spans are not shown in 1 large trace. --complete includes everything."
            ]
        )
    }

    @Test("Of a large trace, the spans that the errors name and other failed spans are shown, however short they are")
    func largeFailedTrace() throws {
        for failedCount in [10, 3_000] as [UInt64] {
            var spans = [SampleTraces.span(1, "root", 0, 100_000)]
            for id in 2...5_000 as ClosedRange<UInt64> {
                // The last failure is the shortest.
                let isError = id > 5_000 - failedCount
                let end = isError ? 50_000 + 5_001 - Int64(id) : 50_000 + 10_000 + Int64(id)
                spans.append(
                    SampleTraces.span(id, parent: 1, "step", id == 5_000 ? 50_000 : 40_000, end, isError: isError)
                )
            }
            let columns = try PageColumns(try data(spans, limit: 1_000))
            let shown = columns.texts("ids")[0]
            #expect(shown.contains(UInt64(5_000).hexadecimal), "the table of errors links to it")
            let failures = columns.numbers("facts").count { $0 & 1 == 1 }
            #expect(failures == min(Int(failedCount), 250), "failed spans take at most half of the page")
            #expect(500...502 ~= columns.numbers("names").count)
        }
    }

    @Test("The flame graph contains the whole time: small boxes are one box")
    func flame() throws {
        var spans = [SampleTraces.span(1, "batch", 0, 100_000)]
        for id in 2...3_001 as ClosedRange<UInt64> {
            let start = Int64(id) * 30
            spans.append(SampleTraces.span(id, parent: 1, "item \(id)", start, start + 30))
            spans.append(SampleTraces.span(id + 10_000, parent: id, "read", start, start + 10))
        }
        let (traces, names) = SampleTraces.assemble(spans)
        var flame = FlameTree()
        for trace in traces { flame.add(trace) }
        let json = try JSONSerialization.jsonObject(with: Data(flame.json(names: names).compact.utf8))
        let roots = try #require(json as? [[Any]])
        #expect(roots.count == 1 && roots[0][2] as? Int == 10_000_000)
        let children = try #require(roots[0][3] as? [[Any]])
        #expect(children.count == 1)
        #expect(children[0][0] as? String == "" && children[0][1] as? Int == 3_000)
        #expect(children[0][2] as? Int == 90_000_000, "self time with callees")
        #expect(children[0][4] as? Int == 3_000, "the calls below the small boxes belong to them")
        #expect(flame.mergedRunCount == 0)
    }

    @Test("The page says how many runs the flame graph counts as their callers")
    func deepFlame() throws {
        let spans = (1...250 as ClosedRange<UInt64>).map {
            SampleTraces.span($0, parent: $0 - 1, "step", Int64($0), 1_000)
        }
        let (content, names) = content(spans)
        let report = HTMLReport(title: "x", content, names: names)
        let note =
            "The flame graph counts 50 spans as self time of the calling span, because it contains at most 50 000 boxes and 200 levels."
        #expect(report.notes == [note] && report.html.contains(note))
    }

    @Test("Types of attributes and elements of lists are on the page for the search")
    func types() throws {
        let attributes = [
            Attribute("a", "5"), Attribute("a", 5), Attribute("a", 5.5), Attribute("a", true), Attribute("a", .null),
            Attribute("a", ["x", "y"]), Attribute("a", ["x, y"]), Attribute("a", .bytes([1])),
        ]
        let columns = try PageColumns(try data([SampleTraces.span(1, "x", 0, 1, attributes: attributes)]))
        let kinds = Array(columns.text("pairKinds").utf8)
        #expect(columns.numbers("spanPairs").map { kinds[$0] } == Array("sidbnaao".utf8))
        let elements = columns.lists("listElements").map { $0.map { columns.pair($0) } }
        #expect(elements == [["a=x", "a=y"], ["a=x, y"]])
        #expect(columns.numbers("lists").map { columns.pair($0) } == ["a=[x, y]", "a=[x, y]"])
    }

    @Test("A long text is cut, and the page says how many are")
    func longTexts() throws {
        let long = String(repeating: "é", count: 3_000)
        let spans = (1...3 as ClosedRange<UInt64>).map {
            SampleTraces.span($0, "chat", 0, 1, attributes: [Attribute("prompt", .string(long + "\($0)"))])
        }
        let data = try data(spans)
        let columns = try PageColumns(data)
        #expect(columns.attributes[0] == ["prompt=" + String(repeating: "é", count: 2_048) + "… (1905 more bytes)"])
        #expect(data.notes == ["3 texts are cut after 4 096 bytes. --complete includes everything."])
        let whole = try self.data(spans, longestValue: nil)
        #expect(try PageColumns(whole).attributes[2] == ["prompt=" + long + "3"] && whole.notes.isEmpty)
    }

    @Test("No text of a span leaves its place in the page", arguments: 1...40 as ClosedRange<UInt64>)
    func escaping(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pieces = [
            "</script>", "<script>", "<!--", "-->", "]]>", "\u{2028}", "\u{2029}", "\"", "'", "\\", "\\u003c", "`${1}`",
            "&lt;",
            "&", "<img src=x onerror=alert(1)>", "\0", "\n", "\u{202E}", "\u{FEFF}", "e\u{301}", "é", "👩‍👩‍👧", "</title>",
            "</style>", "name",
            "javascript:", "__proto__", "\u{7F}", "\u{85}",
        ]
        func text() -> String {
            (0...Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        var spans: [DecodedSpan] = []
        for id in 1...20 as ClosedRange<UInt64> {
            var span = SampleTraces.span(
                id,
                parent: id / 2,
                text(),
                0,
                10,
                isError: id % 3 == 0,
                attributes: [Attribute(text() + "k", .string(text()))],
                service: text()
            )
            span.span.events = [.init(name: text(), unixNanoseconds: SampleTraces.origin)]
            if span.span.isError { span.span.status = .error(text()) }
            spans.append(span)
        }
        let (content, names) = content(spans)
        let html = HTMLReport(title: text(), content, names: names).html
        let lower = html.lowercased()
        #expect(lower.components(separatedBy: "<script").count == 4, "the numbers, the traces and the script")
        #expect(lower.components(separatedBy: "</script").count == 4)
        #expect(!lower.contains("<img") && !html.contains("<!--"))
        for tag in ["title", "style"] {
            let opened = lower.components(separatedBy: "<\(tag)>").count
            #expect(lower.components(separatedBy: "</\(tag)").count == opened)
        }
        let json = try #require(html.firstRange(of: "id=\"trace-data\">")).upperBound
        let end = try #require(html[json...].firstRange(of: "</script>")).lowerBound
        let block = html[json..<end]
        #expect(!block.contains("<") && !block.unicodeScalars.contains { $0.value < 0x20 })
        struct Texts: Decodable { let texts: [String] }
        let known = Set(try JSONDecoder().decode(Texts.self, from: Data(block.utf8)).texts.map { Array($0.utf8) })
        for span in spans {
            #expect(known.contains(Array(span.span.name.utf8)), "every name is there, byte by byte")
            for attribute in span.span.attributes {
                #expect(known.contains(Array(attribute.key.utf8)))
                if case .string(let value) = attribute.value { #expect(known.contains(Array(value.utf8))) }
            }
        }
    }

    @Test("A service has one colour on every page, and services of one page have different ones")
    func colours() throws {
        let services = (1...12).map { "service-\($0)" }
        let all = ServicePalette.colours(of: services).compactMap { $0 }
        #expect(Set(all) == Set(0..<12))
        #expect(ServicePalette.colours(of: ["checkout"]) == ServicePalette.colours(of: ["checkout", ""]).dropLast())
        #expect(ServicePalette.colours(of: ["", "a"]).first == .some(nil))
        #expect(ServicePalette.colours(of: services.reversed()).reversed().compactMap { $0 } == all)
        let many = ServicePalette.colours(of: (1...500).map { "s\($0)" })
        #expect(many.allSatisfy { 0..<12 ~= $0 ?? -1 })
    }

    @Test("Errors come before traces, operations first, and each trace is on the page once")
    func sections() throws {
        let (content, names) = content(SampleTraces.request)
        let html = HTMLReport(title: "x", content, names: names).html
        let anchors = html.matches(of: #/<section id="([a-z-]+)"/#).map { String($0.1) }
        #expect(
            anchors == ["operations", "errors", "traces", "trace", "flame-graph", "latency", "bottlenecks", "models"]
        )
        #expect(!html.contains("id=\"trace-list\""), "a single trace is not listed")
        #expect(html.contains("it broke</td>"))
        #expect(html.contains("href=\"#trace=00000000000000000000000000000001&amp;span=0000000000000005\""))
        let block = try #require(html.components(separatedBy: "id=\"trace-data\">").last)
        #expect(block.components(separatedBy: "\"00000000000000000000000000000001\"").count == 2)
    }
}

extension UInt64 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
