/// What was expected of one part before anything was measured, and what came out.
package struct Hypothesis: Codable, Sendable, Equatable {
    /// The part.
    package var group: StepGroup
    /// The lower end of the expected share, 0…1.
    package var expectedLowerShare: Double
    /// The upper end of the expected share, 0…1.
    package var expectedUpperShare: Double
    /// The measured share; nil when nothing was recorded.
    package var measuredShare: Double?
    /// The share with the offline model's latency at scale 1; nil when nothing was recorded.
    package var projectedShare: Double?
    /// What follows.
    package var verdict: Verdict

    /// What follows from the numbers.
    package enum Verdict: String, Codable, Sendable {
        /// The projected share lies within the expected range, both ends included.
        case confirmed
        /// It lies outside.
        case refuted
        /// Fewer than ``Hypothesis/fewestMessages`` messages, or nothing recorded.
        case tooLittleData
    }

    /// Below this number of messages no verdict is given.
    package static let fewestMessages = 20

    /// The expectations, as they were written down for the original system.
    static let expectations: [(group: StepGroup, shares: ClosedRange<Double>)] = [
        (.modelCall, 0.40...0.50),
        (.knowledgeSuggestions, 0.10...0.15),
        (.database, 0.05...0.10),
        (.qualityAssessment, 0.03...0.07),
        (.rest, 0.20...0.30),
    ]

    static func check(against breakdown: TimeBreakdown) -> [Hypothesis] {
        expectations.map { group, expected in
            let hasData = !breakdown.parts.isEmpty
            let shares = breakdown.shares(of: group)
            let verdict: Verdict =
                !hasData || breakdown.messageCount < fewestMessages
                ? .tooLittleData : expected.contains(shares.projected) ? .confirmed : .refuted
            return Hypothesis(
                group: group,
                expectedLowerShare: expected.lowerBound,
                expectedUpperShare: expected.upperBound,
                measuredShare: hasData ? shares.measured : nil,
                projectedShare: hasData ? shares.projected : nil,
                verdict: verdict
            )
        }
    }
}
