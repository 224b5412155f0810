/// What a ``ComposableSampler`` answers.
public struct SamplingIntent: Hashable, Sendable {
    /// The rejection threshold T, below 2^56: spans whose trace has a randomness of at least T are kept. 0 keeps all; nil keeps
    /// none.
    public var threshold: UInt64?
    /// Whether the threshold says how likely the span was: then one kept span stands for 2^56/(2^56−T), and its trace state
    /// says so.
    public var isAdjustedCountReliable: Bool
    /// Attributes for the span, if it is kept.
    public var attributes: [Attribute]

    /// Creates an intent.
    public init(threshold: UInt64?, isAdjustedCountReliable: Bool = true, attributes: [Attribute] = []) {
        self.threshold = threshold
        self.isAdjustedCountReliable = isAdjustedCountReliable
        self.attributes = attributes
    }

    /// What becomes of the span: the threshold against the randomness of its trace.
    func decision(for request: SamplingRequest) -> SamplingDecision {
        var state = SamplingState(request.parent?.traceState ?? "")
        let inherited = state.threshold
        let explicit = state.explicitRandomness
        let randomness = explicit ?? SamplingState.randomness(of: request.traceID)
        let kept = threshold.flatMap { randomness >= $0 ? $0 : nil }
        state.setThreshold(
            isAdjustedCountReliable ? kept.map(ProbabilitySampler.encode(threshold:)) : nil
        )
        return SamplingDecision(
            isSampled: kept != nil,
            attributes: kept == nil ? [] : attributes,
            traceState: state.text,
            // Who follows the parent's threshold decides nothing anew.
            reliesOnTraceID: explicit == nil && threshold.map { $0 > 0 && $0 != inherited } ?? false
        )
    }
}
