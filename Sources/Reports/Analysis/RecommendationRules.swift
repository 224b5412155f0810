extension Recommendation {
    /// Applies every rule to what was measured: what promises the most time first, then the rest in the rules' order.
    static func drawn(
        from breakdown: TimeBreakdown, bottlenecks: [Bottleneck], assessment: Assessment?
    ) -> [Recommendation] {
        guard let assessment, breakdown.messageCount > 0 else { return [] }
        let facts = MeasuredFacts(breakdown: breakdown, assessment: assessment)
        let aboutOperations = bottlenecks.flatMap { bottleneck in
            operationRules.compactMap { $0(bottleneck, facts) }
        }
        let aboutTheWhole = wholeRules.compactMap { $0(bottlenecks, facts) }
        let all = aboutOperations + aboutTheWhole
        return all.enumerated().sorted { left, right in
            let (first, second) = (left.element.gain, right.element.gain)
            return first != second ? first > second : left.offset < right.offset
        }.map(\.element)
    }

    private var gain: UInt64 { upperBoundOfGainNanosecondsPerMessage ?? 0 }

    private struct MeasuredFacts {
        let breakdown: TimeBreakdown
        let assessment: Assessment

        func perMessage(_ nanoseconds: UInt64) -> UInt64 {
            breakdown.messageCount > 0 ? nanoseconds / UInt64(breakdown.messageCount) : 0
        }

        /// “of the projected time”, or “of the time” where nothing is scaled.
        var whole: String { breakdown.isProjected ? "of the projected time" : "of the time" }
    }

    private typealias OperationRule = @Sendable (Bottleneck, MeasuredFacts) -> Recommendation?
    private typealias WholeRule = @Sendable ([Bottleneck], MeasuredFacts) -> Recommendation?

    private static let operationRules: [OperationRule] = [
        { part, facts in
            guard part.group == .modelCall, part.projectedShare >= 0.4 else { return nil }
            let perMessage = facts.perMessage(part.projectedSelfNanoseconds)
            return Recommendation(
                rule: .modelCallDominates,
                operation: part.operation,
                finding: "\(part.operation) has \(Readable.percent(part.projectedShare)) \(facts.whole): "
                    + "\(Readable.durationInText(perMessage)) a message.",
                advice: "Stream the answer so that the user reads while it is written, cache the constant part of the "
                    + "prompt, ask for fewer output tokens, or give early phases to a faster model.",
                upperBoundOfGainNanosecondsPerMessage: perMessage
            )
        },
        { part, facts in
            guard part.group != .modelCall, part.operation != ConversationSteps.total, part.projectedShare >= 0.1 else {
                return nil
            }
            let perMessage = facts.perMessage(part.projectedSelfNanoseconds)
            let advice =
                switch part.group {
                case .database: "Read and write in one transaction, and look at the query plan."
                case .knowledgeSuggestions: "Run it beside the model call, whose answer it does not need, or cache by topic."
                default: "Profile inside it: nested spans show which part is worth the work."
                }
            return Recommendation(
                rule: .largeShare,
                operation: part.operation,
                finding: "\(part.operation) has \(Readable.percent(part.projectedShare)) \(facts.whole): "
                    + "\(Readable.durationInText(perMessage)) a message.",
                advice: advice,
                upperBoundOfGainNanosecondsPerMessage: perMessage
            )
        },
        { part, facts in
            guard part.variability >= 5, part.count >= 20, part.share >= 0.01 else { return nil }
            return Recommendation(
                rule: .variable,
                operation: part.operation,
                finding: "\(part.operation) is uneven: its p99 is \(Readable.ratio(part.variability)) its p50 over "
                    + "\(Readable.count(part.count)) runs.",
                advice: "Look at its slowest runs: a cold cache, a lock, a retry or a larger input explains most tails.",
                upperBoundOfGainNanosecondsPerMessage: nil
            )
        },
        { part, facts in
            guard part.callsPerMessage > 1.5, part.operation != ConversationSteps.total, part.share >= 0.01 else {
                return nil
            }
            let calls = (part.callsPerMessage * 10).rounded() / 10
            return Recommendation(
                rule: .repeatedCalls,
                operation: part.operation,
                finding: "\(part.operation) runs \(calls) times for each message.",
                advice: "Collect the calls into one, or keep the first result for the rest of the message.",
                upperBoundOfGainNanosecondsPerMessage: facts.perMessage(
                    wholeNanoseconds(Double(part.projectedSelfNanoseconds) * (1 - 1 / part.callsPerMessage))
                )
            )
        },
        { part, _ in
            guard let growth = part.averageMemoryDeltaBytes, growth >= 1_048_576 else { return nil }
            return Recommendation(
                rule: .memoryGrowth,
                operation: part.operation,
                finding: "The heap grows by \(Readable.bytes(growth)) with each run of \(part.operation).",
                advice: "Find out who keeps what it allocates: a cache without a bound, or text held longer than its message.",
                upperBoundOfGainNanosecondsPerMessage: nil
            )
        },
    ]

    private static let wholeRules: [WholeRule] = [
        { _, facts in
            guard let worst = facts.breakdown.parts.map(\.statistics).filter({ $0.count > 0 && $0.errorCount > 0 })
                .filter({ Double($0.errorCount) >= 0.01 * Double($0.count) && $0.name != ConversationSteps.total })
                .max(by: { $0.errorCount < $1.errorCount })
            else { return nil }
            return Recommendation(
                rule: .errors,
                operation: worst.name,
                finding: "\(worst.name) failed in \(Readable.count(worst.errorCount)) of \(Readable.count(worst.count)) runs.",
                advice: "Make it succeed before making it fast: failed runs distort every other number here.",
                upperBoundOfGainNanosecondsPerMessage: nil
            )
        },
        { bottlenecks, facts in
            guard let whole = bottlenecks.first(where: { $0.operation == ConversationSteps.total }),
                whole.projectedShare >= 0.05
            else { return nil }
            let perMessage = facts.perMessage(whole.projectedSelfNanoseconds)
            return Recommendation(
                rule: .unattributedTime,
                operation: whole.operation,
                finding: "\(Readable.percent(whole.projectedShare)) \(facts.whole) lies between the steps: "
                    + "\(Readable.durationInText(perMessage)) a message.",
                advice: "Give the work between the steps spans of its own.",
                upperBoundOfGainNanosecondsPerMessage: perMessage
            )
        },
        { _, facts in
            guard facts.assessment.projected.meetsTarget else { return nil }
            let average = Readable.durationInText(facts.assessment.projected.averageNanoseconds)
            return Recommendation(
                rule: .targetMet,
                operation: nil,
                finding: "A message takes \(average) on average, which is below the target of "
                    + "\(Readable.durationInText(facts.assessment.targetNanoseconds)).",
                advice: "Keep it there: compare results files before and after each change.",
                upperBoundOfGainNanosecondsPerMessage: nil
            )
        },
        { _, facts in
            guard facts.breakdown.messageCount < Hypothesis.fewestMessages else { return nil }
            return Recommendation(
                rule: .tooFewMessages,
                operation: nil,
                finding: "Only \(Readable.count(facts.breakdown.messageCount, of: "message")) "
                    + "\(facts.breakdown.messageCount == 1 ? "was" : "were") measured.",
                advice: "Run at least \(Hypothesis.fewestMessages) before relying on p95 and p99, for instance with all scenarios.",
                upperBoundOfGainNanosecondsPerMessage: nil
            )
        },
    ]
}
