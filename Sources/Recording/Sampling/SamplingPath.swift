import Synchronization

/// Asks the sampler for the decisions that ``answers`` does not contain.
///
/// It is a class because a struct that contains a sampler would be copied and reference-counted for every span.
final class SamplingPath: Sendable {
    let answers: SamplingAnswers
    private let sampler: any Sampler
    private let hasWarned = Atomic<Bool>(false)

    init(_ sampler: any Sampler) {
        self.sampler = sampler
        answers = SamplingAnswers(sampler)
    }

    /// The sampler's decision.
    ///
    /// Warns once if the sampler chose a child by a trace id that is not marked as random, because other services may then keep
    /// other parts of the same trace (OpenTelemetry SDK, "Compatibility warnings for TraceIdRatioBased sampler").
    func ask(_ request: SamplingRequest, warn: (String) -> Void) -> SamplingDecision {
        let decision = sampler.decide(request)
        if decision.reliesOnTraceID, !request.isTraceIDRandom, request.parent != nil,
            !hasWarned.load(ordering: .relaxed), !hasWarned.exchange(true, ordering: .relaxed)
        {
            warn(
                "\(sampler.description) sampled a child span by its trace id, but the caller does not mark the id as random (traceparent flag 02). Services may keep different parts of one trace. Set the flag in the callers, or set OTEL_TRACES_SAMPLER=parentbased_traceidratio to follow the callers' decisions. This is logged once."
            )
        }
        return decision
    }
}

/// The answers of common samplers that depend only on the parent, so that these samplers need not be called.
struct SamplingAnswers: Sendable {
    enum Answer: UInt8 {
        // The raw values of these two are the sampled bit of ``TraceFlags`` and `SpanHeader.Bits`.
        case unsampled = 0
        case sampled = 1
        /// The sampler has to be asked.
        case ask = 2
    }

    /// The answer for a span without a parent.
    let root: Answer
    private let childOfUnsampled: Answer
    private let childOfSampled: Answer

    /// Creates the same answer for all spans.
    init(_ answer: Answer) {
        root = answer
        childOfUnsampled = answer
        childOfSampled = answer
    }

    private init(followingParentsBelow root: Answer) {
        self.root = root
        childOfUnsampled = .unsampled
        childOfSampled = .sampled
    }

    /// The answers of a sampler.
    init(_ sampler: any Sampler) {
        switch sampler {
        case is AlwaysOnSampler: self.init(.sampled)
        case is AlwaysOffSampler: self.init(.unsampled)
        case let parentBased as ParentBasedSampler where parentBased.followsParent:
            self.init(followingParentsBelow: SamplingAnswers(parentBased.root).root)
        case let composite as CompositeSampler where composite.followsParent: self.init(followingParentsBelow: .ask)
        default: self.init(.ask)
        }
    }

    /// The answer for a child of a span with these flags.
    @inline(__always)
    func child(of parent: TraceFlags) -> Answer {
        parent.contains(.sampled) ? childOfSampled : childOfUnsampled
    }

    /// The answer for a child of a span with these flags, or for a root if they are nil.
    @inline(__always)
    func answer(below parent: TraceFlags?) -> Answer {
        guard let parent else { return root }
        return child(of: parent)
    }
}

extension Sampler {
    /// Whether the sampler samples every root span. An adjusted count of 1 can then be assumed for spans without a threshold.
    package var samplesEveryRoot: Bool {
        switch self {
        case is AlwaysOnSampler: true
        case let parentBased as ParentBasedSampler: parentBased.root.samplesEveryRoot
        default: false
        }
    }
}
