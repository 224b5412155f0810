import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

/// Uses seeded random traces of nested spans across services, each with its own rules.
@Suite("Composite samplers are consistent, and their thresholds are the sampling probabilities")
struct CompositeSamplerPropertyTests {
    /// One span of a trace, and its sampling decision.
    private struct Decided {
        var kind: RecordedSpan.Kind
        var threshold: UInt64?
        var decision: SamplingDecision
    }

    private static func sampler(_ random: inout SplitMix64) -> any ComposableSampler {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: AlwaysOffSampler()
        case 1: AlwaysOnSampler()
        default:
            ProbabilitySampler(probability: Double.random(in: 0.02...1, using: &random)) ?? AlwaysOffSampler()
        }
    }

    /// A trace of up to eight spans, each a child of an earlier one; parents may be remote.
    private static func trace(
        _ sampler: any ComposableSampler,
        _ random: inout SplitMix64
    ) -> (randomness: UInt64, spans: [Decided]) {
        let traceID = TraceID(high: random.next() | 1, low: random.next())
        let explicit = Int.random(in: 0..<4, using: &random) == 0 ? random.next() >> 8 : nil
        let composite = CompositeSampler(sampler)
        var contexts: [SpanContext] = []
        var spans: [Decided] = []
        for number in 1...Int.random(in: 1...8, using: &random) {
            var parent = contexts.randomElement(using: &random)
            parent?.isRemote = Bool.random(using: &random)
            if parent == nil, let explicit {
                let digits = explicit.hexadecimalDigits.suffix(14)
                // A root may have explicit randomness in a trace state; its context is not a valid parent.
                parent = SpanContext(traceID: traceID, spanID: .invalid, traceState: "vendor=1,ot=rv:\(digits);x:y")
            }
            let request = SamplingRequest(
                parent: parent,
                traceID: traceID,
                name: "span",
                kind: RecordedSpan.Kind.allCases.randomElement(using: &random) ?? .internal
            )
            let decision = composite.decide(request)
            spans.append(
                Decided(kind: request.kind, threshold: sampler.intent(for: request).threshold, decision: decision)
            )
            contexts.append(
                SpanContext(
                    traceID: traceID,
                    spanID: SpanID(rawValue: UInt64(number)),
                    traceFlags: decision.isSampled ? [.sampled, .random] : .random,
                    traceState: decision.traceState ?? parent?.traceState ?? ""
                )
            )
        }
        return (explicit ?? traceID.low & 0xFF_FFFF_FFFF_FFFF, spans)
    }

    @Test(
        "rules for every span: each is kept at its probability, which th contains, and a rarer one never without a more frequent one",
        arguments: 1...4
    )
    func everySpan(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rules = RecordedSpan.Kind.allCases.map { SamplingRule([.kind([$0])], use: Self.sampler(&random)) }
        let sampler = RuleBasedSampler(rules)
        var kept: [RecordedSpan.Kind: (spans: Int, weight: Double, variance: Double)] = [:]
        var all: [RecordedSpan.Kind: Int] = [:]
        var (wrongDecisions, wrongThresholds, gaps) = (0, 0, 0)
        for _ in 0..<1_200 {
            let (randomness, spans) = Self.trace(sampler, &random)
            for span in spans {
                all[span.kind, default: 0] += 1
                let state = SamplingState(span.decision.traceState ?? "")
                if span.decision.isSampled != (span.threshold.map { randomness >= $0 } ?? false) { wrongDecisions += 1 }
                if state.threshold != (span.decision.isSampled ? span.threshold : nil) { wrongThresholds += 1 }
                guard let threshold = state.threshold else { continue }
                let probability = Double((1 << 56) - threshold) / 0x1p56
                kept[span.kind, default: (0, 0, 0)].spans += 1
                kept[span.kind]?.weight += 1 / probability
                kept[span.kind]?.variance += (1 - probability) / (probability * probability)
            }
            let lowestDropped = spans.filter { !$0.decision.isSampled }.compactMap(\.threshold).min() ?? .max
            let highestKept = spans.filter(\.decision.isSampled).compactMap(\.threshold).max() ?? 0
            if highestKept >= lowestDropped { gaps += 1 }
        }
        #expect((wrongDecisions, wrongThresholds, gaps) == (0, 0, 0))
        for (kind, seen) in kept {
            // The spans of a trace are dropped together, so the variance is higher than for single spans, by a factor of at most eight.
            let spread = 5 * (seen.variance * 8).squareRoot() + 1
            #expect(
                abs(seen.weight - Double(all[kind] ?? 0)) < spread,
                "\(kind): weighs \(seen.weight) of \(all[kind] ?? 0)"
            )
        }
        #expect(kept.values.reduce(0) { $0 + $1.spans } > 200)
    }

    @Test(
        "parent threshold: traces are kept whole at the root's probability, which all spans contain",
        arguments: 5...8
    )
    func wholeTraces(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rules = RecordedSpan.Kind.allCases.map { SamplingRule([.kind([$0])], use: Self.sampler(&random)) }
        let sampler = ParentThresholdSampler(root: RuleBasedSampler(rules))
        var traces: [RecordedSpan.Kind: Double] = [:]
        var weights: [RecordedSpan.Kind: (sum: Double, variance: Double)] = [:]
        var (wrongDecisions, wrongThresholds, torn) = (0, 0, 0)
        for _ in 0..<1_200 {
            let (randomness, spans) = Self.trace(sampler, &random)
            let root = spans[0]
            traces[root.kind, default: 0] += 1
            let says = SamplingState(root.decision.traceState ?? "").threshold
            if root.decision.isSampled != (root.threshold.map { randomness >= $0 } ?? false) { wrongDecisions += 1 }
            if says != (root.decision.isSampled ? root.threshold : nil) { wrongThresholds += 1 }
            let isWhole = spans.allSatisfy { span in
                span.decision.isSampled == root.decision.isSampled
                    && SamplingState(span.decision.traceState ?? "").threshold == says
            }
            if !isWhole { torn += 1 }
            guard let says else { continue }
            let probability = Double((1 << 56) - says) / 0x1p56
            weights[root.kind, default: (0, 0)].sum += 1 / probability
            weights[root.kind]?.variance += (1 - probability) / (probability * probability)
        }
        #expect((wrongDecisions, wrongThresholds, torn) == (0, 0, 0))
        for (kind, weight) in weights {
            #expect(
                abs(weight.sum - (traces[kind] ?? 0)) < 5 * weight.variance.squareRoot() + 1,
                "\(kind): weighs \(weight.sum) of \(traces[kind] ?? 0)"
            )
        }
    }
}
