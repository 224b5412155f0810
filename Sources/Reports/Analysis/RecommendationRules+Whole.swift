import Summaries

extension Recommendation {
    @Sendable
    static func errors(_ facts: MeasuredFacts) -> Recommendation? {
        // The whole fails whenever a step does; naming the step is what helps.
        let steps = facts.breakdown.parts.map(\.statistics).filter { $0.name != ConversationSteps.total }
        let failing = steps.filter { $0.errorCount > 0 && Double($0.errorCount) >= 0.01 * Double($0.count) }
        guard let worst = failing.max(by: { $0.errorCount < $1.errorCount }) else { return nil }
        return Recommendation(
            rule: .errors,
            operation: worst.name,
            finding:
                "\(worst.name) failed in \(Readable.count(worst.errorCount)) of \(Readable.count(worst.count)) runs.",
            advice: "Make it succeed before making it fast: failed runs distort every other number here.",
            upperBoundOfGainNanosecondsPerMessage: nil
        )
    }

    @Sendable
    static func unattributedTime(_ facts: MeasuredFacts) -> Recommendation? {
        guard let whole = facts.bottlenecks.first(where: { $0.operation == ConversationSteps.total }),
            whole.projectedShare >= 0.05
        else { return nil }
        let perMessage = facts.perMessage(whole.projectedSelfNanoseconds)
        return Recommendation(
            rule: .unattributedTime,
            operation: whole.operation,
            finding: "\(facts.share(whole.projectedShare)) lies between the steps: "
                + "\(Readable.durationInText(perMessage)) a message.",
            advice: "Give the work between the steps spans of its own.",
            upperBoundOfGainNanosecondsPerMessage: perMessage
        )
    }

    @Sendable
    static func targetMet(_ facts: MeasuredFacts) -> Recommendation? {
        guard facts.assessment.projected.meetsTarget else { return nil }
        return Recommendation(
            rule: .targetMet,
            operation: nil,
            finding:
                "A message takes \(Readable.durationInText(facts.assessment.projected.averageNanoseconds)) on average, "
                + "below the target of \(Readable.durationInText(facts.assessment.targetNanoseconds)).",
            advice: "Keep it there: compare results files before and after each change.",
            upperBoundOfGainNanosecondsPerMessage: nil
        )
    }

    @Sendable
    static func tooFewMessages(_ facts: MeasuredFacts) -> Recommendation? {
        let count = facts.breakdown.messageCount
        guard count < Hypothesis.fewestMessages else { return nil }
        return Recommendation(
            rule: .tooFewMessages,
            operation: nil,
            finding: "Only \(Readable.count(count, of: "message")) \(count == 1 ? "was" : "were") measured.",
            advice: "Measure at least \(Hypothesis.fewestMessages) before relying on p95 and p99.",
            upperBoundOfGainNanosecondsPerMessage: nil
        )
    }
}
