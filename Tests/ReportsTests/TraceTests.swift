import SpanKitOTLP
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Assembling traces")
struct TraceTests {
    private func trace(_ spans: [TraceSpan]) -> Trace {
        Trace(id: TraceID(high: 0, low: 1), spans: spans)
    }

    @Test("Self time excludes children; parallel children count once")
    func selfTimes() throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request)
        let trace = try #require(traces.first)
        let own = Dictionary(
            zip(trace.spans, trace.selfTimes()).map { ("\(names[$0.name]) \($0.spanID)", $1 / 1_000) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(own["GET /okr 1"] == 10_000 - 2_000 - 6_900 - 300)
        #expect(own["load session 2"] == 400)
        #expect(own["chat claude 5"] == 6_900)
    }

    @Test("Self times equal those of a count of every moment", arguments: 0..<200)
    func selfTimesByMoments(seed: Int) {
        let trace = trace(SampleTraces.wild(seed: UInt64(seed), count: 30))
        for (place, own) in trace.selfTimes().enumerated() {
            let span = trace.spans[place]
            let moments = (span.start..<span.end).count { moment in
                !trace.children(of: place).contains { trace.spans[$0].start <= moment && moment < trace.spans[$0].end }
            }
            #expect(own == UInt64(moments))
        }
    }

    @Test("Every span is in the tree once, after its parent, even with cycles", arguments: 0..<200)
    func preorder(seed: Int) {
        let trace = trace(SampleTraces.wild(seed: UInt64(seed), count: 40))
        let order = trace.preorder()
        #expect(Set(order.map(\.place)) == Set(trace.spans.indices))
        #expect(order.count == trace.spans.count)
        var seen: Set<Int> = []
        for (place, depth) in order {
            let parent = trace.parents[place]
            #expect(parent < 0 ? depth == 0 : seen.contains(parent))
            seen.insert(place)
        }
    }

    @Test("A cycle is cut at its earliest span; a span that is its own parent is a root")
    func cycles() {
        let trace = trace([
            TraceSpan(spanID: 1, parentSpanID: 3, start: 10, end: 20, name: 0),
            TraceSpan(spanID: 2, parentSpanID: 1, start: 5, end: 20, name: 0),
            TraceSpan(spanID: 3, parentSpanID: 2, start: 7, end: 20, name: 0),
            TraceSpan(spanID: 4, parentSpanID: 4, start: 8, end: 20, name: 0),
        ])
        #expect(trace.roots.map { trace.spans[$0].spanID } == [2, 4])
    }

    @Test("A repeated span counts once; a span whose parent is missing is a root and is counted")
    func duplicatesAndOrphans() {
        let span = TraceSpan(spanID: 1, start: 0, end: 10, name: 0)
        let orphan = TraceSpan(spanID: 2, parentSpanID: 99, start: 5, end: 8, name: 0)
        let trace = trace([span, orphan, span])
        #expect(trace.spans.count == 2)
        #expect(trace.duplicateCount == 1)
        #expect(trace.orphanCount == 1)
        #expect(trace.roots.count == 2)
    }

    @Test("100,000 levels and a million spans in one trace need neither recursion nor quadratic time")
    func sizes() {
        let deep = trace(
            (1...100_000).map { (id: Int) -> TraceSpan in
                let (own, parent) = (UInt64(id), UInt64(id - 1))
                return TraceSpan(spanID: own, parentSpanID: parent, start: Int64(id), end: Int64(300_000 - id), name: 0)
            }
        )
        let whole = deep.spans[0].duration
        #expect(deep.preorder().last?.depth == 99_999)
        #expect(deep.selfTimes().reduce(0, +) == whole)
        let path = CriticalPath(of: deep, root: 0)
        #expect(path.times(spanCount: deep.spans.count).reduce(0, +) == whole)
        let wide = trace(
            (1...1_000_000).map { (id: Int) -> TraceSpan in
                let parent: UInt64 = id == 1 ? 0 : 1
                return TraceSpan(
                    spanID: UInt64(id),
                    parentSpanID: parent,
                    start: Int64(id),
                    end: Int64(id + 5),
                    name: 0
                )
            }
        )
        #expect(wide.children(of: 0).count == 999_999)
        let text = TreeReport(wide, names: NameTable.single("x"), limit: 20).text(style: TerminalStyle(width: 80))
        #expect(text.split(separator: "\n").count < 40)
    }

    @Test("The critical path covers its root without gaps or overlaps", arguments: 0..<200)
    func criticalPath(seed: Int) throws {
        let trace = trace(SampleTraces.wild(seed: UInt64(seed), count: 30))
        for root in trace.roots {
            let steps = CriticalPath(of: trace, root: root).steps
            let span = trace.spans[root]
            guard span.duration > 0 else { continue }
            #expect(steps.first?.start == span.start)
            #expect(steps.last?.end == span.end)
            for (step, next) in zip(steps, steps.dropFirst()) { #expect(step.end == next.start) }
            #expect(steps.allSatisfy { $0.end > $0.start })
        }
    }

    @Test("Of two parallel calls the longer one is on the critical path")
    func criticalPathOfRequest() throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request)
        let trace = try #require(traces.first)
        let path = CriticalPath(of: trace, root: 0).steps.map { names[trace.spans[$0.place].name] }
        #expect(
            path == [
                "GET /okr", "load session", "query", "load session", "query", "load session", "GET /okr", "chat claude",
                "GET /okr", "send", "GET /okr",
            ]
        )
    }

    @Test("Beyond the limit, the traces without recent spans are delivered first")
    func boundedAssembly() {
        let spans = (0..<1_000).flatMap { trace in
            (1...10).map { SampleTraces.span(UInt64($0), "s", 0, 10, trace: UInt64(trace + 1)) }
        }
        let (traces, _) = SampleTraces.assemble(spans, spanLimit: 100)
        #expect(traces.count == 1_000)
        #expect(traces.allSatisfy { $0.spans.count == 10 })
    }

    @Test("Long texts and model calls count as spans")
    func weights() {
        let text = String(repeating: "x", count: 1_000)
        let spans = (0..<300).map { trace in
            SampleTraces.span(1, "s", 0, 10, attributes: [Attribute("note", .string(text))], trace: UInt64(trace + 1))
        }
        func largestWait(_ details: TraceSpan.DetailLevel) -> Int {
            var assembler = TraceAssembler(spanLimit: 200, details: details)
            var (waiting, largest) = (0, 0)
            for span in spans {
                waiting += 1
                assembler.add(span) { _, _ in waiting -= 1 }
                largest = max(largest, waiting)
            }
            return largest
        }
        #expect(largestWait(.none) == 200)
        #expect(largestWait(.folded) < 110, "a short line counts as another span")
        #expect(largestWait(.full) < 25)
    }

    @Test("Names beyond the limit share one")
    func names() {
        var names = NameTable(limit: 3)
        let numbers = ["a", "b", "c", "d", "e", "a"].map { names.number(of: $0) }
        #expect(numbers.map { names[$0] } == ["a", "b", "c", "(other names)", "(other names)", "a"])
    }
}

extension NameTable {
    /// A table with one name, whose number is 0.
    static func single(_ name: String) -> NameTable {
        var names = NameTable()
        _ = names.number(of: name)
        return names
    }
}
