import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Bottleneck analysis")
struct BottleneckTests {
    /// Requests with a query in a loop, two calls in sequence whose order varies, a step with two kinds of runs, and one with a tail.
    private func analysis(requests: Int = 300) -> BottleneckAnalysis {
        var random = SplitMix64(seed: 3)
        var spans: [DecodedSpan] = []
        for request in 1...UInt64(requests) {
            var now: Int64 = 0
            var id: UInt64 = 1
            var children: [DecodedSpan] = []
            func child(
                _ name: String,
                _ duration: Int64,
                kind: RecordedSpan.Kind = .internal,
                parent: UInt64 = 1,
                _ key: String? = nil
            ) {
                id += 1
                var span = SampleTraces.span(id, parent: parent, name, now, now + duration, trace: request)
                span.span.kind = kind
                if let key { span.span.attributes = [Attribute(key, "x")] }
                children.append(span)
                now += duration
            }
            let listStart = now
            let list: UInt64 = 100
            for _ in 0..<12 { child("SELECT key result", 200, kind: .client, parent: list, "db.system.name") }
            children.append(SampleTraces.span(list, parent: 1, "load objective", listStart, now, trace: request))
            let calls = [("weather", Int64(3_000)), ("calendar", Int64(2_000))]
            for (name, duration) in Bool.random(using: &random) ? calls : calls.reversed() {
                child(name, duration, kind: .client, "http.request.method")
            }
            child("render", Int.random(in: 0..<10, using: &random) < 3 ? 9_000 : 300)
            child("rank", Int.random(in: 0..<100, using: &random) < 3 ? 40_000 : 400)
            spans.append(SampleTraces.span(1, "request", 0, now + 20, trace: request))
            spans += children
        }
        return SampleTraces.analysis(spans, source: "requests.jsonl")
    }

