import SpanKitReports
import SpanKitSummaries

/// The expected share of one group of steps, compared with the measured share.
struct Hypothesis: Encodable, Sendable {
    let group: StepGroup
    /// The lower end of the expected share, from 0 to 1.
    let expectedLowerShare: Double
    /// The upper end of the expected share, from 0 to 1.
    let expectedUpperShare: Double
    /// The measured share, or nil if nothing was recorded.
    let measuredShare: Double?
    /// The share with the offline model's latency at scale 1, or nil if nothing was recorded.
    let projectedShare: Double?
    let verdict: Verdict

    /// The result of the comparison.
    enum Verdict: String, Encodable, Sendable {
        /// The projected share is in the expected range, including both ends.
        case confirmed
        /// The projected share is outside the expected range.
        case refuted
        /// There were fewer than ``Hypothesis/fewestMessages`` messages, or nothing was recorded.
        case tooLittleData
    }

    /// The minimum number of messages for a verdict.
    static let fewestMessages = 20

    /// The expectations for the original system.
    static let expectations: [(group: StepGroup, shares: ClosedRange<Double>)] = [
        (.modelCall, 0.40...0.50),
        (.knowledgeSuggestions, 0.10...0.15),
        (.database, 0.05...0.10),
        (.qualityAssessment, 0.03...0.07),
        (.rest, 0.20...0.30),
    ]

    /// Compares the expectations with measured shares.
    /// - Parameter profiles: The steps and the time between them.
    static func check(against profiles: [OperationProfile], messageCount: Int) -> [Hypothesis] {
        expectations.map { group, expected in
            let parts = profiles.filter { ConversationSteps.groups[$0.name] ?? .rest == group }
            let projected = parts.reduce(0) { $0 + $1.share }
            let verdict: Verdict =
                profiles.isEmpty || messageCount < fewestMessages
                ? .tooLittleData : expected.contains(projected) ? .confirmed : .refuted
            return Hypothesis(
                group: group,
                expectedLowerShare: expected.lowerBound,
                expectedUpperShare: expected.upperBound,
                measuredShare: profiles.isEmpty ? nil : parts.reduce(0) { $0 + ($1.measured?.share ?? $1.share) },
                projectedShare: profiles.isEmpty ? nil : projected,
                verdict: verdict
            )
        }
    }

    /// A table with one row for each hypothesis.
    /// - Parameter messageNanoseconds: The time per message with the model's latency at scale 1.
    static func listing(_ hypotheses: [Hypothesis], of messageNanoseconds: Double, isProjected: Bool) -> Listing {
        var columns: [Listing.Column] = [
            .init("group", "Part", .text), .init("expected", "Expected", .text, priority: 1),
            .init("share", "Measured", .share, priority: isProjected ? 4 : 0),
        ]
        if isProjected { columns.append(.init("projectedShare", "Projected", .share)) }
        columns += [
            .init("expectedTime", "Expected time", .text, priority: 3),
            .init(
                "nanosecondsPerConversation",
                isProjected ? "Projected time" : "Measured time",
                .duration,
                priority: 2
            ),
            .init("verdict", "Verdict", .text),
        ]
        var listing = Listing(columns)
        for hypothesis in hypotheses {
            let (lower, upper) = (hypothesis.expectedLowerShare, hypothesis.expectedUpperShare)
            func time(_ share: Double) -> String {
                Readable.durationInText(wholeNanoseconds(Double(Assessment.baseline) * share))
            }
            func cell(_ share: Double?) -> Listing.Value { share.map { .number($0) } ?? .none }
            listing.rows.append(
                [
                    .text(hypothesis.group.title),
                    .text("\(Int((lower * 100).rounded()))–\(Int((upper * 100).rounded())) %"),
                    cell(hypothesis.measuredShare),
                ] + (isProjected ? [cell(hypothesis.projectedShare)] : []) + [
                    .text("\(time(lower)) – \(time(upper))"),
                    cell(hypothesis.projectedShare.map { ($0 * messageNanoseconds).rounded() }),
                    hypothesis.verdict.value,
                ]
            )
        }
        return listing
    }
}

extension Hypothesis.Verdict {
    /// The verdict for a table.
    fileprivate var value: Listing.Value {
        switch self {
        case .confirmed: .text("✓ confirmed", .good)
        case .refuted: .text("✗ refuted", .caution)
        case .tooLittleData: .text("too little data", .quiet)
        }
    }
}
