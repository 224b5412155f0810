import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Comparison of runs")
struct RunComparisonTests {
    /// Requests of eight steps, one after the other, whose durations are lognormal.
    private func run(seed: UInt64, requests: Int = 600, slowed: String? = nil, by factor: Double = 1) -> RunStatistics {
        var random = SplitMix64(seed: seed)
        var spans: [DecodedSpan] = []
        for request in 1...requests {
            var now: Int64 = 0
            var children: [DecodedSpan] = []
            for step in 1...8 {
                let name = "step_\(step)"
                let normal = (0..<12).reduce(-6.0) { sum, _ in sum + .random(in: 0..<1, using: &random) }
                var duration = 1_000 * Double(step) * (1 + 0.2 * max(-4, normal))
                if name == slowed { duration *= factor }
                children.append(
                    SampleTraces.span(
                        UInt64(step + 1),
                        parent: 1,
                        name,
                        now,
                        now + Int64(duration),
                        trace: UInt64(request)
                    )
                )
                now += Int64(duration)
            }
            spans.append(SampleTraces.span(1, "request", 0, now + 50, trace: UInt64(request)))
            spans += children
        }
        return RunStatistics(name: "run \(seed)", SampleTraces.totals(spans))
    }

    @Test("A run compared with itself has not changed")
    func itself() {
        let one = run(seed: 1)
        let comparison = RunComparison(one, one)
        #expect(comparison.changes.filter(\.isChange).isEmpty)
        #expect(comparison.changes.allSatisfy { $0.verdict == .unchanged })
    }

    @Test("Two runs of the same program have not changed", arguments: 0..<20)
    func sameProgram(seed: Int) {
        let comparison = RunComparison(run(seed: UInt64(1_000 + seed)), run(seed: UInt64(2_000 + seed)))
        #expect(comparison.changes.filter(\.isChange).map(\.name) == [])
    }

    @Test("A step that got 10 % slower is the only change", arguments: 0..<20)
    func slowedStep(seed: Int) throws {
        let comparison = RunComparison(
            run(seed: UInt64(100 + seed)),
            run(seed: UInt64(300 + seed), slowed: "step_2", by: 1.1)
        )
        let changed = comparison.changes.filter(\.isChange)
        #expect(changed.map(\.name) == ["step_2"])
        let step = try #require(changed.first)
        #expect(step.verdict == .slower)
        #expect(abs((step.mean ?? 0) - 0.1) < 0.045)
        #expect(step.chance < 0.01)
    }

    @Test("A longer tail is found even if most runs are unchanged")
    func tails() {
        func snapshot(_ slow: Int) -> OperationSnapshot {
            var histogram = ExponentialHistogram()
            for number in 0..<2_000 {
                histogram.record(nanoseconds: UInt64(number < slow ? 9_000_000 : 1_000_000 + number))
            }
            return OperationSnapshot(name: "load", histogram: histogram)
        }
        let comparison = RunComparison(
            RunStatistics(name: "a", [snapshot(20)]),
            RunStatistics(name: "b", [snapshot(240)])
        )
        #expect(comparison.changes.first?.verdict == .tailSlower)
    }

    @Test("Operations with too few runs are not compared; added and removed ones are listed")
    func edges() {
        var few = ExponentialHistogram()
        for _ in 0..<5 { few.record(nanoseconds: 1_000) }
        var fewSlow = ExponentialHistogram()
        for _ in 0..<5 { fewSlow.record(nanoseconds: 9_000) }
        let comparison = RunComparison(
            RunStatistics(name: "a", [.init(name: "x", histogram: few), .init(name: "gone", histogram: few)]),
            RunStatistics(name: "b", [.init(name: "x", histogram: fewSlow), .init(name: "new", histogram: few)])
        )
        let verdicts = Dictionary(uniqueKeysWithValues: comparison.changes.map { ($0.name, $0.verdict) })
        #expect(verdicts == ["x": .tooFew, "gone": .removed, "new": .added])
    }

