import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("Detection of anti-patterns")
struct AntiPatternDetectorTests {
    private func kinds(
        _ text: String,
        phase: Phase = .refinement,
        period: String = "2026-Q4",
        draft: OKRDraft = OKRDraft(),
        source: AntiPatternFinding.Source = .input
    ) -> Set<AntiPattern> {
        let session = Session(
            id: "s",
            user: UserContext(period: period),
            phase: phase,
            draft: draft,
            createdAtUnixNanoseconds: 0
        )
        return Set(AntiPatternDetector().findings(in: text, source: source, session: session).map(\.kind))
    }

    @Test(
        "A mistake is found",
        arguments: [
            (AntiPattern.activityInsteadOfOutcome, "We will launch the new portal."),
            (.activityInsteadOfOutcome, "KR2: Implement the design system in 3 apps"),
            (.vagueWords, "Our goal is to be better at sales."),
            (.vagueWords, "Objective: World-class support"),
            (.noNumber, "KR1: Happier customers"),
            (.noNumber, "We want customers to come back."),
            (.binaryGoal, "KR1: The migration is done"),
            (.binaryGoal, "We want to get certified."),
            (.businessAsUsual, "We continue to answer tickets, as always."),
            (.sandbagging, "KR1: Uptime to 99 %, we are already at 99.2 %"),
            (.outputAsKeyResult, "KR1: Publish 12 blog posts"),
            (.multipleObjectives, "Objective: Grow in France and reduce costs"),
            (.vanityMetric, "KR1: From 1000 to 5000 followers"),
            (.noBaseline, "KR1: Increase retention by 20 %"),
            (.tooManyKeyResults, (1...6).map { "KR\($0): Metric \($0) from 1 to \($0 + 1)" }.joined(separator: "\n")),
        ]
    )
    func found(kind: AntiPattern, text: String) {
        #expect(kinds(text).contains(kind), "\(kinds(text))")
    }

    @Test(
        "A correct text has no finding",
        arguments: [
            (AntiPattern.activityInsteadOfOutcome, "We do not want to launch anything."),
            (.activityInsteadOfOutcome, "We want to reduce churn from 5 % to 3 %."),
            (.activityInsteadOfOutcome, "Last year they launched a portal."),
            (.activityInsteadOfOutcome, "My boss said: \"We will launch the portal.\""),
            (.activityInsteadOfOutcome, "Should we launch anything at all"),
            (.vagueWords, "KR1: Improve activation from 31 % to 45 %"),
            (.vagueWords, "The weather is better today."),
            (.noNumber, "KR1: Churn from 5 % to 3 %"),
            (.binaryGoal, "KR1: Services migrated from 10 to 40"),
            (.binaryGoal, "Objective: Finish first in the hearts of customers"),
            (.businessAsUsual, "We want something new."),
            (.sandbagging, "KR1: Win rate from 18 % to 27 %"),
            (.outputAsKeyResult, "KR1: Customers who read a post and come back from 4 % to 9 %"),
            (.multipleObjectives, "Objective: Customers find and understand answers"),
            (.vanityMetric, "KR1: Weekly active accounts from 100 to 300"),
            (.noBaseline, "KR1: Reduce lead time from 9 to 3 days"),
            (.tooManyKeyResults, "KR1: A from 1 to 2\nKR2: B from 1 to 2"),
            (.noTimeFrame, "KR1: Churn from 5 % to 3 %"),
        ]
    )
    func notFound(kind: AntiPattern, text: String) {
        #expect(!kinds(text).contains(kind))
    }

    @Test("A missing date is found only if neither the message nor the session has one")
    func timeFrame() {
        let text = "KR1: Churn from 5 % to 3 %"
        #expect(kinds(text, period: "").contains(.noTimeFrame))
        #expect(!kinds(text + " by the end of June", period: "").contains(.noTimeFrame))
        #expect(!kinds(text + " in 2027", period: "").contains(.noTimeFrame))
        #expect(!kinds(text, period: "", source: .output).contains(.noTimeFrame))
    }

    @Test("Missing numbers are not found before the refinement phase")
    func phases() {
        #expect(!kinds("We want customers to come back.", phase: .discovery).contains(.noNumber))
        let draft = OKRDraft(keyResults: [KeyResult(text: "Churn from 5 % to 3 %", baseline: 5, target: 3, unit: "%")])
        #expect(!kinds("We want customers to come back.", draft: draft).contains(.noNumber))
    }

    @Test("Empty, huge and hostile texts are processed", .generousTimeLimit)
    func robustness() {
        for text in ["", " ", "\n", ".", "🎯", "\"", "KR", "KR1:", "Objective:", "1.", "%", "→"] { _ = kinds(text) }
        _ = kinds(String(repeating: "We want to launch better things. ", count: 32_000))
        _ = kinds(String(repeating: "a", count: 1_048_576))
        var random = SplitMix64(seed: 11)
        for _ in 0..<500 {
            let text = HostileText.make(&random, 0...200)
            #expect(kinds(text) == kinds(text), "\(text.debugDescription)")
        }
    }

    @Test("Every mistake has an explanation and a suggestion")
    func texts() {
        for kind in AntiPattern.allCases {
            #expect(kind.explanation.hasSuffix("."))
            #expect(kind.suggestion.count > 15)
        }
    }
}
