import SpanKitPercentiles

/// The measurements of one operation that the ``ImprovementRule``s evaluate.
package struct OperationProfile: Sendable {
    package var name: String
    package var category: WorkCategory
    package var count: UInt64
    /// The number of runs per trace or per answered message.
    package var callsPerConversation: Double
    /// The total self time in nanoseconds, projected to the model's real latency if the run used another one.
    package var ownNanoseconds: Double
    /// The self time as a part of all time.
    package var share: Double
    /// ``ownNanoseconds`` and ``share`` as measured; `nil` if they are not projected.
    package var measured: (ownNanoseconds: Double, share: Double)?
    /// p99 / p50; `nil` for fewer than 100 runs.
    package var variability: Double?
    /// p95 / p50; `nil` for fewer than 20 runs.
    package var spread: Double?
    /// The average change of the heap during a run in bytes; `nil` if it was not sampled.
    package var averageMemoryDeltaBytes: Double?
    package var shape: DistributionShape
    package var isModelCall = false
    /// The share of the input read from the provider's cache, and whether answers are streamed; `nil` if it is not known.
    package var modelCalls: (cacheShare: Double?, isStreaming: Bool)?
    /// The number of runs that failed themselves, not because of an operation within them; 0 if it is not known.
    package var failureCount: UInt64 = 0
    /// Advice from the program that contains the operation.
    package var hint: String?
    /// The parent below which the operation is called many times in a row, and the number of calls.
    package var repetition: (parent: String, calls: Double)?
    /// An operation that runs before or after and might run in parallel, and the total gain in nanoseconds.
    package var sequence: (other: String, gain: Double, orderVaries: Bool)?
    /// The total gain in nanoseconds if no run took longer than p95.
    package var tailExcess: Double
    /// The total gain in nanoseconds if the slow runs of a bimodal distribution were as fast as the others.
    package var slowModeExcess: Double

    /// - Parameters:
    ///   - histogram: The distribution of self times; `nil` if it is not known.
    ///   - conversations: The number of traces or messages.
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