    @Test("An operation that was not compared is not called unchanged")
    func tooFew() {
        func run(_ name: String, count: Int) -> RunStatistics {
            var histogram = ExponentialHistogram()
            for _ in 0..<count { histogram.record(nanoseconds: 1_000) }
            return RunStatistics(name: name, [.init(name: "x", histogram: histogram)])
        }
        let comparison = RunComparison(run("a", count: 12), run("b", count: 5))
        let text = comparison.text(style: TerminalStyle(width: 100))
        #expect(text.contains("\nToo few runs to compare (fewer than 20).\n"), "\(text)")
        #expect(!text.contains("No change"))
        let enough = RunComparison(run("a", count: 20), run("b", count: 20))
        #expect(enough.text(style: TerminalStyle(width: 100)).contains("\nNo change.\n"))
    }

    @Test("The report of a comparison", arguments: TraceReportTests.styles)
    func report(name: String, style: TerminalStyle) throws {
        let comparison = RunComparison(run(seed: 7), run(seed: 8, slowed: "step_5", by: 1.3))
        try Golden.expect(comparison.text(style: style), "diff-\(name).txt")
    }

    // MARK: Conditions

    @Test(
        "Conditions are parsed and checked",
        arguments: [
            ("p95(load) > 1.2x", 0), ("p95(load) > 1.05x", 1), ("p95( load ) > +5%", 1), ("avg(load)>=2ms", 0),
            ("max(load) > 500us", 1), ("errors(*) > 0", 1), ("count(load) < 100", 0), ("count(load) >= 100", 1),
            ("p50(*) > 1.05x", 1), ("total(load) > 1s", 0),
        ]
    )
    func conditions(text: String, violations: Int) throws {
        func statistics(_ factor: UInt64, errors: UInt64) -> RunStatistics {
            var histogram = ExponentialHistogram()
            for number in 0..<100 { histogram.record(nanoseconds: UInt64(1_000 * (500 + number)) * factor / 10) }
            return RunStatistics(
                name: "run",
                [OperationSnapshot(name: "load", histogram: histogram, errorCount: errors)]
            )
        }
        let condition = try Condition(text)
        let found = try condition.violations(of: RunComparison(statistics(10, errors: 0), statistics(11, errors: 2)))
        #expect(found.count == violations, "\(found)")
    }

    @Test(
        "The error for an invalid condition contains examples",
        arguments: [
            ("", "it has no 'METRIC(OPERATION)'"), ("p95 > 2", "it has no 'METRIC(OPERATION)'"),
            ("p42(load) > 2ms", "'p42' is not one of p50, p90"), ("p95() > 2ms", "the operation is missing"),
            ("p95(load) > fast", "'fast' is not a factor, a percentage or a duration"),
            ("p95(load) >", "'' is not a factor"),
            ("count(load) > 2ms", "'2ms' is not a factor, a percentage or a number"),
            ("p95(load) > -1x", "'-1x' is not a factor"),
        ]
    )
    func badConditions(text: String, reason: String) {
        do {
            _ = try Condition(text)
            Issue.record("'\(text)' was accepted")
        } catch {
            #expect(error.description.contains(reason), "\(error)")
            #expect(error.description.hasSuffix("write it like 'p95(load) > 1.2x' or 'max(load) > 250ms'"))
        }
    }

