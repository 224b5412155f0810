import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitRecording

@Suite("Composite samplers follow the OpenTelemetry specification")
struct CompositeSamplerTests {
    private static let half: UInt64 = 0x80_0000_0000_0000

    private static func request(
        _ low: UInt64 = .max,
        parent: SpanContext? = nil,
        name: String = "span",
        kind: RecordedSpan.Kind = .internal,
        attributes: Attributes = [:]
    ) -> SamplingRequest {
        SamplingRequest(
            parent: parent,
            traceID: TraceID(high: 1, low: low),
            name: name,
            kind: kind,
            attributes: attributes
        )
    }

    private static func request(_ attributes: Attributes) -> SamplingRequest { request(attributes: attributes) }

    private static func parent(_ flags: TraceFlags, _ state: String = "", remote: Bool = true) -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(rawValue: 3),
            traceFlags: flags,
            traceState: state,
            isRemote: remote
        )
    }

    private static let probability = ProbabilitySampler(probability: 0.5)!

    @Test(
        "always on has threshold 0, always off none, a probability its own; only kept spans have it in the trace state"
    )
    func builtIn() {
        let on = CompositeSampler(AlwaysOnSampler()).decide(Self.request(0))
        #expect(on.isSampled && on.traceState == "ot=th:0" && !on.reliesOnTraceID)
        let off = CompositeSampler(AlwaysOffSampler())
        let kept = Self.parent(.sampled, "a=1,ot=th:8;rv:ff000000000000")
        #expect(!off.decide(Self.request()).isSampled)
        #expect(off.decide(Self.request(parent: kept)).traceState == "ot=rv:ff000000000000,a=1")
        let half = CompositeSampler(Self.probability)
        #expect(half.decide(Self.request(Self.half)).traceState == "ot=th:8")
        #expect(half.decide(Self.request(Self.half)).isSampled && !half.decide(Self.request(Self.half - 1)).isSampled)
        // The parent's flag does not matter, its randomness does.
        #expect(half.decide(Self.request(0, parent: kept)).isSampled)
        #expect(half.decide(Self.request(0, parent: Self.parent([], "ot=rv:80000000000000"))).isSampled)
    }

    @Test(
        "parent threshold: uses the parent's threshold; without one, its flag decides and the probability is unknown",
        arguments: [
            (true, "ot=th:8", half, true, "ot=th:8"), (true, "", 0, true, ""), (false, "", .max, false, ""),
            (true, "ot=rv:00000000000001", 0, true, "ot=rv:00000000000001"), (true, "a=1", 0, true, "a=1"),
            (true, "ot=th:G", 0, true, ""), (true, "ot=th:c;rv:c0000000000000", 0, true, "ot=th:c;rv:c0000000000000"),
            // The flag contradicts the threshold.
            (true, "ot=th:8", half - 1, false, ""), (false, "ot=th:8", half, true, "ot=th:8"),
            (false, "ot=th:8;rv:00000000000000", .max, false, "ot=rv:00000000000000"),
        ] as [(Bool, String, UInt64, Bool, String)]
    )
    func parentThreshold(isSampled: Bool, state: String, low: UInt64, expected: Bool, expectedState: String) {
        let sampler = CompositeSampler(ParentThresholdSampler(root: AlwaysOffSampler()))
        let decision = sampler.decide(Self.request(low, parent: Self.parent(isSampled ? .sampled : [], state)))
        #expect(decision.isSampled == expected)
        #expect(decision.traceState == expectedState)
        #expect(!decision.reliesOnTraceID, "it follows the parent's threshold")
    }

    @Test("parent threshold: roots use the root sampler")
    func root() {
        let sampler = CompositeSampler(ParentThresholdSampler(root: Self.probability))
        #expect(sampler.decide(Self.request(Self.half)).traceState == "ot=th:8")
        #expect(!sampler.decide(Self.request(Self.half - 1)).isSampled)
        #expect(
            sampler.description == "CompositeSampler{ParentThreshold{root:ProbabilitySampler{0.5}}}"
        )
    }

    private static let conditions: [(name: String, condition: SamplingCondition)] = [
        ("route", .attribute("http.route", isOneOf: ["/healthz", "/livez"])),
        ("path", .attribute("http.path", like: ["/internal/*"], notLike: ["/internal/special/*"])),
        ("status", .attribute("http.response.status_code", like: ["4??"])),
        ("root", .parent([.none])), ("elsewhere", .parent([.remote, .local])),
        ("client", .kind([.client, .producer])), ("name", .name(like: ["GET /health*"])),
    ]

    @Test(
        "conditions match spans by what is known at their start",
        arguments: [
            ("route", request(["http.route": "/livez"]), true), ("route", request(["http.route": "/livez2"]), false),
            ("route", request(), false), ("route", request(["http.route": ["/a", "/healthz"]]), true),
            ("route", request(["http.route": []]), false), ("route", request(["http.route": .null]), false),
            ("route", request(["http.route": "/livez", "http.route": "/other"]), false),
            ("path", request(["http.path": "/internal/users"]), true),
            ("path", request(["http.path": "/internal/special/x"]), false),
            ("path", request(["http.path": ["/internal/special/x", "/internal/y"]]), true),
            ("path", request(["http.path": "/users"]), false), ("path", request(), false),
            ("status", request(["http.response.status_code": 404]), true),
            ("status", request(["http.response.status_code": 4]), false),
            ("status", request(["http.response.status_code": [200, 499]]), true),
            ("status", request(["http.response.status_code": .bytes([0x34, 0x30, 0x34])]), false),
            ("root", request(), true), ("root", request(parent: parent(.sampled)), false),
            ("root", request(parent: SpanContext(traceID: .init(high: 0, low: 0), spanID: .invalid)), true),
            ("elsewhere", request(), false), ("elsewhere", request(parent: parent([], remote: false)), true),
            ("elsewhere", request(parent: parent([])), true), ("client", request(kind: .client), true),
            ("client", request(kind: .server), false), ("name", request(name: "GET /healthz"), true),
            ("name", request(name: "GET /orders"), false),
        ] as [(String, SamplingRequest, Bool)]
    )
    func condition(name: String, request: SamplingRequest, holds: Bool) throws {
        let condition = try #require(Self.conditions.first { $0.name == name }?.condition)
        #expect(condition.holds(request) == holds)
    }

    @Test(
        "numbers and booleans are compared as text",
        arguments: [
            (AttributeValue.int(-7), "-7"), (.bool(true), "true"), (.double(0.5), "0.5"), (.double(1), "1.0"),
            (.double(.nan), "NaN"), (.double(-.infinity), "-Infinity"), (.string(""), ""),
        ] as [(AttributeValue, String)]
    )
    func texts(value: AttributeValue, text: String) {
        let condition = SamplingCondition.attribute("key", isOneOf: [text])
        #expect(condition.holds(Self.request(["key": value])))
        #expect(!condition.holds(Self.request(["other": value])))
    }

    @Test(
        "rules: the first whose conditions all hold is used, and without one the span is not sampled"
    )
    func rules() {
        let sampler = CompositeSampler(
            RuleBasedSampler([
                SamplingRule(
                    [.kind([.client]), .attribute("db.operation", isOneOf: ["PING"])],
                    use: AlwaysOffSampler()
                ),
                SamplingRule([.kind([.client])], use: AlwaysOnSampler()),
                SamplingRule([.parent([.none])], use: Self.probability),
            ])
        )
        #expect(!sampler.decide(Self.request(kind: .client, attributes: ["db.operation": "PING"])).isSampled)
        #expect(
            sampler.decide(Self.request(0, kind: .client, attributes: ["db.operation": "GET"])).traceState == "ot=th:0"
        )
        #expect(sampler.decide(Self.request(Self.half, attributes: ["db.operation": "PING"])).traceState == "ot=th:8")
        #expect(!sampler.decide(Self.request(Self.half - 1)).isSampled)
        #expect(!sampler.decide(Self.request(parent: Self.parent(.sampled))).isSampled, "no rule applies")
        #expect(
            sampler.description
                == "CompositeSampler{RuleBased{kind client & db.operation is PING → AlwaysOffSampler; "
                + "kind client → AlwaysOnSampler; parent none → ProbabilitySampler{0.5}}}"
        )
        #expect(!CompositeSampler(RuleBasedSampler([])).decide(Self.request()).isSampled)
    }

    // MARK: With a recorder

    private static func profiler(_ sampler: any ComposableSampler, _ log: ProfilerLog = .silent) -> PerformanceProfiler
    {
        var configuration = RecordingConfiguration()
        configuration.sampler = CompositeSampler(sampler)
        return PerformanceProfiler(.on, recording: configuration, log: log)
    }

    /// Counts its calls.
    private final class Counting: ComposableSampler {
        let count = Atomic<Int>(0)
        let description = "Counting"

        func intent(for request: SamplingRequest) -> SamplingIntent {
            count.add(1, ordering: .relaxed)
            return SamplingIntent(threshold: 0)
        }
    }

    @Test("parent threshold: the root sampler is called once a trace, not for children of local spans")
    func askedOnce() {
        let counting = Counting()
        let profiler = Self.profiler(ParentThresholdSampler(root: counting))
        let answers = SamplingAnswers(CompositeSampler(ParentThresholdSampler(root: counting)))
        #expect(answers.child(of: .sampled) == .sampled)
        #expect(answers.child(of: []) == .unsampled)
        #expect(SamplingAnswers(CompositeSampler(counting)).child(of: .sampled) == .ask)
        for _ in 0..<3 { profiler.profile("root") { profiler.profile("child") { profiler.profile("grandchild") {} } } }
        #expect(counting.count.load(ordering: .relaxed) == 3)
        #expect(profiler.recordedSpans().map(\.context.traceState) == Array(repeating: "ot=th:0", count: 9))
    }

    @Test("rules can drop single spans of a trace; their children follow their parents")
    func gaps() {
        let profiler = Self.profiler(
            RuleBasedSampler([
                SamplingRule([.name(like: ["poll*"])], use: AlwaysOffSampler()),
                SamplingRule(use: ParentThresholdSampler(root: AlwaysOnSampler())),
            ])
        )
        profiler.profile("request") {
            profiler.profile("poll queue") { profiler.profile("read") {} }
            profiler.profile("answer") {}
        }
        #expect(Set(profiler.recordedSpans().map(\.name)) == ["request", "answer"])
        #expect(
            Set(profiler.snapshot().map(\.name)) == ["request", "poll queue", "read", "answer"],
            "durations are still counted"
        )
    }

    @Test("rules see attributes given at the start and inherited ones, but none that are set later")
    func attributesAtStart() {
        let profiler = Self.profiler(
            RuleBasedSampler([SamplingRule([.attribute("tenant", isOneOf: ["a"])], use: AlwaysOnSampler())])
        )
        profiler.startSpan("given", attributes: ["tenant": "a"]).end()
        InheritedAttributes.with(["tenant": "a"]) {
            profiler.profile("inherited") {}
            profiler.startSpan("overridden", attributes: ["tenant": "b"]).end()
        }
        let later = profiler.startSpan("later")
        later.set("tenant", "a")
        later.end()
        #expect(profiler.recordedSpans().map(\.name) == ["given", "inherited"])
    }

    @Test("an annotating sampler adds attributes to kept spans")
    func annotating() throws {
        let profiler = Self.profiler(
            AnnotatingSampler(["sampled.by": "rule 1", "tier": "gold"], delegate: AlwaysOnSampler())
        )
        profiler.startSpan("span", attributes: ["tier": "given", "own": 1]).end()
        let span = try #require(profiler.recordedSpans().first)
        #expect(Set(span.attributes) == [.init("tier", "gold"), .init("own", 1), .init("sampled.by", "rule 1")])
        let dropped = CompositeSampler(AnnotatingSampler(["a": 1], delegate: AlwaysOffSampler())).decide(Self.request())
        #expect(dropped.attributes.isEmpty)
    }

    @Test(
        "a sampler that decides by a trace id that is not marked as random logs a warning; one that follows a threshold does not"
    )
    func unmarkedTraceID() {
        let unmarked = Self.parent(.sampled, "ot=th:8")
        for (sampler, isWarned) in [
            (ParentThresholdSampler(root: Self.probability) as any ComposableSampler, false),
            (ProbabilitySampler(probability: 0.25) ?? Self.probability, true), (AlwaysOnSampler(), false),
        ] {
            let lines = Lines()
            Self.profiler(sampler, lines.log).startSpan("span", parent: .context(unmarked)).end()
            // On a busy machine, a slow span may be logged as well.
            let warnings = lines.all.filter { $0.contains("by its trace id") }
            #expect(warnings.count == (isWarned ? 1 : 0), "\(sampler.description)")
        }
    }
}
