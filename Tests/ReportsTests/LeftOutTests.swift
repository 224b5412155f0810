import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("What reports leave out")
struct LeftOutTests {
    private let style = TerminalStyle(width: 100)

    /// Two roots, of which the second is shorter and has a child.
    private let twoRoots = [
        SampleTraces.span(1, "A", 0, 1_000_000), SampleTraces.span(2, "B", 1_000_000, 1_900_000),
        SampleTraces.span(3, parent: 2, "B1", 1_100_000, 1_800_000),
    ]

    private func untimed(_ span: DecodedSpan) -> DecodedSpan {
        var span = span
        span.span.endUnixNanoseconds = 0
        return span
    }

    private func critical(_ spans: [DecodedSpan]) -> (report: CriticalReport, traces: [Trace], names: NameTable) {
        let (traces, names) = SampleTraces.assemble(spans)
        var report = CriticalReport()
        for trace in traces { report.add(trace) }
        return (report, traces, names)
    }

    @Test("Critical paths count the spans that are not below the longest root")
    func detached() throws {
        let (report, traces, names) = critical(twoRoots)
        let sentence = "2 spans are left out, because only what is below the longest root of a trace is examined."
        #expect(report.leftOut == [sentence])
        #expect(report.text(names: names, style: style).hasSuffix("\n\(sentence)\n"))
        #expect(report.document(names: names, limit: 9).json.compact.contains("\"detached_span_count\":2,"))
        let trace = try #require(traces.first)
        #expect(CriticalReport.leftOut(of: trace) == [sentence])
        #expect(CriticalReport.text(of: trace, names: names, style: style).hasSuffix("\n\(sentence)\n"))
        #expect(critical(SampleTraces.request).report.leftOut == [])
    }

