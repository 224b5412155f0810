/// Follows the parent's threshold; asks `root` where there is no parent (OpenTelemetry "ComposableParentThreshold").
///
/// A parent without a threshold is followed by its sampled flag; nobody knows then how likely the span was, so it gets no threshold
/// either. A parent of another process whose flag contradicts its threshold is followed by the threshold.
public struct ParentThresholdSampler: ComposableSampler {
    private let root: any ComposableSampler

    /// Creates the sampler.
    /// - Parameter root: asked where there is no parent.
    public init(root: any ComposableSampler) {
        self.root = root
    }

    /// `ParentThreshold{root:…}`.
    public var description: String { "ParentThreshold{root:\(root.description)}" }

    /// The parent's threshold, or what `root` says.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        guard let parent = request.parent, parent.isValid else { return root.intent(for: request) }
        if let threshold = SamplingState(parent.traceState).threshold { return SamplingIntent(threshold: threshold) }
        return SamplingIntent(
            threshold: parent.traceFlags.contains(.sampled) ? 0 : nil,
            isAdjustedCountReliable: false
        )
    }
}
