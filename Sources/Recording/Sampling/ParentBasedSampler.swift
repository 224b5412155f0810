/// Follows the parent's decision; asks `root` where there is no parent. The default, with ``AlwaysOnSampler`` as root.
///
/// OpenTelemetry SDK, "ParentBased", with its default delegates: a sampled parent's child is sampled, an unsampled
/// parent's child is not, remote or local.
public struct ParentBasedSampler: Sampler {
    let root: any Sampler

    /// Creates the sampler.
    public init(root: any Sampler) {
        self.root = root
    }

    /// `ParentBased{root:…}`.
    public var description: String { "ParentBased{root:\(root.description)}" }

    /// The parent's decision, or the root sampler's.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        guard let parent = request.parent, parent.isValid else { return root.decide(request) }
        return SamplingDecision(isSampled: parent.traceFlags.contains(.sampled))
    }
}
