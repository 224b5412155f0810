/// Samples a span if its parent is sampled, and uses another sampler for root spans (OpenTelemetry SDK, "ParentBased").
///
/// This is the default, with ``AlwaysOnSampler`` for root spans. Each of the four kinds of parents (remote or local,
/// sampled or not) can have its own sampler instead.
///
/// The trace state of a child keeps the threshold of its parent (``ProbabilitySampler``). A threshold that contradicts
/// the decision is removed, because a backend would extrapolate wrong counts from it.
public struct ParentBasedSampler: Sampler {
    let root: any Sampler
    private let remoteParentSampled: any Sampler
    private let remoteParentNotSampled: any Sampler
    private let localParentSampled: any Sampler
    private let localParentNotSampled: any Sampler

    /// Creates the sampler.
    /// - Parameters:
    ///   - root: The sampler for spans without a parent.
    ///   - remoteParentSampled: The sampler for children of sampled spans of another process.
    ///   - remoteParentNotSampled: The sampler for children of unsampled spans of another process.
    ///   - localParentSampled: The sampler for children of sampled spans of this process.
    ///   - localParentNotSampled: The sampler for children of unsampled spans of this process.
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

    /// The name of the sampler and its parameters: `ParentBased{root:…}`, with those samplers that are not the default.
    public var description: String {
        let others = otherSamplers.map { ",\($0.name):\($0.sampler.description)" }.joined()
        return "ParentBased{root:\(root.description)\(others)}"
    }

    /// Whether every child is sampled exactly if its parent is.
    var followsParent: Bool { otherSamplers.isEmpty }

    /// The samplers for parents that are not the default.
    private var otherSamplers: [(name: String, sampler: any Sampler)] {
        [
            ("remoteParentSampled", remoteParentSampled, remoteParentSampled is AlwaysOnSampler),
            ("remoteParentNotSampled", remoteParentNotSampled, remoteParentNotSampled is AlwaysOffSampler),
            ("localParentSampled", localParentSampled, localParentSampled is AlwaysOnSampler),
            ("localParentNotSampled", localParentNotSampled, localParentNotSampled is AlwaysOffSampler),
        ].compactMap { name, sampler, isDefault in isDefault ? nil : (name, sampler) }
    }

    /// Returns the decision of the sampler for this kind of parent.
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

    /// The trace state without a threshold that contradicts the decision; nil if it needs no change.
    private static func truthful(_ traceState: String, _ traceID: TraceID, isSampled: Bool) -> String? {
        var state = SamplingState(traceState)
        guard state.hasThreshold else { return nil }
        if let threshold = state.threshold, (state.randomness(of: traceID) >= threshold) == isSampled { return nil }
        state.setThreshold(nil)
        return state.text
    }
}
