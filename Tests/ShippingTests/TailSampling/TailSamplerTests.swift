import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Tail sampling")
struct TailSamplerTests {
    private static let half: UInt64 = 0x80_0000_0000_0000

    @Test("a trace with an error on any span is kept completely")
    func errors() throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0))
        for failing in 0...3 {
            let root = run.root(randomness: 0)
            let children = (0..<3).map { run.child("child \($0)", of: root) }
            for (number, span) in (children + [root]).enumerated() {
                if number == failing { span.setStatus(.error("broken")) }
                span.end()
            }
            #expect(run.kept().sorted() == ["child 0", "child 1", "child 2", "root"])
        }
        let fine = run.root(randomness: .max)
        run.child("child", of: fine).end()
        fine.end()
        #expect(run.kept() == [])
        #expect(run.sampler.account.kept == [.error: 16])
        #expect(run.sampler.account.dropped == 2)
        #expect(run.recorder.waitingBytes == 0, "what is decided makes room in the log")
    }

    @Test("a kept span has the scope of its library")
    func scopes() throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0))
        let scope = InstrumentationScope(name: "lib", version: "1.2")
        let library = PerformanceProfiler(recorder: run.recorder, log: .silent).scoped(to: scope)
        let root = run.root(randomness: 0)
        let child = library.startSpan("child", parent: .context(root.context))
        child.setStatus(.error("broken"))
        child.end()
        root.end()
        run.decide()
        #expect(run.taken().map(\.scope) == [scope, nil])
        // A profiler closes its recorder.
        withExtendedLifetime(library) {}
    }

    @Test("a local root is slow from its limit on, a child only with spans: .any")
    func slow() throws {
        let second: Int64 = 1_000_000_000
        for (spans, keepsChild) in [(TailSampling.Spans.localRoots, false), (.any, true)] {
            let run = try TailRun(TailSampling(keeping: [.slow(.seconds(2), spans: spans)], otherwise: 0))
            func trace(root rootDuration: Int64, child childDuration: Int64) -> [String] {
                run.advance(.seconds(1))
                let root = run.remote("root", traceID: TraceID(high: 7, low: UInt64(rootDuration * 8 + childDuration)))
                let start: Int64 = 1_790_000_000 * second
                let context = root.context
                let child = run.recorder.begin(named: "child", parent: .context(context), startUnixNanoseconds: start)
                child.end(at: start + childDuration)
                root.end()
                // The root's own start is now; an explicit one needs a span of its own.
                let slowRoot = run.recorder.begin(
                    named: "slow root",
                    parent: .context(
                        SpanContext(
                            traceID: TraceID(high: 8, low: UInt64(rootDuration * 8 + childDuration)),
                            spanID: SpanID(rawValue: 5),
                            traceFlags: .sampled,
                            isRemote: true
                        )
                    ),
                    startUnixNanoseconds: start
                )
                slowRoot.end(at: start + rootDuration)
                return run.kept()
            }
            #expect(trace(root: 2 * second - 1, child: 1) == [])
            #expect(trace(root: 2 * second, child: 1) == ["slow root"])
            #expect(trace(root: 1, child: 3 * second) == (keepsChild ? ["child", "root"] : []))
        }
    }

    @Test("slower than usual applies above the quantile, and only with enough spans")
    func slowerThanUsual() throws {
        let run = try TailRun(TailSampling(keeping: [.slowerThanUsual(quantile: 0.95)], otherwise: 0))
        let start: Int64 = 1_790_000_000_000_000_000
        func runs(_ durations: [Int64]) -> Int {
            for duration in durations {
                let root = run.recorder.begin(named: "work", startUnixNanoseconds: start)
                root.end(at: start + duration)
            }
            return run.kept().count
        }
        #expect(runs(Array(repeating: 1_000_000, count: 50) + [9_000_000_000]) == 0, "50 runs are not usual yet")
        #expect(runs((1...1_000).map { $0 * 10_000 }) == 0, "the limits are renewed every ten seconds")
        run.advance(.seconds(10))
        #expect(runs([]) == 0)
        #expect(runs([9_000_000, 11_000_000, 9_900_000, 1]) == 2)
        #expect(run.sampler.account.kept == [.slowerThanUsual: 2])
        for _ in 0..<60 {
            run.advance(.seconds(10))
            run.decide()
        }
        #expect(runs([11_000_000]) == 0, "after ten minutes without a run nothing is usual any more")
    }

    @Test("a flagged trace is kept: by a call, an attribute, or a number")
    func wanted() throws {
        let rule = TailSampling.Rule.attribute("gen_ai.usage.output_tokens", atLeast: 1_000)
        let run = try TailRun(TailSampling(keeping: [rule], otherwise: 0))
        func keeps(_ mark: (SpanHandle) -> Void) -> Bool {
            let root = run.root(randomness: 0)
            let child = run.child("child", of: root)
            mark(child)
            child.end()
            root.end()
            return run.kept() == ["child", "root"]
        }
        #expect(keeps { $0.keepTrace() })
        #expect(keeps { $0.set(["spankit.sampling.keep": "true"]) })
        #expect(!keeps { $0.set("spankit.sampling.keep", false) })
        #expect(keeps { $0.set("gen_ai.usage.output_tokens", 1_000) })
        #expect(keeps { $0.set("gen_ai.usage.output_tokens", 2_000.5) })
        #expect(!keeps { $0.set("gen_ai.usage.output_tokens", 999) })
        #expect(!keeps { $0.set("gen_ai.usage.output_tokens", "1000000") })
        #expect(run.sampler.account.kept == [.keep: 4, .attribute: 4])
    }

    @Test("any other trace is kept if its randomness reaches the threshold, in every process")
    func probability() throws {
        let run = try TailRun(TailSampling(keeping: [], otherwise: 0.5))
        for (randomness, isKept) in [(Self.half, true), (Self.half - 1, false), (0, false), (.max >> 8, true)] {
            let root = run.root(randomness: randomness == 0 ? 1 << 56 : randomness)
            root.end()
            #expect(run.kept() == (isKept ? ["root"] : []))
        }
        let explicit = run.root(randomness: 1 << 56, state: "ot=rv:ffffffffffffff")
        explicit.end()
        #expect(run.kept() == ["root"], "explicit randomness counts before the trace id's")
    }

    @Test("probability 1 keeps every trace, probability 0 none")
    func extremes() throws {
        for (probability, count) in [(1.0, 100), (0.0, 0), (-1.0, 0), (2.0, 100), (Double.nan, 0)] {
            let run = try TailRun(TailSampling(keeping: [], otherwise: probability))
            for _ in 0..<100 { run.recorder.begin("root").end() }
            #expect(run.kept().count == count)
        }
    }

    // MARK: How likely it was

    @Test(
        "the threshold in the trace state is the probability and never lower than before",
        arguments: [
            // Sampler before, trace state from elsewhere, share, error: the trace state that goes out.
            (1.0, "", 0.25, false, "ot=th:c"), (1.0, "", 0.25, true, "ot=th:0"), (1.0, "", 1, false, "ot=th:0"),
            (0.5, "", 0.25, false, "ot=th:c"), (0.5, "", 0.25, true, "ot=th:8"), (0.5, "", 1, false, "ot=th:8"),
        ]
    )
    func roots(before: Double, state: String, share: Double, fails: Bool, expected: String) throws {
        let head: any Sampler =
            before == 1 ? AlwaysOnSampler() : try #require(ProbabilitySampler(probability: before))
        let run = try TailRun(
            TailSampling(keeping: [.errors], otherwise: share),
            sampler: ParentBasedSampler(root: head)
        )
        var spans: [RecordedSpan] = []
        while spans.isEmpty {
            let root = run.recorder.begin(named: "root", parent: .none)
            let child = run.child("child", of: root)
            if fails { child.setStatus(.error("broken")) }
            child.end()
            root.end()
            run.decide()
            spans = run.taken()
        }
        #expect(spans.map(\.context.traceState) == [expected, expected])
        #expect(spans.map(\.reason) == [nil, fails ? "error" : "probability"], "on local roots only")
    }

    @Test(
        "below another process, its threshold is raised or kept, and a missing one is not added",
        arguments: [
            ("ot=th:8", 0.25, false, "ot=th:c"), ("ot=th:e", 0.25, false, "ot=th:e"),
            ("ot=th:8", 0.25, true, "ot=th:8"),
            ("ot=th:0", 0.25, true, "ot=th:0"), ("", 0.25, false, ""), ("", 0.25, true, ""),
            ("vendor=1,ot=rv:ffffffffffffff;th:8;zz:1", 0.25, false, "ot=th:c;rv:ffffffffffffff;zz:1,vendor=1"),
            ("vendor=1", 0.25, true, "vendor=1"),
        ]
    )
    func belowRemote(state: String, share: Double, fails: Bool, expected: String) throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: share))
        let root = run.remote("root", traceID: TraceID(high: 1, low: .max), state: state)
        let child = run.child("child", of: root)
        if fails { child.setStatus(.error("broken")) }
        child.end()
        root.end()
        run.decide()
        #expect(run.taken().map(\.context.traceState) == [expected, expected])
    }

    @Test("traces with different trace states that end in turn keep their own")
    func mixedStates() throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0.25))
        let states = [("ot=th:8", "ot=th:c"), ("vendor=1", "vendor=1"), ("", ""), ("ot=th:4", "ot=th:c")]
        for round in 0..<3 {
            let fails = round == 1
            let roots = states.enumerated().map { number, state in
                run.remote("root", traceID: TraceID(high: UInt64(round * 8 + number + 1), low: .max), state: state.0)
            }
            let children = roots.map { run.child("child", of: $0) }
            if fails { for child in children { child.setStatus(.error("broken")) } }
            for span in children + roots { span.end() }
            run.decide()
            let found = run.taken()
            #expect(found.count == 8)
            for span in found {
                let state = states[Int(span.context.traceID.high) - round * 8 - 1]
                #expect(span.context.traceState == (fails ? state.0 : state.1))
            }
        }
    }

    @Test("after a legacy ratio sampler, no threshold is added")
    func legacyRatio() throws {
        let head = try #require(TraceIDRatioSampler(ratio: 1))
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0), sampler: ParentBasedSampler(root: head))
        let root = run.recorder.begin(named: "root", parent: .none)
        root.setStatus(.error("broken"))
        root.end()
        run.decide()
        #expect(run.taken().map(\.context.traceState) == [""])
    }

    // MARK: The order of events

    @Test("children that end after their root are kept at once with a kept trace, or decided after the wait")
    func lateChildren() throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0))
        for fails in [true, false] {
            let root = run.root(randomness: 5)
            let late = run.child("late", of: root)
            if fails { root.setStatus(.error("broken")) }
            root.end()
            #expect(run.kept() == (fails ? ["root"] : []))
            late.end()
            #expect(run.kept() == (fails ? ["late"] : []))
            run.advance(.seconds(61))
            #expect(run.kept() == [])
        }
        #expect(run.sampler.account.dropped == 2)
        let root = run.root(randomness: 6)
        let late = run.child("late", of: root)
        root.end()
        #expect(run.kept() == [])
        late.setStatus(.error("too late for its root, not for itself"))
        late.end()
        #expect(run.kept() == [])
        run.advance(.seconds(61))
        #expect(run.kept() == ["late"])
    }

    @Test("two local roots of one trace are decided separately")
    func severalLocalRoots() throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0))
        let traceID = TraceID(high: 1, low: 2)
        let one = run.remote("one", traceID: traceID)
        let two = run.remote("two", traceID: traceID)
        run.child("child of one", of: one).end()
        let middle = run.child("middle of two", of: two)
        run.child("grandchild of two", of: middle).end()
        middle.end()
        one.end()
        #expect(run.kept() == [])
        #expect(run.sampler.account.dropped == 2)
        #expect(run.sampler.account.waiting == 2)
        two.setStatus(.error("broken"))
        two.end()
        #expect(run.kept() == ["grandchild of two", "middle of two", "two"])
        let three = run.remote("three", traceID: traceID)
        three.end()
        #expect(run.kept() == ["three"], "a trace that is kept stays kept")
    }

    @Test("traces that wait too long or exceed the limit are sampled early and counted")
    func bounds() throws {
        var configuration = TailSampling(keeping: [.errors], otherwise: 0.5)
        configuration.maximumSpans = 100
        let run = try TailRun(configuration)
        let root = run.root(randomness: Self.half)
        let doomed = run.root(randomness: Self.half - 1)
        for _ in 0..<30 { run.child("child", of: root).end() }
        for _ in 0..<30 { run.child("doomed", of: doomed).end() }
        #expect(run.kept() == [])
        for _ in 0..<60 { run.child("later", of: run.root(randomness: 1 << 56)).end() }
        #expect(run.kept() == Array(repeating: "child", count: 30))
        #expect(run.sampler.account.decidedEarly == 30)
        #expect(run.sampler.account.waiting == 90)
        run.advance(.seconds(61))
        #expect(run.kept() == [])
        #expect(run.sampler.account.dropped == 90)
        root.setStatus(.error("broken"))
        root.end()
        #expect(run.kept() == ["root"], "the end of a trace that was cut is decided for itself")
    }

    @Test("a trace that never ends holds back a limited part of the log")
    func logBytes() throws {
        var configuration = TailSampling(keeping: [.errors], otherwise: 1)
        configuration.maximumBytes = .max
        let run = try TailRun(configuration, logBytes: 1_024 * 1_024)
        let open = run.root(randomness: 1)
        var keptCount = 0
        for number in 0..<20_000 {
            if number % 100 == 0 {
                run.child("held", of: open).end()
                run.decide()
                keptCount += run.taken().count
            }
            run.recorder.begin("work").end()
        }
        run.decide()
        keptCount += run.taken().count
        #expect(run.recorder.account().droppedLogFull == 0)
        #expect(keptCount + Int(run.sampler.account.waiting) == 20_200)
        #expect(run.sampler.account.decidedEarly > 0)
    }

    @Test("a flush decides on all ended spans")
    func flush() throws {
        let run = try TailRun(TailSampling(keeping: [.errors], otherwise: 0))
        let root = run.root(randomness: 1)
        run.child("fine", of: root).end()
        let other = run.root(randomness: 2)
        let failed = run.child("failed", of: other)
        failed.setStatus(.error("broken"))
        failed.end()
        run.decide(all: true)
        #expect(run.taken().map(\.name) == ["failed"])
        #expect(run.sampler.account.dropped == 1)
        #expect(run.sampler.account.waiting == 0)
        #expect(run.recorder.waitingBytes == 0)
    }
}