    @Test("A note appears only with the column that it explains")
    func footnotes() {
        func text(_ requests: Int, _ width: Int) -> String {
            BottleneckReport(analysis(requests: requests)).text(style: TerminalStyle(width: width, widest: 160))
        }
        // The query in the loop ran often enough, the other operations did not.
        let mixed = text(39, 100)
        #expect(
            mixed.contains("p99/p50")
                && mixed.contains("\np99/p50 is – for 5 operations with too few runs (fewer than 100).")
        )
        #expect(!mixed.contains("p95/p50"))
        #expect(!text(39, 60).contains("with too few"), "neither column has its place")
        #expect(!text(300, 160).contains("with too few"), "nothing is missing")
        let few = text(3, 160)
        #expect(
            few.contains("\np95/p50 is – for ")
                && few.contains("\np99/p50 is – for ")
        )
    }

    @Test("The keys in JSON name the unit of the numbers")
    func keys() {
        let header = BottleneckReport(analysis(requests: 3)).listing.csv.split(separator: "\n")[0]
        #expect(
            header.contains(
                ",impact_ns_per_unit,share_fraction,critical_ns_per_unit,measured_fraction,calls_per_unit,"
            ),
            "\(header)"
        )
        #expect(header.contains(",gain_ns_per_unit,rule,evidence,advice,assumption,example_trace_id"), "\(header)")
    }

    private func finding(_ name: String) throws -> BottleneckAnalysis.Finding {
        try #require(analysis().findings.first { $0.operation.name == name })
    }

    @Test("A query in a loop is found with its parent")
    func repeatedCalls() throws {
        let query = try finding("SELECT key result")
        #expect(query.operation.category == .database)
        #expect(query.operation.repetition?.parent == "load objective")
        #expect(query.operation.repetition?.calls == 12)
        #expect(query.advice.first?.rule == .repeatedCalls)
        let gain = try #require(query.advice.first?.gain)
        #expect(abs(gain / 300 - 2_200_000) < 1_000, "eleven of twelve calls of 200 µs")
        #expect(query.operation.repetition?.example != nil)
    }

    @Test("Two calls whose order varies can run in parallel")
    func sequentialCalls() throws {
        let weather = try finding("weather")
        #expect(weather.operation.category == .api)
        #expect(weather.operation.sequence?.other == "calendar")
        #expect(weather.operation.sequence?.orderVaries == true)
        #expect(weather.operation.sequence.map { $0.counts.before + $0.counts.after } == 300)
        let advice = try #require(weather.advice.first { $0.rule == .sequentialCalls })
        #expect(abs(advice.gain / 300 - 2_000_000) < 20_000, "the shorter of the two")
    }

    @Test("Bimodal, heavy-tailed and constant distributions are recognized")
    func shapes() throws {
        #expect(try finding("render").operation.shape == .bimodal)
        #expect(try finding("rank").operation.shape == .heavyTail)
        #expect(try finding("weather").operation.shape == .constant)
        #expect(try finding("render").advice.contains { $0.rule == .slowMode })
        #expect(try finding("rank").advice.contains { $0.rule == .heavyTail })
    }

    @Test("The best gain for effort comes first; overlapping calls are not a sequence")
    func order() throws {
        let findings = analysis().findings
        #expect(zip(findings, findings.dropFirst()).allSatisfy { $0.worth >= $1.worth })
        let (traces, names) = SampleTraces.assemble([
            SampleTraces.span(1, "request", 0, 100), SampleTraces.span(2, parent: 1, "a", 0, 60),
            SampleTraces.span(3, parent: 1, "b", 30, 90),
        ])
        var patterns = TracePatterns()
        for trace in traces { patterns.add(trace) }
        #expect(patterns.sequentialCalls().isEmpty)
        #expect(names.names.count == 4)
    }

    @Test("A conversation's id does not make a span a model call")
    func conversationID() throws {
        let id = Attribute("gen_ai.conversation.id", "c-1")
        let (traces, _) = SampleTraces.assemble([
            SampleTraces.span(1, "request", 0, 100, attributes: [id]),
            SampleTraces.span(2, parent: 1, "chat", 0, 60, attributes: [id, Attribute("gen_ai.request.model", "m")]),
            SampleTraces.span(3, parent: 1, "save", 60, 90, attributes: [id, Attribute("db.system.name", "sqlite")]),
        ])
        let spans = try #require(traces.first).spans.sorted { $0.spanID < $1.spanID }
        #expect(spans.map { $0.call != nil } == [false, true, false])
        #expect(spans.map(\.category) == [.computation, .api, .database])
    }

    @Test("The analysis of traces", arguments: TraceReportTests.styles)
    func text(name: String, style: TerminalStyle) throws {
        try Golden.expect(BottleneckReport(analysis()).text(style: style), "analysis-\(name).txt")
    }

    @Test("The report without operations says so")
    func nothing() {
        let analysis = BottleneckAnalysis(sources: [], TraceTotals(), TracePatterns(), names: NameTable())
        #expect(BottleneckReport(analysis).text(style: TerminalStyle(width: 80)) == "No operation was recorded.\n")
    }

    /// Traces of 100 ms with ten calls of 90 ms at the same time.
    private func parallel(_ name: (Int) -> String = { _ in "call" }) -> BottleneckAnalysis {
        let spans = (1...30 as ClosedRange<UInt64>).flatMap { trace in
            [SampleTraces.span(1, "request", 0, 100_000, trace: trace)]
                + (0..<10).map { call in
                    SampleTraces.span(UInt64(call + 2), parent: 1, name(call), 5_000, 95_000, trace: trace)
                }
        }
        return SampleTraces.analysis(spans, source: "parallel.jsonl")
    }

    @Test("Ten calls at the same time have the impact of one, and a trace takes its wall time")
    func parallelCalls() throws {
        let analysis = parallel()
        #expect(analysis.totalNanoseconds == 30 * 100_000_000)
        let call = try #require(analysis.findings.first { $0.operation.name == "call" })
        #expect(call.operation.impactNanoseconds == 30 * 90_000_000)
        #expect(analysis.advice().allSatisfy { $0.gain <= 30 * 90_000_000 })
        let different = parallel { "call \($0)" }
        let impacts = different.findings.filter { $0.operation.name.hasPrefix("call") }.map(
            \.operation.impactNanoseconds
        )
        #expect(impacts.allSatisfy { $0 == 0 }, "each of them alone gains nothing")
        let style = TerminalStyle(width: 100)
        let text = BottleneckReport(analysis).text(style: style) + "\n" + BottleneckReport(different).text(style: style)
        try Golden.expect(text, "analysis-parallel.txt")
    }

    @Test("Two operations that take turns in a loop are no evidence that their order does not matter")
    func loop() {
        let spans =
            [SampleTraces.span(1, "request", 0, 100)]
            + (0..<6).map { number in
                let start = Int64(number) * 10
                return SampleTraces.span(
                    UInt64(number + 2),
                    parent: 1,
                    number % 2 == 0 ? "read" : "write",
                    start,
                    start + 10
                )
            }
        var patterns = TracePatterns()
        for trace in SampleTraces.assemble(spans).0 { patterns.add(trace) }
        #expect(patterns.sequentialCalls().isEmpty)
    }

    @Test("Spans outside the longest root are counted and named")
    func detached() {
        let spans = [
            SampleTraces.span(1, "request", 0, 100), SampleTraces.span(2, "other", 0, 50),
            SampleTraces.span(3, parent: 2, "query", 10, 40), SampleTraces.span(4, parent: 1, "send", 90, 150),
        ]
        let analysis = SampleTraces.analysis(spans)
        #expect(analysis.totalNanoseconds == 100_000)
        let notes = BottleneckReport(analysis).notes()
        #expect(notes.contains { $0.hasPrefix("2 spans are left out") }, "\(notes)")
        #expect(notes.contains { $0.hasPrefix("1 span ends after the parent") }, "\(notes)")
    }

    private func profile(_ calls: ModelCallEvidence? = nil, failures: UInt64 = 0) -> OperationProfile {
        var profile = OperationProfile(
            OperationKey(name: "chat"),
            .api,
            shapeOf: nil,
            count: 200,
            of: 100,
            own: 1_000_000_000,
            whole: 2e9
        )
        profile.isModelCall = true
        profile.modelCalls = calls
        profile.failureCount = failures
        return profile
    }

    private func evidence(cached: Int?, firstToken: UInt64?) -> ModelCallEvidence {
        var evidence = ModelCallEvidence()
        evidence.add(
            ModelCallFacts(
                model: "m",
                conversation: "c",
                inputTokens: 2_000,
                outputTokens: 300,
                cacheReadTokens: cached,
                cacheWriteTokens: nil,
                reasoningTokens: nil,
                firstTokenNanoseconds: firstToken
            )
        )
        return evidence
    }

    @Test("Advice leaves out what the calls already do, and names its evidence")
    func evidence() {
        func strategy(_ calls: ModelCallEvidence?) -> String { ImprovementRule.modelCall.strategy(profile(calls)) }
        #expect(
            strategy(evidence(cached: 1_560, firstToken: 9))
                == "takes 10.0 ms in 2 calls: request fewer output tokens (300 a call) or use a faster model for easy turns"
        )
        #expect(
            strategy(evidence(cached: 400, firstToken: 9)).contains(
                ": cache the constant part of the prompt (2 000 input tokens a call, 20.0 % from cache), request"
            )
        )
        #expect(
            strategy(evidence(cached: 1_560, firstToken: nil)).hasSuffix(
                "; stream the answer, so that its reader waits less"
            )
        )
        for unknown in [strategy(nil), strategy(evidence(cached: nil, firstToken: nil))] {
            #expect(unknown.contains("cache") && unknown.contains("stream"), "\(unknown)")
        }
        #expect(ImprovementRule.modelCall.assumption(profile()) == "it takes 30 % less time")
    }

    @Test("Failures are reported from one run in a hundred")
    func failures() {
        #expect(ImprovementRule.failures.gain(profile(failures: 1)) == nil)
        #expect(ImprovementRule.failures.gain(profile(failures: 2)) == 0)
        #expect(ImprovementRule.failures.strategy(profile(failures: 2)).hasPrefix("failed in 2 of 200 runs: "))
    }
}