    @Test("The title of one trace's critical path has the start and the duration of the path")
    func title() throws {
        let spans = [SampleTraces.span(1, "early", 0, 10), SampleTraces.span(2, "long", 1_000_000, 3_000_000)]
        let (_, traces, names) = critical(spans)
        let text = CriticalReport.text(of: try #require(traces.first), names: names, style: style)
        let title = try #require(text.split(separator: "\n").first)
        #expect(title.contains("1970-01-01 00:00:02.000 UTC") && title.hasSuffix(" · 2.00 s"), "\(title)")
    }

    @Test("Averages are those of the traces with times; the others are counted")
    func averages() throws {
        let spans =
            [SampleTraces.span(1, "a", 0, 1_000_000, trace: 1)]
            + (2...4).map { untimed(SampleTraces.span($0, "a", 5, 0, trace: $0)) }
        let (report, _, names) = critical(spans)
        let sentence = "3 traces are left out, because the root has no start or no end."
        #expect(report.leftOut == [sentence])
        let text = report.text(names: names, style: style)
        #expect(text.hasPrefix("Critical path  1 trace, 1.00 s on average\n"), "\(text)")
        let json = report.document(names: names, limit: 9).json.compact
        #expect(json.contains("\"trace_count\":1,\"untimed_trace_count\":3,"), "\(json)")
        #expect(
            json.contains("\"critical_ns_per_trace\":1000000000,") && json.contains("\"trace_fraction\":1,"),
            "\(json)"
        )

        let analysis = SampleTraces.analysis(spans)
        #expect(analysis.conversationCount == 1)
        #expect(analysis.limits == [sentence])
        let found = BottleneckReport(analysis).document.json.compact
        #expect(
            found.contains("\"unit_count\":1,\"untimed_unit_count\":3,\"ns_per_unit\":1000000000,"),
            "\(found)"
        )
        #expect(found.contains("\"calls_per_unit\":1,"), "\(found)")
        #expect(analysis.findings.first?.operation.impactNanoseconds == 1e9)
        #expect(BottleneckReport(analysis).text(style: style).contains("1 trace, 1.00 s on average"))
    }

    @Test("Without any times, reports say so instead of a duration of 0")
    func noTimes() throws {
        let spans = [untimed(SampleTraces.span(1, "a", 5, 0))]
        let (report, traces, names) = critical(spans)
        let trace = try #require(traces.first)
        let sentence = "1 trace is left out, because the root has no start or no end."
        #expect(report.text(names: names, style: style) == "No spans.\n\(sentence)\n")
        #expect(CriticalReport.text(of: trace, names: names, style: style).contains(" · no start or end\n"))
        let document = CriticalReport.document(of: trace, names: names, limit: 9).json.compact
        #expect(document.contains("\"duration_ns\":null,"), "\(document)")

        #expect(
            BottleneckReport(SampleTraces.analysis(spans)).text(style: style)
                == "No operation takes time.\n\(sentence)\n"
        )
        #expect(
            BottleneckReport(SampleTraces.analysis(spans)).markdown.hasSuffix(
                "No operation takes time.\n\n\(sentence)\n"
            )
        )

        let tree = TreeReport(trace, names: names)
        #expect(tree.document.json.compact.contains("\"start_unix_ns\":null,\"duration_ns\":null,"))
        #expect(tree.text(style: style).contains(" · 1 span · no start or end"), "\(tree.text(style: style))")

        var slowest = SlowestTraces(limit: 9, keeping: TraceFacts.init)
        let (both, allNames) = SampleTraces.assemble(spans + [SampleTraces.span(1, "b", 0, 0, trace: 2)])
        for trace in both { slowest.add(trace) }
        let csv = slowest.listing(names: allNames).csv
        #expect(csv.contains(",a,coach,,1,0,,,\n"), "\(csv)")
        #expect(csv.contains(",0,1,0,"), "a span that takes no time has a duration: \(csv)")
    }

    @Test("Two runs are too few to show two kinds of runs")
    func fewModes() {
        func histogram(_ count: Int) -> ExponentialHistogram {
            var histogram = ExponentialHistogram()
            for number in 0..<count { histogram.record(nanoseconds: number % 2 == 0 ? 100_000_000 : 800_000_000) }
            return histogram
        }
        #expect(DistributionShape.modes(of: histogram(2)) == nil)
        #expect(DistributionShape.modes(of: histogram(18)) == nil)
        #expect(DistributionShape.modes(of: histogram(20)) != nil)
        let spans = [SampleTraces.span(1, "load", 0, 100_000), SampleTraces.span(2, "load", 0, 800_000, trace: 2)]
        #expect(!SampleTraces.analysis(spans).advice().contains { $0.rule == .slowMode })
    }

    /// Ten traces in which two calls run one after the other, and one in which the first covers a short call and the second.
    private func covered(by name: String) -> [DecodedSpan] {
        (1...11 as ClosedRange<UInt64>).flatMap { trace in
            let isCovered = trace == 11
            return [
                SampleTraces.span(1, "root", 0, 1_000, trace: trace),
                SampleTraces.span(2, parent: 1, "A", 0, isCovered ? 900 : 400, trace: trace),
                SampleTraces.span(3, parent: 1, "C", 500, 900, trace: trace),
            ] + (isCovered ? [SampleTraces.span(4, parent: 1, name, 100, 110, trace: trace)] : [])
        }
    }

    @Test("Calls that overlap with a short call starting between them do not run in sequence")
    func coveredCall() {
        var patterns = TracePatterns()
        let (traces, names) = SampleTraces.assemble(covered(by: "short"))
        for trace in traces { patterns.add(trace) }
        let pairs = patterns.sequentialCalls().map { names[$0.pair.first.name] + names[$0.pair.second.name] }
        #expect(!pairs.contains("AC") && !pairs.contains("CA"), "\(pairs)")
        // Calls of which a name occurs twice below a parent are not compared, but still hide nothing.
        var apart = TracePatterns()
        for trace in traces.prefix(10) { apart.add(trace) }
        #expect(apart.sequentialCalls().map(\.pair.count) == [10])
    }

    @Test("If more calls run at the same time than are compared, those left out are not reported as calls in sequence")
    func manyRunning() {
        let spans =
            [SampleTraces.span(1, "root", 0, 10_000, trace: 1)]
            + (0..<70 as Range<UInt64>).map {
                SampleTraces.span($0 + 2, parent: 1, "call \($0)", Int64($0), 5_000 + Int64($0), trace: 1)
            }
            + [
                SampleTraces.span(1, "root", 0, 10_000, trace: 2),
                SampleTraces.span(2, parent: 1, "call 0", 0, 10, trace: 2),
                SampleTraces.span(3, parent: 1, "call 69", 20, 30, trace: 2),
                SampleTraces.span(4, parent: 1, "other", 40, 50, trace: 2),
            ]
        var patterns = TracePatterns()
        let (traces, names) = SampleTraces.assemble(spans)
        for trace in traces { patterns.add(trace) }
        let pairs = patterns.sequentialCalls().map { "\(names[$0.pair.first.name]), \(names[$0.pair.second.name])" }
        #expect(pairs == ["call 69, other"])
        #expect(patterns.unexaminedCount == 6)
    }

    @Test("Repeated calls beyond the limit of replays are counted; those with the longest time are replayed")
    func manyRepetitions() {
        var now: Int64 = 0
        var spans: [DecodedSpan] = []
        for name in 1...10 as ClosedRange<Int64> {
            for _ in 0..<5 {
                spans.append(SampleTraces.span(UInt64(spans.count + 2), parent: 1, "call \(name)", now, now + name))
                now += name
            }
        }
        let (traces, names) = SampleTraces.assemble([SampleTraces.span(1, "root", 0, now)] + spans)
        func found(_ limit: Int) -> (gains: [String], unexaminedCount: Int) {
            var patterns = TracePatterns(replayLimit: limit)
            for trace in traces { patterns.add(trace) }
            let repeated = patterns.repeatedCalls().filter { $0.gain > 0 }
            return (repeated.map { names[$0.child.name] }, patterns.unexaminedCount)
        }
        #expect(found(100).gains.count == 10)
        #expect(found(100).unexaminedCount == 0)
        let few = found(3)
        #expect(few.gains == ["call 10", "call 9", "call 8"])
        // The root takes no time of its own; of ten operations, seven are not replayed alone and seven not as repeated calls.
        #expect(few.unexaminedCount == 14)
    }

    @Test("A server span that shares its client's id has a parent")
    func sharedIDs() throws {
        let spans = (1...12 as ClosedRange<UInt64>).flatMap { trace in
            var client = SampleTraces.span(2, parent: 1, "call", 10, 90, trace: trace)
            client.span.kind = .client
            var server = SampleTraces.span(
                2,
                parent: trace < 11 ? 1 : 0,
                "serve",
                20,
                80,
                service: "pay",
                trace: trace
            )
            server.span.kind = .server
            return [SampleTraces.span(1, "request", 0, 100, trace: trace), client, server]
        }
        let serve = try #require(SampleTraces.totals(spans).byTime.first { $0.name == "serve" })
        #expect(serve.count == 12)
        #expect(serve.rootCount == 0)
        #expect(!serve.losesItsParent)
    }

    @Test("Repeated spans are not counted as selected")
    func repeatedSelection() throws {
        var selection = SpanSelection()
        selection.filter = try SpanFilter("name=a")
        selection.since = 1
        var assembler = TraceAssembler()
        var startless = SampleTraces.span(3, "a", 0, 10)
        startless.span.startUnixNanoseconds = 0
        // Not selected by its name, with or without a start.
        var other = SampleTraces.span(4, "b", 0, 10)
        other.span.startUnixNanoseconds = 0
        let spans = [SampleTraces.span(1, "a", 0, 10), SampleTraces.span(2, "b", 0, 10), startless, other]
        for span in spans + spans {
            assembler.add(span, as: selection.part(of: span)) { _, _ in }
        }
        selection.leaveOutRepeated(of: assembler)
        #expect(selection.spanCount == 4)
        #expect(selection.matchCount == 1)
        #expect(selection.startlessCount == 1)
    }
}
