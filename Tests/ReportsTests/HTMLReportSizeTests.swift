import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("The size of the HTML report")
struct HTMLReportSizeTests {
    @Test("A page of 100,000 spans with attributes and long names is smaller than 2 MB")
    func size() throws {
        var content = HTMLReport.Content()
        var names = NameTable()
        var random = SplitMix64(seed: 11)
        let numbers = (0..<600).map {
            names.number(of: "service.operation/\($0)/with a rather long name that says a lot")
        }
        let details = String(repeating: "http.request.method=GET url.path=/a/b/c ", count: 6)
        var spanCount = 0
        for number in 0..<50 {
            var spans: [TraceSpan] = []
            for id in 1...2_000 {
                let start = Int64.random(in: 0...1_000_000, using: &random)
                spans.append(
                    TraceSpan(
                        spanID: UInt64(id),
                        parentSpanID: id == 1 ? 0 : UInt64.random(in: 1..<UInt64(id), using: &random),
                        start: id == 1 ? 0 : start,
                        end: id == 1 ? 2_000_000 : start + Int64.random(in: 1...500_000, using: &random),
                        name: numbers.randomElement(using: &random) ?? 0,
                        isError: id % 50 == 0,
                        details: details
                    )
                )
            }
            let trace = Trace(id: .init(high: 1, low: UInt64(number + 1)), spans: spans)
            spanCount += trace.spans.count
            content.add(trace, names)
        }
        #expect(spanCount == 100_000)
        let html = HTMLReport(title: "x", content, names: names).html
        #expect(html.utf8.count < 2_000_000)
        #expect(html.contains("100 000"), "all spans are counted")
    }

    @Test("Only the spans that the page shows are kept of a trace")
    func hugeTraces() {
        var content = HTMLReport.Content()
        var names = NameTable()
        let name = names.number(of: "step")
        for number in 1...3 {
            let spans = (1...20_000).map {
                TraceSpan(spanID: UInt64($0), parentSpanID: $0 == 1 ? 0 : 1, start: Int64($0), end: 30_000, name: name)
            }
            content.add(Trace(id: .init(high: 1, low: UInt64(number)), spans: spans), names)
        }
        let kept = content.slowest.traces + content.sample
        #expect(kept.map(\.spanCount) == Array(repeating: 20_000, count: 6))
        #expect(kept.allSatisfy { $0.rows.count == 250 })
        let html = HTMLReport(title: "x", content, names: names).html
        #expect(html.contains("19 750 more spans are not shown."))
    }

    @Test("The typical trace is sampled from the whole run")
    func sample() {
        var content = HTMLReport.Content()
        var names = NameTable()
        let span = TraceSpan(spanID: 1, start: 0, end: 1, name: names.number(of: "step"))
        for number in 1...6_400 { content.add(Trace(id: .init(high: 1, low: UInt64(number)), spans: [span]), names) }
        let quarters = content.sample.map { Int(($0.id.low - 1) / 1_600) }
        #expect(quarters.count == 64)
        for quarter in 0..<4 { #expect(quarters.count { $0 == quarter } >= 8, "quarter \(quarter): \(quarters)") }
    }
}
