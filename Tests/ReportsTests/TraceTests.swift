import SpanKitOTLP
import SpanKitPlatform
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
    func duplicatesAndOrphans() throws {
        let span = SampleTraces.span(1, "a", 0, 10)
        let orphan = SampleTraces.span(2, parent: 99, "b", 5, 8)
        let trace = try #require(SampleTraces.assemble([span, orphan, span]).0.first)
        #expect(trace.spans.count == 2)
        #expect(trace.duplicateCount == 1)
        #expect(trace.orphanCount == 1)
        #expect(trace.roots.count == 2)
    }

    /// A span of a trace in which several have the same id.
    private static func sharing(
        _ id: UInt64,
        parent: UInt64 = 0,
        _ start: Int64,
        _ kind: RecordedSpan.Kind,
        service: UInt32
    ) -> TraceSpan {
        TraceSpan(
            spanID: id,
            parentSpanID: parent,
            start: start,
            end: 1_000 - start,
            kind: kind,
            name: 0,
            service: service
        )
    }

    @Test(
        "A server span with the id of its client is the client's child; children of the id belong to their own service"
    )
    func sharedIDs() {
        let trace = trace([
            Self.sharing(1, 10, .internal, service: 0),
            Self.sharing(2, parent: 1, 20, .client, service: 0),
            Self.sharing(2, parent: 1, 30, .server, service: 1),
            Self.sharing(3, parent: 2, 40, .internal, service: 1),
            Self.sharing(4, parent: 2, 50, .internal, service: 0),
            Self.sharing(5, parent: 2, 60, .internal, service: 2),
        ])
        #expect(trace.parents == [-1, 0, 1, 2, 1, 2])
        #expect(trace.duplicateCount == 0)
        #expect(trace.orphanCount == 0)
    }

    @Test("Of a retry's spans with one id both are kept, and a child belongs to the earliest")
    func retries() {
        let trace = trace([
            Self.sharing(1, 10, .client, service: 0), Self.sharing(1, 20, .client, service: 0),
            Self.sharing(2, parent: 1, 30, .internal, service: 1),
        ])
        #expect(trace.parents == [-1, -1, 0])
    }

    @Test("Spans that differ in one byte are not repeated ones")
    func almostEqual() throws {
        let span = SampleTraces.span(1, "caf\u{E9}", 0, 10, attributes: [Attribute("note", "a")])
        var others = [span, span, span, span, span]
        others[0].span.name = "cafe\u{301}"
        others[1].span.attributes[0].value = "b"
        others[2].span.status = .error("")
        others[3].resource.attributes[0].value = "other"
        others[4].span.events = [.init(name: "e", unixNanoseconds: 1)]
        let trace = try #require(SampleTraces.assemble([span] + others + [span] + others).0.first)
        #expect(trace.spans.count == 6)
        #expect(trace.duplicateCount == 6)
        let many = (1...200).map { SampleTraces.span($0, "a", 0, 10) }
        #expect(SampleTraces.assemble(many + many).0.first?.spans.count == 200)
    }

    @Test("100,000 spans with one id need linear time")
    func oneID() {
        let spans = (0..<100_000).map {
            Self.sharing(1, parent: 1, 10, $0 % 2 == 0 ? .client : .server, service: UInt32($0 % 7))
        }
        #expect(trace(spans).preorder().count == 100_000)
    }

    @Test("For self time and the critical path, a child is cut at its parent's start and end")
    func overrun() {
        let trace = trace([
            TraceSpan(spanID: 1, start: 100, end: 200, name: 0),
            TraceSpan(spanID: 2, parentSpanID: 1, start: 90, end: 150, name: 0),
            TraceSpan(spanID: 3, parentSpanID: 1, start: 160, end: 230, name: 0),
        ])
        let root = trace.spans.firstIndex { $0.spanID == 1 } ?? 0
        #expect(trace.selfTimes()[root] == 10)
        let steps = CriticalPath(of: trace, root: root).steps
        #expect(steps.map { trace.spans[$0.place].spanID } == [2, 1, 3])
        #expect(steps.map(\.start) == [100, 150, 160])
        #expect(steps.map(\.end) == [150, 160, 200])
    }

    @Test("A span without a start or an end counts, and is part of no duration")
    func untimed() throws {
        var noStart = SampleTraces.span(2, parent: 1, "b", 0, 50, isError: true)
        noStart.span.startUnixNanoseconds = 0
        var noEnd = SampleTraces.span(3, parent: 1, "b", 20, 0)
        noEnd.span.endUnixNanoseconds = 0
        let spans = [SampleTraces.span(1, "a", 0, 100), noStart, noEnd]
        let (traces, names) = SampleTraces.assemble(spans)
        let trace = try #require(traces.first)
        #expect(trace.duration == 100_000)
        #expect(trace.selfTimes() == [100_000, 0, 0])
        #expect(trace.untimedCount == 2)
        let totals = SampleTraces.totals(spans)
        #expect(totals.byTime.map(\.name) == ["a", "b"])
        #expect(totals.byTime.map(\.count) == [1, 2])
        #expect(totals.byTime.map(\.errorCount) == [0, 1])
        #expect(totals.byTime.map(\.durations.count) == [1, 0])
        #expect(CriticalPath(of: trace, root: 0).times(spanCount: 3) == [100_000, 0, 0])
        let tree = TreeReport(trace, names: names).text(style: TerminalStyle(width: 80))
        #expect(tree.contains("no start or end"), "\(tree)")
        let onlyUntimed = SampleTraces.assemble([noStart, noEnd]).0[0]
        #expect(onlyUntimed.duration == 0)
        #expect(!TreeReport(onlyUntimed, names: names).text(style: TerminalStyle(width: 80)).isEmpty)
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

    @Test(
        "A trace whose later spans arrive after it was delivered is counted once, also if none of its parents is missing"
    )
    func partedTraces() {
        func counts(earlyLimit: Int = 1_000) -> (parted: Int, later: Int, traces: Int, isLowerBound: Bool) {
            var assembler = TraceAssembler(spanLimit: 10, earlyLimit: earlyLimit)
            // The spans of the traces 1 and 2 are apart from each other. No early part lacks a parent.
            for round in 0..<3 as Range<UInt64> {
                for trace in 1...2 as ClosedRange<UInt64> {
                    let parent: UInt64 = round == 0 ? 0 : 1
                    assembler.add(SampleTraces.span(round + 1, parent: parent, "a", 0, 10, trace: trace)) { _, _ in }
                }
                for other in 0..<20 as Range<UInt64> {
                    assembler.add(SampleTraces.span(1, "b", 0, 10, trace: 100 + round * 20 + other)) { _, _ in }
                }
            }
            assembler.finish { _, _ in }
            return (
                assembler.partedTraceCount, assembler.laterPartCount, assembler.traceCount, assembler.isPartedLowerBound
            )
        }
        #expect(counts() == (2, 4, 66, false))
        #expect(counts(earlyLimit: 1) == (1, 2, 66, true), "the first of the two is remembered")
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

    @Test("Names beyond the limit share one; services and values have limits of their own")
    func names() {
        var names = NameTable(limit: 3)
        let numbers = ["a", "b", "c", "d", "e", "a"].map { names.number(of: $0) }
        #expect(numbers.map { names[$0] } == ["a", "b", "c", "(other names)", "(other names)", "a"])
        let services = ["s", "t", "u", "v"].map { names.number(ofService: $0) }
        #expect(services.map { names[$0] } == ["s", "t", "u", "(other services)"])
        let values = ["x", "y", "z", "w"].map { names.number(ofValue: $0) }
        #expect(values.map { names[$0] } == ["x", "y", "z", "(other values)"])
    }

    @Test("Spans with names, services and values beyond the limit are counted, but not repeated spans")
    func mergedNames() {
        var names = NameTable(limit: 1)
        for text in ["a", "b", "c", "b"] {
            names.countMerged(
                TraceSpan(
                    spanID: 1,
                    start: 1,
                    end: 2,
                    name: names.number(of: text),
                    service: names.number(ofService: text == "c" ? "other" : "shop")
                )
            )
        }
        let merged = names.merged(isGrouped: false)
        #expect(merged.map(\.useCount) == [3, 1])
        #expect(merged.map(\.textCount) == [2, 1])
        #expect(
            merged.map(\.sentence) == [
                "3 spans of 2 more names count as '(other names)', because only 1 names are kept apart; record names without ids, or "
                    + "read fewer files at a time",
                "1 span of 1 more service counts as '(other services)', because only 1 services are kept apart; read fewer files at a "
                    + "time",
            ]
        )
        #expect(names.merged(isGrouped: true).map(\.sentence) == [nil])

        var assembler = TraceAssembler(grouping: .attribute(ByteText("user")))
        for user in 0..<20_003 as Range<UInt64> {
            let attributes = [Attribute("user", .string("user \(user)"))]
            for _ in 0..<2 {
                assembler.add(SampleTraces.span(user + 1, "a", 0, 10, attributes: attributes, trace: user + 1)) {
                    _,
                    _ in
                }
            }
        }
        #expect(assembler.mergedTexts.map(\.useCount) == [3])
        #expect(assembler.duplicateCount == 20_003)
        #expect(assembler.selectedDuplicateCount == 20_003)
    }

    @Test("Operations beyond the limit are counted and share a row")
    func mergedOperations() throws {
        let spans = (0..<10 as Range<UInt64>).map { SampleTraces.span($0 + 1, "name \($0 % 5)", 0, 10, trace: $0 + 1) }
        let (traces, names) = SampleTraces.assemble(spans)
        var totals = TraceTotals(operationLimit: 3)
        for trace in traces { totals.add(trace, names: names) }
        #expect(totals.mergedOperations.useCount == 4)
        #expect(totals.mergedOperations.textCount == 2)
        #expect(totals.byTime.count == 4)
        let other = try #require(totals.byTime.first { $0.name == NameTable.overflowName })
        #expect(other.count == 4)
        #expect(SampleTraces.totals(spans).mergedOperations.sentence == nil)
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