    @Test(
        "A condition is an error if no operation can be checked",
        arguments: [("p95(load) > 2s", "load"), ("p95(*) > 1.2x", nil), ("max(*) > 2s", nil), ("errors(*) > 0", nil)]
    )
    func missingOperation(text: String, operation: String?) throws {
        let run = RunStatistics(name: "run.json", [])
        let comparison = RunComparison(run, run)
        let problem = try #require(throws: Condition.Problem.self) {
            try Condition(text).violations(of: comparison)
        }
        let missing = operation.map { "operation '\($0)'" } ?? "operation"
        #expect(problem.description == "'\(text)': no \(missing) in run.json")
    }

    @Test("Operations for which a condition could not be checked are counted")
    func partlyChecked() throws {
        func run(_ counts: KeyValuePairs<String, Int>) -> RunStatistics {
            RunStatistics(
                name: "run",
                counts.map { name, count in
                    var histogram = ExponentialHistogram()
                    for _ in 0..<count { histogram.record(nanoseconds: 1_000) }
                    return .init(name: name, histogram: histogram)
                }
            )
        }
        let comparison = RunComparison(run(["a": 40, "b": 5]), run(["a": 40, "b": 5, "new": 40]))
        let condition = try Condition("p95(*) > 1.2x")
        let found = try condition.findings(of: comparison)
        #expect(found.violations == [])
        #expect(
            found.unchecked
                == "'p95(*) > 1.2x': 2 operations were not checked: 'b' ran fewer than 20 times in a run, which is too few to "
                + "compare; use a value, such as p95(b) > 250ms, and so on"
        )
        #expect(try Condition("p95(a) > 1.2x").findings(of: comparison).unchecked == nil)
        #expect(try Condition("max(*) > 2s").findings(of: comparison).unchecked == nil)
    }

    @Test("Failures of spans without times are compared with a limit")
    func untimedFailures() throws {
        var span = SampleTraces.span(1, "save", 0, 10, isError: true)
        span.span.endUnixNanoseconds = 0
        let run = RunStatistics(name: "run", SampleTraces.totals([span]))
        let violations = try Condition("errors(*) > 0").violations(of: RunComparison(run, run))
        #expect(violations == ["errors(save) is 1, above 0"])
    }

    @Test("An unchanged operation passes every condition with a factor")
    func gateOfEqualRuns() throws {
        /// Runs of the same operation, whose slowest few are chance.
        func statistics(_ slowest: UInt64) -> RunStatistics {
            var histogram = ExponentialHistogram()
            for number in 0..<40 { histogram.record(nanoseconds: number < 37 ? 1_000_000 : slowest) }
            return RunStatistics(name: "run", [.init(name: "load", histogram: histogram)])
        }
        let comparison = RunComparison(statistics(1_100_000), statistics(9_000_000))
        #expect(comparison.verdict(on: OperationKey(name: "load")) == .unchanged)
        for text in ["p95(*) > 1.2x", "max(load) > +20%", "avg(load) > 1.2x"] {
            #expect(try Condition(text).violations(of: comparison) == [], "\(text)")
        }
        #expect(try Condition("p95(load) > 5ms").violations(of: comparison).count == 1, "a value is plain")
    }

    @Test("A condition compares self times, as the table does")
    func gateOfOwnTime() throws {
        let comparison = RunComparison(run(seed: 7), run(seed: 8, slowed: "step_8", by: 3))
        #expect(comparison.changes.filter(\.isChange).map(\.name) == ["step_8"])
        let violations = try Condition("p50(*) > 1.2x").violations(of: comparison)
        #expect(violations.count == 1)
        #expect(violations.first?.hasPrefix("p50(step_8) of self time is ") == true, "\(violations)")
    }

    @Test(
        "A condition that cannot be checked for any operation is an error",
        arguments: ["p95(load) > 2x", "p95(*) > 2x"]
    )
    func gateOfTooFew(text: String) throws {
        var few = ExponentialHistogram()
        for _ in 0..<5 { few.record(nanoseconds: 1_000) }
        let run = RunStatistics(name: "run", [.init(name: "load", histogram: few)])
        let comparison = RunComparison(run, run)
        let problem = try #require(throws: Condition.Problem.self) {
            try Condition(text).violations(of: comparison)
        }
        #expect(problem.description.contains("'load' ran fewer than 20 times in a run, which is too few to compare"))
        #expect(try Condition("errors(*) > 1x").violations(of: comparison) == [])
    }
}
