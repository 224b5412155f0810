import Percentiles

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
    /// p99 / p50; nil for fewer than a hundred runs.
    package var variability: Double?
    /// p95 / p50; nil for fewer than twenty runs.
    package var spread: Double?
    /// The mean change of the heap in a run, in bytes; nil where it was not sampled.
    package var averageMemoryDeltaBytes: Double?
    package var shape: DistributionShape
    /// Whether it is the language model's call.
    package var isModelCall = false
    /// Calls of this name below one parent, where there are many in a row: the parent's name and how many.
    package var repetition: (parent: String, calls: Double)?
    /// What runs before or after it and might run beside it, with what that would gain altogether.
    package var sequence: (other: String, gain: Double, orderVaries: Bool)?
    /// What cutting its slowest runs down to p95 would gain altogether.
    package var tailExcess: Double
    /// Of two kinds of runs: what making the slow ones as fast as the others would gain altogether.
    package var slowModeExcess: Double
}
