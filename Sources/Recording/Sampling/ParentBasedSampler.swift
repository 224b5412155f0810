/// Follows the parent's decision; asks `root` where there is no parent. The default, with ``AlwaysOnSampler`` as root.
///
/// OpenTelemetry SDK, "ParentBased". By default a sampled parent's child is sampled and an unsampled parent's child is not,
/// remote or local; each of these four cases may be given to a sampler of its own.
///
/// The threshold that a trace state carries (``ProbabilitySampler``) goes on to the child, as long as it tells the truth: where it
/// contradicts the decision, nobody could weigh the span by it, and it is taken away.
public struct ParentBasedSampler: Sampler {
    let root: any Sampler
    private let remoteParentSampled: any Sampler
    private let remoteParentNotSampled: any Sampler
    private let localParentSampled: any Sampler
    private let localParentNotSampled: any Sampler

    /// Creates the sampler.
    /// - Parameters:
    ///   - root: asked where there is no parent.
    ///   - remoteParentSampled: asked where the parent is of another process and sampled.
    ///   - remoteParentNotSampled: asked where the parent is of another process and not sampled.
    ///   - localParentSampled: asked where the parent is of this process and sampled.
    ///   - localParentNotSampled: asked where the parent is of this process and not sampled.
    public init(
        root: any Sampler,
        remoteParentSampled: any Sampler = AlwaysOnSampler(),
        remoteParentNotSampled: any Sampler = AlwaysOffSampler(),
        localParentSampled: any Sampler = AlwaysOnSampler(),
        localParentNotSampled: any Sampler = AlwaysOffSampler()
    ) {
        self.root = root
        self.remoteParentSampled = remoteParentSampled
        self.remoteParentNotSampled = remoteParentNotSampled
        self.localParentSampled = localParentSampled
        self.localParentNotSampled = localParentNotSampled
    }

    /// `ParentBased{root:…}`, with those of the other cases that are not the default.
    public var description: String {
        var parts = ["root:\(root.description)"]
        func add(_ name: String, _ sampler: any Sampler, default isDefault: Bool) {
            if !isDefault { parts.append("\(name):\(sampler.description)") }
        }
        add("remoteParentSampled", remoteParentSampled, default: remoteParentSampled is AlwaysOnSampler)
        add("remoteParentNotSampled", remoteParentNotSampled, default: remoteParentNotSampled is AlwaysOffSampler)
        add("localParentSampled", localParentSampled, default: localParentSampled is AlwaysOnSampler)
        add("localParentNotSampled", localParentNotSampled, default: localParentNotSampled is AlwaysOffSampler)
        return "ParentBased{\(parts.joined(separator: ","))}"
    }

    /// Whether every child is sampled as its parent is.
    var followsParent: Bool {
        remoteParentSampled is AlwaysOnSampler && localParentSampled is AlwaysOnSampler
            && remoteParentNotSampled is AlwaysOffSampler && localParentNotSampled is AlwaysOffSampler
    }

    /// The answer of the sampler that the parent asks for.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        guard let parent = request.parent, parent.isValid else { return root.decide(request) }
        let isSampled = parent.traceFlags.contains(.sampled)
        let sampler =
            parent.isRemote
            ? isSampled ? remoteParentSampled : remoteParentNotSampled
            : isSampled ? localParentSampled : localParentNotSampled
        var decision = sampler.decide(request)
        if decision.traceState == nil, !parent.traceState.isEmpty {
            decision.traceState = Self.truthful(parent.traceState, request.traceID, isSampled: decision.isSampled)
        }
        return decision
    }

    /// The trace state without a threshold that contradicts the decision; nil where it may stay as it is.
    private static func truthful(_ traceState: String, _ traceID: TraceID, isSampled: Bool) -> String? {
        var state = SamplingState(traceState)
        guard state.hasThreshold else { return nil }
        if let threshold = state.threshold, (state.randomness(of: traceID) >= threshold) == isSampled { return nil }
        state.setThreshold(nil)
        return state.text
    }
}
