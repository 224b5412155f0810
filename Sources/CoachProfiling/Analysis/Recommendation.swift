import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// One place where the time goes, as the results file tells it.
///
/// Time is self time: what an operation spends outside the operations it contains, so that the shares add up to one.
package struct Bottleneck: Encodable, Sendable {
    package let operation: String
    /// What kind of work it is.
    package let group: StepGroup
    /// How often it ran.
    package let count: UInt64
    /// How often it ran for each answered message.
    package let callsPerMessage: Double
    /// Its own time altogether, as measured.
    package let selfNanoseconds: UInt64
    /// ``selfNanoseconds`` as a part (0…1) of all measured time.
    package let share: Double
    /// Its own time with the offline model's latency at scale 1.
    package let projectedSelfNanoseconds: UInt64
    /// ``projectedSelfNanoseconds`` as a part (0…1) of all projected time.
    package let projectedShare: Double
    /// How much longer a slow run takes than a usual one: p99 / p50.
    package let variability: Double
    /// The mean change of the heap during a run; nil when it was not sampled.
    package let averageMemoryDeltaBytes: Double?

    init(_ profile: OperationProfile, variability: Double) {
        operation = profile.name
        group = ConversationSteps.groups[profile.name] ?? .rest
        count = profile.count
        callsPerMessage = profile.callsPerConversation
        selfNanoseconds = wholeNanoseconds(profile.measured?.ownNanoseconds ?? profile.ownNanoseconds)
        share = profile.measured?.share ?? profile.share
        projectedSelfNanoseconds = wholeNanoseconds(profile.ownNanoseconds)
        projectedShare = profile.share
        self.variability = variability
        averageMemoryDeltaBytes = profile.averageMemoryDeltaBytes
    }
}

/// What to do next, with the measurement it follows from, as the results file tells it.
package struct Recommendation: Encodable, Sendable {
    /// The rule that fired; the rules are listed in `docs/looking.md`.
    package let rule: String
    /// The operation it is about.
    package let operation: String
    /// What was measured.
    package let finding: String
    /// What to do about it.
    package let advice: String
    /// How much work that is.
    package let effort: String
    /// What could be gained for each message; nil where time is not the point.
    package let gainNanosecondsPerMessage: UInt64?

    /// What the analysis advises, the most gain for the effort first.
    static func all(in analysis: BottleneckAnalysis) -> [Recommendation] {
        let messages = Double(max(1, analysis.conversationCount))
        return analysis.advice().map { operation, rule, gain in
            let time = Readable.durationInText(wholeNanoseconds(operation.ownNanoseconds / messages))
            return Recommendation(
                rule: rule.rawValue,
                operation: operation.name,
                finding: "\(Readable.percent(operation.share)) of the time, \(time) a message.",
                advice: rule.strategy(operation),
                effort: rule.effort.title,
                gainNanosecondsPerMessage: gain > 0 ? wholeNanoseconds(gain / messages) : nil
            )
        }
    }
}
