import Summaries

extension Recommendation {
    /// Applies every rule to what was measured: what promises the most time first, then the rest in the rules' order.
    static func drawn(
        from breakdown: TimeBreakdown,
        bottlenecks: [Bottleneck],
        assessment: Assessment?
    ) -> [Recommendation] {
        guard let assessment, breakdown.messageCount > 0 else { return [] }
        let facts = MeasuredFacts(breakdown: breakdown, bottlenecks: bottlenecks, assessment: assessment)
        let aboutOperations = bottlenecks.flatMap { part in operationRules.compactMap { $0(part, facts) } }
        let aboutTheWhole = wholeRules.compactMap { $0(facts) }
        return (aboutOperations + aboutTheWhole).enumerated()
            .sorted { left, right in
                let (first, second) = (left.element.gain, right.element.gain)
                return first != second ? first > second : left.offset < right.offset
            }
            .map(\.element)
    }

    private static let operationRules: [@Sendable (Bottleneck, MeasuredFacts) -> Recommendation?] = [
        modelCallDominates, largeShare, repeatedCalls, variable, memoryGrowth,
    ]

    private static let wholeRules: [@Sendable (MeasuredFacts) -> Recommendation?] = [
        errors, unattributedTime, targetMet, tooFewMessages,
    ]

    private var gain: UInt64 { upperBoundOfGainNanosecondsPerMessage ?? 0 }
}

/// What the rules look at.
struct MeasuredFacts {
    let breakdown: TimeBreakdown
    let bottlenecks: [Bottleneck]
    let assessment: Assessment

    /// The part of a total that falls on one message.
    func perMessage(_ nanoseconds: UInt64) -> UInt64 {
        breakdown.messageCount > 0 ? nanoseconds / UInt64(breakdown.messageCount) : 0
    }

    /// A share with what it is a share of, for a sentence.
    func share(_ share: Double) -> String {
        Readable.percent(share) + (breakdown.isProjected ? " of the projected time" : " of the time")
    }
}
