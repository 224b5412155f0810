import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// An operation with its own time, in the results file.
///
/// The own time excludes nested operations, so the shares of all operations add up to 1.
struct Bottleneck: Encodable, Sendable {
    let operation: String
    let group: StepGroup
    let count: UInt64
    /// The number of runs per answered message.
    let callsPerMessage: Double
    /// The measured own time of all runs.
    let selfNanoseconds: UInt64
    /// ``selfNanoseconds`` as a fraction of all measured time.
    let share: Double
    /// The self time that the operation would have if the offline model's latency had scale 1.
    let projectedSelfNanoseconds: UInt64
    /// ``projectedSelfNanoseconds`` as a fraction of all projected time.
    let projectedShare: Double
    /// The ratio p99 / p50.
    let variability: Double
    /// The mean change of the heap during a run, or nil if it was not sampled.
    let averageMemoryDeltaBytes: Double?

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

/// A recommendation with the measurement behind it, in the results file.
struct Recommendation: Encodable, Sendable {
    /// The rule that gives the recommendation. `docs/analyzing-traces.md` lists the rules.
    let rule: String
    let operation: String
    /// The measurement.
    let finding: String
    let advice: String
    let effort: String
    /// The possible gain per message, or nil if the recommendation is not about time.
    let gainNanosecondsPerMessage: UInt64?

    /// The recommendations of an analysis, sorted by gain relative to effort, the best first.
    static func all(in analysis: BottleneckAnalysis) -> [Recommendation] {
        let messages = Double(max(1, analysis.conversationCount))
        return analysis.advice().map { operation, rule, gain in
            let time = Readable.durationInText(wholeNanoseconds(operation.impactNanoseconds / messages))
            let evidence = rule.evidence(operation).map { "; \($0)" } ?? ""
            let assumption = rule.assumption(operation).map { "; the gain assumes that \($0)" } ?? ""
            return Recommendation(
                rule: rule.rawValue,
                operation: operation.name,
                finding: "\(Readable.percent(operation.share)) of the time, \(time) a message\(evidence).",
                advice: rule.change(operation) + assumption,
                effort: rule.effort.title,
                gainNanosecondsPerMessage: gain > 0 ? wholeNanoseconds(gain / messages) : nil
            )
        }
    }
}
