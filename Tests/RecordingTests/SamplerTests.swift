import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Samplers follow the OpenTelemetry specification")
struct SamplerTests {
    private func request(
        _ low: UInt64,
        parent: SpanContext? = nil
    ) -> SamplingRequest {
        SamplingRequest(parent: parent, traceID: TraceID(high: 1, low: low), name: "span")
    }

    private func parent(_ flags: TraceFlags, state: String = "", remote: Bool = false) -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(rawValue: 3),
            traceFlags: flags,
            traceState: state,
            isRemote: remote
        )
    }

    @Test("always on, always off")
    func always() {
        #expect(AlwaysOnSampler().decide(request(0)).isSampled)
        #expect(!AlwaysOffSampler().decide(request(0)).isSampled)
        #expect(AlwaysOnSampler().description == "AlwaysOnSampler")
    }

    @Test("parent based: follows the parent, remote or local; roots use the root sampler")
    func parentBased() {
        let sampler = ParentBasedSampler(root: AlwaysOffSampler())
        for remote in [true, false] {
            #expect(sampler.decide(request(0, parent: parent(.sampled, remote: remote))).isSampled)
            #expect(!sampler.decide(request(0, parent: parent([], remote: remote))).isSampled)
        }
        #expect(!sampler.decide(request(0)).isSampled)
        #expect(ParentBasedSampler(root: AlwaysOnSampler()).decide(request(0)).isSampled)
    }

    @Test("ratio: a higher ratio samples a superset, and the sampled fraction is the ratio")
    func ratio() throws {
        var random = SplitMix64(seed: 7)
        let low = try #require(TraceIDRatioSampler(ratio: 0.1))
        let high = try #require(TraceIDRatioSampler(ratio: 0.4))
        var lowCount = 0
        var highCount = 0
        for _ in 0..<20_000 {
            let request = request(random.next())
            if low.decide(request).isSampled {
                lowCount += 1
                #expect(high.decide(request).isSampled)
            }
            if high.decide(request).isSampled { highCount += 1 }
        }
        #expect(abs(Double(lowCount) / 20_000 - 0.1) < 0.01)
        #expect(abs(Double(highCount) / 20_000 - 0.4) < 0.015)
        #expect(TraceIDRatioSampler(ratio: 1)?.decide(request(.max)).isSampled == true)
        #expect(TraceIDRatioSampler(ratio: 0)?.decide(request(0)).isSampled == false)
        #expect(low.description == "TraceIdRatioBased{0.100000}")
        for bad in [-0.1, 1.1, .nan] { #expect(TraceIDRatioSampler(ratio: bad) == nil) }
    }

    @Test(
        "probability: thresholds are encoded as in the specification's table",
        arguments: [
            (1.0, "0"), (0.5, "8"), (1.0 / 3, "aaab"), (0.25, "c"), (0.2, "cccd"), (0.125, "e"), (0.1, "e666"),
            (0.0625, "f"), (0.01, "fd70a"), (0.001, "ffbe77"), (1e-4, "fff9724"), (1e-5, "ffff583a"),
            (1e-6, "ffffef39"),
        ]
    )
    func thresholds(probability: Double, expected: String) {
        #expect(
            ProbabilitySampler.encode(threshold: ProbabilitySampler.threshold(probability: probability)) == expected
        )
    }

    @Test("probability: keeps traces whose randomness is at least the threshold, and writes it to the trace state")
    func probability() throws {
        let sampler = try #require(ProbabilitySampler(probability: 0.5))
        let threshold: UInt64 = 0x80_0000_0000_0000
        #expect(sampler.decide(request(threshold)).isSampled)
        #expect(sampler.decide(request(threshold)).traceState == "ot=th:8")
        #expect(!sampler.decide(request(threshold - 1)).isSampled)
        #expect(sampler.decide(request(threshold - 1)).traceState == "")
        #expect(sampler.decide(request(0xFF00_0000_0000_0000)).isSampled == false, "only the last 56 bits count")
        for bad in [0, -1, 1.5, .nan] { #expect(ProbabilitySampler(probability: bad) == nil) }
    }

    @Test("probability: explicit randomness overrides the trace id; other entries and sub-keys are kept")
    func explicitRandomness() throws {
        let sampler = try #require(ProbabilitySampler(probability: 0.25))
        let context = parent(.sampled, state: "vendor=x, ot=rv:ff000000000000;th:0;zz:1 ,other=y")
        let decision = sampler.decide(request(0, parent: context))
        #expect(decision.isSampled)
        #expect(decision.traceState == "ot=th:c;rv:ff000000000000;zz:1,vendor=x,other=y")
        let low = parent(.sampled, state: "ot=rv:00000000000001")
        #expect(!sampler.decide(request(.max, parent: low)).isSampled)
        #expect(sampler.decide(request(.max, parent: low)).traceState == "ot=rv:00000000000001")
    }

    @Test("probability: the trace state remains valid with any other entries")
    func fullState() throws {
        let sampler = try #require(ProbabilitySampler(probability: 0.25))
        let full = (0..<32).map { "k\($0)=v" }.joined(separator: ",")
        let kept = try #require(sampler.decide(request(.max, parent: parent(.sampled, state: full))).traceState)
        #expect(kept == "ot=th:c," + (0..<31).map { "k\($0)=v" }.joined(separator: ","))
        let long = "ot=rv:ffffffffffffff;" + String(repeating: "x", count: 232) + ":1"
        #expect(
            sampler.decide(request(0, parent: parent(.sampled, state: long))).traceState == "ot=th:c;rv:ffffffffffffff"
        )
        let invalid = sampler.decide(request(.max, parent: parent(.sampled, state: "a=1,b=")))
        #expect(invalid.traceState == "ot=th:c")
    }

    @Test(
        "parent based: the child keeps the threshold unless it contradicts the decision",
        arguments: [
            ("ot=th:8", true, UInt64(0x80_0000_0000_0000), "ot=th:8"),
            ("ot=th:8", true, 0x7F_FFFF_FFFF_FFFF, ""),
            ("ot=th:8", false, 0x80_0000_0000_0000, ""),
            ("ot=th:8", false, 0x7F_FFFF_FFFF_FFFF, "ot=th:8"),
            ("ot=th:8;rv:80000000000000", true, 0, "ot=th:8;rv:80000000000000"),
            ("a=1,ot=th:8;rv:7fffffffffffff;zz:1,b=2", true, .max, "ot=rv:7fffffffffffff;zz:1,a=1,b=2"),
            ("ot=th:0", true, 0, "ot=th:0"), ("ot=th:G", true, .max, ""), ("ot=th:000000000000000", true, 0, ""),
            ("ot=th:C", true, .max, ""), ("a=1", true, 0, "a=1"),
        ]
    )
    func threshold(state: String, isSampled: Bool, low: UInt64, expected: String) {
        let sampler = ParentBasedSampler(root: AlwaysOnSampler())
        let parent = parent(isSampled ? .sampled : [], state: state, remote: true)
        let decision = sampler.decide(request(low, parent: parent))
        #expect(decision.isSampled == isSampled)
        #expect((decision.traceState ?? state) == expected)
        // With a recorder as well, which does not always call the sampler.
        let profiler = PerformanceProfiler(.on, log: .silent)
        var remote = parent
        remote.traceID = TraceID(high: 1, low: low == 0 ? 1 << 56 : low)
        let span = profiler.startSpan("child", parent: .context(remote))
        #expect(span.context.traceState == expected)
        #expect(span.isRecording == isSampled)
    }

    @Test("parent based: each kind of parent can have its own sampler")
    func delegates() {
        let sampler = ParentBasedSampler(
            root: AlwaysOffSampler(),
            remoteParentSampled: AlwaysOffSampler(),
            remoteParentNotSampled: AlwaysOnSampler(),
            localParentSampled: AlwaysOffSampler(),
            localParentNotSampled: AlwaysOnSampler()
        )
        for remote in [true, false] {
            #expect(!sampler.decide(request(0, parent: parent(.sampled, remote: remote))).isSampled)
            #expect(sampler.decide(request(0, parent: parent([], remote: remote))).isSampled)
        }
        #expect(ParentBasedSampler(root: AlwaysOnSampler()).description == "ParentBased{root:AlwaysOnSampler}")
        #expect(sampler.description.contains("remoteParentSampled:AlwaysOffSampler,remoteParentNotSampled:AlwaysOnS"))
        var configuration = RecordingConfiguration()
        configuration.sampler = ParentBasedSampler(root: AlwaysOnSampler(), localParentSampled: AlwaysOffSampler())
        let profiler = PerformanceProfiler(.on, recording: configuration, log: .silent)
        profiler.profile("root") { profiler.profile("child") { profiler.profile("grandchild") {} } }
        #expect(profiler.recordedSpans().map(\.name) == ["root"])
    }

    @Test("the span gets the sampler's attributes and trace state, and its children the trace state")
    func recorded() throws {
        var configuration = RecordingConfiguration()
        configuration.sampler = ParentBasedSampler(root: try #require(ProbabilitySampler(probability: 1)))
        let profiler = PerformanceProfiler(.on, recording: configuration, log: .silent)
        profiler.profile("root") { profiler.profile("child") {} }
        #expect(profiler.recordedSpans().map(\.context.traceState) == ["ot=th:0", "ot=th:0"])
    }

    @Test("a child sampled by a trace id that is not marked as random is logged once")
    func unmarkedTraceID() throws {
        let ratio = try #require(TraceIDRatioSampler(ratio: 0.5))
        let probability = try #require(ProbabilitySampler(probability: 0.5))
        let unmarked = parent(.sampled, remote: true)
        let explicit = parent(.sampled, state: "ot=rv:ff000000000000", remote: true)
        let cases: [(sampler: any Sampler, parent: SpanContext?, isWarned: Bool)] = [
            (ratio, unmarked, true), (probability, unmarked, true),
            (ParentBasedSampler(root: AlwaysOnSampler(), remoteParentSampled: ratio), unmarked, true),
            (ratio, parent([.sampled, .random], remote: true), false), (ratio, nil, false),
            (probability, explicit, false), (ratio, explicit, true),
            (ParentBasedSampler(root: ratio), unmarked, false), (AlwaysOnSampler(), unmarked, false),
        ]
        for (sampler, parent, isWarned) in cases {
            let lines = Lines()
            var configuration = RecordingConfiguration()
            configuration.sampler = sampler
            let profiler = PerformanceProfiler(
                .on,
                warnThreshold: .seconds(3_600),
                recording: configuration,
                log: lines.log
            )
            for _ in 0..<3 { profiler.startSpan("span", parent: parent.map { .context($0) } ?? .none).end() }
            #expect(lines.all.count == (isWarned ? 1 : 0), "\(sampler.description): \(lines.all)")
            if isWarned {
                #expect(lines.all[0].hasPrefix("warning: "))
                #expect(lines.all[0].contains("does not mark the id as random (traceparent flag 02)"))
            }
        }
    }
}
