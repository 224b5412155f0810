import Summaries

extension Recommendation {
    @Sendable
    static func modelCallDominates(_ part: Bottleneck, _ facts: MeasuredFacts) -> Recommendation? {
        guard part.group == .modelCall, part.projectedShare >= 0.4 else { return nil }
        let perMessage = facts.perMessage(part.projectedSelfNanoseconds)
        return Recommendation(
            rule: .modelCallDominates,
            operation: part.operation,
            finding: "\(part.operation) has \(facts.share(part.projectedShare)): "
                + "\(Readable.durationInText(perMessage)) a message.",
            advice: "Stream the answer so that the user reads while it is written, cache the constant part of the "
                + "prompt, ask for fewer output tokens, or give early phases to a faster model.",
            upperBoundOfGainNanosecondsPerMessage: perMessage
        )
    }

    @Sendable
    static func largeShare(_ part: Bottleneck, _ facts: MeasuredFacts) -> Recommendation? {
        guard part.group != .modelCall, part.operation != ConversationSteps.total, part.projectedShare >= 0.1 else {
            return nil
        }
        let perMessage = facts.perMessage(part.projectedSelfNanoseconds)
        let advice =
            switch part.group {
            case .database: "Read and write in one transaction, and look at the query plan."
            case .knowledgeSuggestions:
                "Run it beside the model call, whose answer it does not need, or cache it by topic."
            case .modelCall, .qualityAssessment, .rest:
                "Profile inside it: nested spans show which part is worth the work."
            }
        return Recommendation(
            rule: .largeShare,
            operation: part.operation,
            finding: "\(part.operation) has \(facts.share(part.projectedShare)): "
                + "\(Readable.durationInText(perMessage)) a message.",
            advice: advice,
            upperBoundOfGainNanosecondsPerMessage: perMessage
        )
    }

    @Sendable
    static func repeatedCalls(_ part: Bottleneck, _ facts: MeasuredFacts) -> Recommendation? {
        guard part.callsPerMessage > 1.5, part.operation != ConversationSteps.total, part.projectedShare >= 0.01 else {
            return nil
        }
        let avoidable = Double(part.projectedSelfNanoseconds) * (1 - 1 / part.callsPerMessage)
        return Recommendation(
            rule: .repeatedCalls,
            operation: part.operation,
            finding: "\(part.operation) runs \((part.callsPerMessage * 10).rounded() / 10) times for each message.",
            advice: "Collect the calls into one, or keep the first result for the rest of the message.",
            upperBoundOfGainNanosecondsPerMessage: facts.perMessage(wholeNanoseconds(avoidable))
        )
    }

    @Sendable
    static func variable(_ part: Bottleneck, _ facts: MeasuredFacts) -> Recommendation? {
        guard part.variability >= 5, part.count >= 20, part.projectedShare >= 0.01 else { return nil }
        return Recommendation(
            rule: .variable,
            operation: part.operation,
            finding: "\(part.operation) is uneven: its p99 is \(Readable.ratio(part.variability)) its p50 over "
                + "\(Readable.count(part.count)) runs.",
            advice: "Look at its slowest runs: a cold cache, a lock, a retry or a larger input explains most tails.",
            upperBoundOfGainNanosecondsPerMessage: nil
        )
    }

    @Sendable
    static func memoryGrowth(_ part: Bottleneck, _ facts: MeasuredFacts) -> Recommendation? {
        guard let growth = part.averageMemoryDeltaBytes, growth >= 1_048_576 else { return nil }
        return Recommendation(
            rule: .memoryGrowth,
            operation: part.operation,
            finding: "The heap grows by \(Readable.bytes(growth)) with each run of \(part.operation).",
            advice:
                "Find out who keeps what it allocates: a cache without a bound, or text held longer than its message.",
            upperBoundOfGainNanosecondsPerMessage: nil
        )
    }
}
