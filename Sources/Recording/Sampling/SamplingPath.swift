/// The common samplers as a branch, so that asking them costs no call; all others are asked.
struct SamplingPath: Sendable {
    enum Answer {
        case sampled
        case unsampled
        case ask
    }

    let root: Answer
    /// nil: as the parent.
    let child: Answer?
    let sampler: any Sampler

    init(_ sampler: any Sampler) {
        self.sampler = sampler
        switch sampler {
        case is AlwaysOnSampler: (root, child) = (.sampled, .sampled)
        case is AlwaysOffSampler: (root, child) = (.unsampled, .unsampled)
        case let parentBased as ParentBasedSampler:
            switch parentBased.root {
            case is AlwaysOnSampler: (root, child) = (.sampled, nil)
            case is AlwaysOffSampler: (root, child) = (.unsampled, nil)
            default: (root, child) = (.ask, nil)
            }
        default: (root, child) = (.ask, .ask)
        }
    }

    /// The answer for a span, as far as it can be had without asking.
    @inline(__always)
    func answer(hasParent: Bool, parentIsSampled: Bool) -> Answer {
        guard hasParent else { return root }
        return child ?? (parentIsSampled ? .sampled : .unsampled)
    }
}
