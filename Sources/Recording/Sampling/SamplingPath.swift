import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// The common samplers as a branch, so that asking them costs no call; all others are asked.
///
/// A class, because a struct with a sampler in it is copied, and counted, for every span.
final class SamplingPath: Sendable {
    enum Answer {
        case sampled
        case unsampled
        case ask
    }

    let root: Answer
    /// nil: as the parent.
    let child: Answer?
    let unmarkedTraceIDs = UnmarkedTraceIDWarning()
    private let sampler: any Sampler

    init(_ sampler: any Sampler) {
        self.sampler = sampler
        switch sampler {
        case is AlwaysOnSampler: (root, child) = (.sampled, .sampled)
        case is AlwaysOffSampler: (root, child) = (.unsampled, .unsampled)
        case let parentBased as ParentBasedSampler where parentBased.followsParent:
            switch parentBased.root {
            case is AlwaysOnSampler: (root, child) = (.sampled, nil)
            case is AlwaysOffSampler: (root, child) = (.unsampled, nil)
            default: (root, child) = (.ask, nil)
            }
        case let composite as CompositeSampler where composite.followsParent: (root, child) = (.ask, nil)
        default: (root, child) = (.ask, .ask)
        }
    }

    /// The answer for a span, as far as it can be had without asking.
    func answer(hasParent: Bool, parentIsSampled: Bool) -> Answer {
        guard hasParent else { return root }
        return child ?? (parentIsSampled ? .sampled : .unsampled)
    }

    /// The sampler's answer.
    func ask(_ request: SamplingRequest) -> SamplingDecision {
        let decision = sampler.decide(request)
        unmarkedTraceIDs.check(decision, request, sampler)
        return decision
    }
}

extension Sampler {
    /// Whether every trace that begins here is sampled: then one that was not sampled by anybody else stands for itself.
    package var samplesEveryRoot: Bool {
        switch self {
        case is AlwaysOnSampler: true
        case let parentBased as ParentBasedSampler: parentBased.root.samplesEveryRoot
        default: false
        }
    }
}

/// The sampler's answers and whatever else speaks against the short way into a span, as one byte for each kind of parent.
struct PlainStart: Sendable {
    /// 1: sampled, as in ``TraceFlags`` and `SpanHeader.Bits`; 0: not.
    typealias Answer = UInt8
    /// The span has to take the long way.
    static let none: Answer = 2

    let root: Answer
    private let childOfUnsampled: Answer
    private let childOfSampled: Answer

    /// - Parameter isPlain: false when every span has to take the long way.
    init(_ sampling: SamplingPath, isPlain: Bool) {
        func answer(_ hasParent: Bool, _ parentIsSampled: Bool) -> Answer {
            switch sampling.answer(hasParent: hasParent, parentIsSampled: parentIsSampled) {
            case .sampled where isPlain: 1
            case .unsampled where isPlain: 0
            default: Self.none
            }
        }
        root = answer(false, false)
        childOfUnsampled = answer(true, false)
        childOfSampled = answer(true, true)
    }

    /// The answer for a child.
    @inline(__always)
    func child(of parent: TraceFlags) -> Answer {
        parent.contains(.sampled) ? childOfSampled : childOfUnsampled
    }
}

/// Says once that a sampler chose a child by a trace id that is not marked as random: other services may then keep other parts
/// of the same trace (OpenTelemetry SDK, "Compatibility warnings for TraceIdRatioBased sampler").
final class UnmarkedTraceIDWarning: Sendable {
    private let log = Locked<ProfilerLog?>(nil)
    private let isSaid = Atomic<Bool>(false)

    /// Says it to this log from now on.
    func say(to log: ProfilerLog) {
        self.log.withLock { $0 = log }
    }

    func acquireForFork() { log.acquireForFork() }

    /// Looks at what a sampler answered.
    func check(_ decision: SamplingDecision, _ request: SamplingRequest, _ sampler: any Sampler) {
        guard decision.reliesOnTraceID, !request.isTraceIDRandom, request.parent != nil,
            !isSaid.load(ordering: .relaxed), !isSaid.exchange(true, ordering: .relaxed)
        else { return }
        log.withLock { $0 }?(
            .warning,
            "\(sampler.description) chose a child by a trace id that its caller does not mark as random (traceparent flag 02), so services may keep different parts of one trace; let the callers set the flag, or follow their decisions: OTEL_TRACES_SAMPLER=parentbased_traceidratio. This is said once"
        )
    }
}
