import SpanKitRecording

/// Why a span is kept, and how likely that was.
struct TailDecision: Hashable {
    var reason: TailSamplingReason
    /// The threshold that its trace has passed here (``SamplingState``): 0 for what was certain.
    var threshold: UInt64
    /// Whether a trace state without a threshold means that the trace was chosen for certain before.
    var wasCertainBefore: Bool

    /// What the trace state has to say; nil where it may stay as it is.
    ///
    /// A threshold is never lowered. Where nobody knows how likely it was that the trace came here, none is added: whoever weighed
    /// spans by it would be wrong.
    func traceState(instead text: String) -> String? {
        var state = SamplingState(text)
        if let before = state.threshold {
            guard before < threshold else { return nil }
        } else if !wasCertainBefore {
            return nil
        }
        state.raiseThreshold(to: threshold)
        return state.text
    }
}
