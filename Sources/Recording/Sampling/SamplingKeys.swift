/// Attributes that tail sampling (`TailSampling` in `Shipping`) looks for and leaves behind.
package enum SamplingKeys {
    /// Set to true on any span of a trace: the trace is kept.
    package static let keep = "spankit.sampling.keep"
    /// Why a trace was kept; on its local roots.
    package static let reason = "spankit.sampling.reason"
}

extension Span {
    /// Keeps the whole trace, whatever tail sampling makes of traces like it: for what somebody is going to ask about.
    ///
    /// Sets the attribute `spankit.sampling.keep`, which other APIs can set as well. Without tail sampling, and in a trace that the
    /// sampler has not chosen, it decides nothing.
    public func keepTrace() {
        set("spankit.sampling.keep", true)
    }
}
