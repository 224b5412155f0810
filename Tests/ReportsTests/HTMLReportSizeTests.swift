import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("The size of the HTML report")
struct HTMLReportSizeTests {
    @Test("A page of 20,000 spans with five attributes each is smaller than 3 MB")
    func size() {
        var random = SplitMix64(seed: 11)
        var spans: [DecodedSpan] = []
        for trace in 1...200 as ClosedRange<UInt64> {
            for id in 1...100 as ClosedRange<UInt64> {
                let start = Int64.random(in: 0...1_000_000, using: &random)
                let attributes = [
                    Attribute("http.request.method", "GET"),
                    Attribute("url.path", .string("/a/b/\(UInt8.random(in: 0...255, using: &random))")),
                    Attribute("http.response.status_code", 200),
                    Attribute("request.id", .string("\(UInt64.random(in: 0...UInt64.max, using: &random))")),
                    Attribute("thread.id", .int(Int64.random(in: 1...64, using: &random))),
                ]
                spans.append(
                    SampleTraces.span(
                        id,
                        parent: id == 1 ? 0 : UInt64.random(in: 1..<id, using: &random),
                        "service.operation/\(id)/with a rather long name that says a lot",
                        id == 1 ? 0 : start,
                        id == 1 ? 2_000_000 : start + Int64.random(in: 1...500_000, using: &random),
                        isError: id % 50 == 0,
                        attributes: attributes,
                        trace: trace
                    )
                )
            }
        }
        let (traces, names) = SampleTraces.assemble(spans, details: .page)
        var content = HTMLReport.Content()
        for trace in traces { content.add(trace, names) }
        let html = HTMLReport(title: "x", content, names: names).html
        #expect(html.utf8.count < 3_000_000)
        #expect(html.contains("<b>20 000</b>"), "all spans are counted")
    }
}
