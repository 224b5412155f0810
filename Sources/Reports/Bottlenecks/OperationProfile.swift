import SpanKitPercentiles

/// What is known of one operation when it is asked what could be done about it.
package struct OperationProfile: Sendable {
    package var name: String
    package var category: WorkCategory
    package var count: UInt64
    /// Runs for each conversation (message, request): for each trace, or for each answered message of a results file.
    package var callsPerConversation: Double
    /// Its own time altogether, in nanoseconds; at the model's real latency where a results file was made with another.
    package var ownNanoseconds: Double
    /// Its own time as a part of all time.
    package var share: Double
    /// ``ownNanoseconds`` and ``share`` as measured, where another model's latency was put in their place; nil for no difference.
    package var measured: (ownNanoseconds: Double, share: Double)?
    /// p99 / p50; nil for fewer than a hundred runs.
    package var variability: Double?
    /// p95 / p50; nil for fewer than twenty runs.
    package var spread: Double?
    /// The mean change of the heap in a run, in bytes; nil where it was not sampled.
    package var averageMemoryDeltaBytes: Double?
    package var shape: DistributionShape
    /// Whether it is the language model's call.
    package var isModelCall = false
    /// Of the language model's calls: the share of the input that came out of the provider's cache, and whether answers came in
    /// pieces; nil where no call told.
    package var modelCalls: (cacheShare: Double?, isStreaming: Bool)?
    /// Runs that failed by themselves, and not because of what they contain; 0 where that is not known.
    package var failureCount: UInt64 = 0
    /// What to do about it, from the program that knows the operation's code.
    package var hint: String?
    /// Calls of this name below one parent, where there are many in a row: the parent's name and how many.
    package var repetition: (parent: String, calls: Double)?
    /// What runs before or after it and might run beside it, with what that would gain altogether.
    package var sequence: (other: String, gain: Double, orderVaries: Bool)?
    /// What cutting its slowest runs down to p95 would gain altogether.
    package var tailExcess: Double
    /// Of two kinds of runs: what making the slow ones as fast as the others would gain altogether.
    package var slowModeExcess: Double

    /// - Parameters:
    ///   - histogram: of its own times; nil where they are not known one by one.
    ///   - conversations: how many there are.
    init(
        _ name: String,
        _ category: WorkCategory,
        shapeOf histogram: ExponentialHistogram?,
        count: UInt64,
        of conversations: Int,
        own: Double,
        share: Double
    ) {
        self.name = name
        self.category = category
        self.count = count
        callsPerConversation = Double(count) / Double(max(1, conversations))
        ownNanoseconds = own
        self.share = share
        let histogram = histogram ?? ExponentialHistogram()
        shape = DistributionShape(histogram)
        tailExcess = histogram.excess(above: 0.95)
        slowModeExcess =
            DistributionShape.slowMode(of: histogram).map { $0.share * $0.excess * Double(histogram.count) } ?? 0
        let quantiles = histogram.quantiles([0.5, 0.95, 0.99]).map(\.estimate)
        guard quantiles.count == 3, quantiles[0] > 0 else { return }
        if histogram.count >= DistributionShape.fewest { spread = quantiles[1] / quantiles[0] }
        if histogram.count >= OperationStatistics.fewestForP99 { variability = quantiles[2] / quantiles[0] }
    }
}
