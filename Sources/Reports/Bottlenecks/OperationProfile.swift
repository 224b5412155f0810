import SpanKitPercentiles
import SpanKitRecording

/// The measurements of one operation that the ``ImprovementRule``s evaluate.
package struct OperationProfile: Sendable {
    package var key: OperationKey
    package var category: WorkCategory
    package var count: UInt64
    /// The number of traces whose longest root has a start and an end, or of answered messages, in the whole run,
    /// including those without the operation.
    package var conversationCount: Int
    /// The number of other traces. Their calls are counted, but their time is not.
    private var untimedCount: Int
    /// The total self time in nanoseconds, projected to the model's real latency if the run used another one.
    package var ownNanoseconds: Double
    /// The time in nanoseconds by which all conversations together would be shorter if the operation took no time of
    /// its own.
    ///
    /// The steps of results files run one after the other, so the impact of a step is its self time.
    package var impactNanoseconds: Double
    /// The total time on the critical paths in nanoseconds; `nil` in results files.
    package var criticalNanoseconds: Double?
    /// ``impactNanoseconds`` as a fraction of the duration of all conversations.
    package var share: Double
    /// The self time and ``share`` as measured; `nil` if they are not projected.
    package var measured: (ownNanoseconds: Double, share: Double)?
    /// The self time of runs in nanoseconds; `nil` if the distribution is not known.
    package var runs: (p50: Double, p95: Double, maximum: UInt64)?
    /// p99 / p50; `nil` for fewer than 100 runs.
    package var variability: Double?
    /// p95 / p50; `nil` for fewer than 20 runs.
    package var spread: Double?
    /// The average change of the heap during a run in bytes; `nil` if it was not sampled.
    package var averageMemoryDeltaBytes: Double?
    package var shape: DistributionShape
    package var isModelCall = false
    /// What is known about the calls of a language model; `nil` without such calls.
    package var modelCalls: ModelCallEvidence?
    /// Whether the traces contain the other side of some of its calls, such as the server's span.
    package var isAnswered = false
    /// The number of runs that failed themselves, not because of an operation within them; 0 if it is not known.
    package var failureCount: UInt64 = 0
    /// Advice from the program that contains the operation.
    package var hint: String?
    /// The shares of the self time in which the task waited for an actor, for a thread of the pool, and for anything else; `nil` if
    /// they were not measured.
    package var waits: (actor: Double, thread: Double, suspended: Double)?
    package var repetition: Repetition?
    package var sequence: Sequence?
    /// The total gain in nanoseconds if no run took longer than p95.
    package var tailGain = 0.0
    /// The two kinds of runs, fast and slow; `nil` if there is only one kind.
    package var slowMode: SlowMode?
    /// The trace that would become shorter by the most time without the operation.
    package var example: TraceID?
    /// The trace with the longest run.
    package var slowest: TraceID?

    /// Many calls below one parent, one after the other.
    package struct Repetition: Sendable {
        package var parent: String
        /// The number of calls per parent.
        package var calls: Double
        /// The total gain in nanoseconds.
        package var gain: Double
        package var example: TraceID?
    }

    /// Another operation that runs before or after this one and might run at the same time.
    package struct Sequence: Sendable {
        package var other: String
        /// The total gain in nanoseconds.
        package var gain: Double
        /// The number of times that this operation ran before and after the other one.
        package var counts: (before: Int, after: Int)
        package var example: TraceID?

        var orderVaries: Bool { counts.before > 0 && counts.after > 0 }
    }

    /// Fast and slow runs with a gap between them.
    package struct SlowMode: Sendable {
        package var shape: DistributionShape.Modes
        /// The total gain in nanoseconds if the slow runs were as fast as the others.
        package var gain: Double
    }

    /// The share of the self time in which the task was on a thread; 1 if it was not measured.
    var runningShare: Double { waits.map { max(0, 1 - $0.actor - $0.thread - $0.suspended) } ?? 1 }

    package var name: String { key.name.text }

    /// The number of runs per trace or per answered message.
    package var callsPerConversation: Double { Double(count) / Double(max(1, conversationCount + untimedCount)) }

    /// The average time of a trace or message.
    func perConversation(_ total: Double) -> Double { total / Double(max(1, conversationCount)) }

    /// - Parameters:
    ///   - histogram: The distribution of self times; `nil` if it is not known.
    ///   - conversations: The number of traces with times, or of messages.
    ///   - untimed: The number of traces without times.
    ///   - own: The total self time in nanoseconds.
    ///   - impact: The time in nanoseconds by which traces would be shorter without the operation; `nil` if it runs in
    ///     sequence with all others.
    ///   - whole: The total duration of the traces or messages in nanoseconds.
    init(
        _ key: OperationKey,
        _ category: WorkCategory,
        shapeOf histogram: ExponentialHistogram?,
        count: UInt64,
        of conversations: Int,
        untimed: Int = 0,
        own: Double,
        impact: OperationImpact? = nil,
        whole: Double
    ) {
        self.key = key
        self.category = category
        self.count = count
        conversationCount = conversations
        untimedCount = untimed
        ownNanoseconds = own
        impactNanoseconds = impact.map { Double($0.nanoseconds) } ?? own
        criticalNanoseconds = impact.map { Double($0.criticalNanoseconds) }
        share = whole > 0 ? impactNanoseconds / whole : 0
        example = impact?.example.trace
        slowest = impact?.slowest.trace
        isAnswered = impact?.isAnswered ?? false
        let histogram = histogram ?? ExponentialHistogram()
        shape = DistributionShape(histogram)
        let quantiles = histogram.quantiles([0.5, 0.95, 0.99]).map(\.estimate)
        guard quantiles.count == 3, quantiles[0] > 0 else { return }
        runs = (quantiles[0], quantiles[1], histogram.maximumNanoseconds)
        if histogram.count >= DistributionShape.fewest { spread = quantiles[1] / quantiles[0] }
        if histogram.count >= OperationStatistics.fewestForP99 { variability = quantiles[2] / quantiles[0] }
        tailGain =
            impact.map { $0.gain(limiting: quantiles[1], from: quantiles[1]) } ?? histogram.excess(above: 0.95)
        slowMode = DistributionShape.modes(of: histogram).map { modes in
            SlowMode(
                shape: modes,
                gain: impact.map { $0.gain(limiting: modes.fast, from: modes.lowestSlow) }
                    ?? modes.share * (modes.slow - modes.fast) * Double(histogram.count)
            )
        }
    }
}
