/// A sampler that says how likely a span is to be kept, and leaves the decision to the ``CompositeSampler`` it is part of
/// (OpenTelemetry "ComposableSampler", in development).
///
/// Called on the thread that starts the span; must not block. What it says may depend on anything but chance: the trace's
/// randomness is for the decision alone.
public protocol ComposableSampler: Sendable {
    /// What the sampler calls itself.
    var description: String { get }

    /// How likely one span is to be kept.
    func intent(for request: SamplingRequest) -> SamplingIntent
}

extension AlwaysOnSampler: ComposableSampler {
    /// Keeps all.
    public func intent(for request: SamplingRequest) -> SamplingIntent { SamplingIntent(threshold: 0) }
}

extension AlwaysOffSampler: ComposableSampler {
    /// Keeps none.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        SamplingIntent(threshold: nil, isAdjustedCountReliable: false)
    }
}
