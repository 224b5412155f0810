import Testing

@testable import OKRCoach

@Suite("Quality, altitude, checkpoints and phases")
struct AssessmentTests {
    private let user = UserContext(name: "A", function: "sales", team: "T", period: "2026-Q4")
    private let good = OKRDraft(
        objective: "Buyers choose us with confidence",
        keyResults: [
            KeyResult(text: "a", baseline: 10, target: 15), KeyResult(text: "b", baseline: 100, target: 60),
        ]
    )

    private func quality(_ draft: OKRDraft, _ user: UserContext? = nil, settled: Set<Checkpoint> = [])
        -> QualityAssessment
    {
        QualityAssessor().assess(draft: draft, user: user ?? self.user, settled: settled)
    }

    @Test("A good OKR scores 1, an empty one nearly 0, and every score has a reason")
    func scores() {
        #expect(quality(good).overall == 1)
        let empty = quality(OKRDraft(), UserContext())
        #expect(empty.overall < 0.15)
        #expect(empty.scores.map(\.dimension) == QualityAssessment.Dimension.allCases)
        #expect(empty.scores.allSatisfy { $0.reason.hasSuffix(".") && (0...1).contains($0.value) })
    }

    @Test("Each weakness lowers the score of its dimension")
    func weaknesses() {
        func with(_ change: (inout OKRDraft) -> Void) -> QualityAssessment {
            var draft = good
            change(&draft)
            return quality(draft)
        }
        #expect(with { $0.objective = "Be a better and world-class team" }[.clarity] == 0.5)
        #expect(with { $0.objective = "Grow in France and reduce all costs" }[.clarity] == 0.5)
        #expect(with { $0.objective = "Buyers" }[.clarity] == 0.6)
        #expect(with { $0.keyResults[0].text = "Launch the new portal" }[.outcome] == 0.2)
        #expect(with { $0.keyResults[0].text = "Number of followers" }[.outcome] == 0.5)
        #expect(with { $0.keyResults[0].text = "Uptime to 99 %, already at 99.2 %" }[.ambition] == 0.2)
        #expect(quality(good, UserContext())[.timeFrame] == 0)
        #expect(quality(good, UserContext(), settled: [.period])[.timeFrame] == 0.8)
        var draft = good
        draft.keyResults[1].baseline = nil
        #expect(quality(draft)[.measurability] == 0.75)
        draft.keyResults = [KeyResult(text: "tiny", baseline: 100, target: 101)]
        #expect(quality(draft)[.ambition] == 0.3)
        #expect(quality(draft)[.alignment] < 1)
    }

    @Test(
        "The level follows from the words",
        arguments: [
            ("Our vision is to be the market leader in five years", Altitude.strategic, 0, Phase.discovery),
            ("Our vision is to be the market leader in five years", .strategic, 1, .refinement),
            ("Churn of the team's customers this quarter", .tactical, 0, .refinement),
            ("Tomorrow I fix the button and write a script", .task, -1, .refinement),
        ]
    )
    func altitude(text: String, level: Altitude, drift: Int, phase: Phase) {
        let assessment = AltitudeDriftDetector().assess(text, phase: phase)
        #expect(assessment.level == level)
        #expect(assessment.drift == drift)
        #expect(!assessment.signals.isEmpty)
    }

    @Test("A message without a sign has the level of the previous one")
    func inheritedAltitude() {
        let assessment = AltitudeDriftDetector().assess(
            "Yes.",
            phase: .refinement,
            previous: ["Fix the bug tomorrow", "Hm."]
        )
        #expect(assessment.level == .task)
        #expect(AltitudeDriftDetector().assess("Yes.", phase: .refinement).level == nil)
    }

    @Test("Checkpoints are settled once, and an agreement needs an OKR")
    func checkpoints() {
        let detector = CheckpointDetector()
        func settled(_ text: String, _ draft: OKRDraft, _ before: Set<Checkpoint> = []) -> Set<Checkpoint> {
            detector.newlySettled(text: text, draft: draft, user: UserContext(), before: before)
        }
        #expect(settled("It matters because customers leave.", OKRDraft()) == [.purpose])
        #expect(settled("Looks good, we agree.", OKRDraft()).isEmpty)
        #expect(settled("Looks good, we agree.", good).contains(.agreement))
        #expect(!settled("Looks good, but change the second.", good).contains(.agreement))
        #expect(!settled("We do not agreed.", good).contains(.agreement))
        #expect(settled("", good) == [.objective, .keyResults, .baselines, .targets])
        #expect(settled("", good, [.objective, .keyResults]) == [.baselines, .targets])
    }

    @Test("Phases advance one at a time, and a new objective leads back to refinement")
    func phases() {
        func next(_ phase: Phase, _ draft: OKRDraft, _ settled: Set<Checkpoint> = [], old: OKRDraft? = nil) -> Phase {
            let decision = PhaseEvaluator().evaluate(
                phase: phase,
                previousDraft: old ?? draft,
                draft: draft,
                checkpoints: settled,
                quality: quality(draft)
            )
            #expect(!decision.reason.isEmpty)
            return decision.phase
        }
        #expect(next(.discovery, OKRDraft()) == .discovery)
        #expect(next(.discovery, OKRDraft(), [.purpose]) == .exploration)
        #expect(next(.discovery, good) == .exploration, "nothing is skipped")
        #expect(next(.exploration, OKRDraft()) == .exploration)
        #expect(next(.exploration, good) == .refinement)
        #expect(next(.refinement, OKRDraft(objective: "o")) == .refinement)
        #expect(next(.refinement, good) == .quality)
        #expect(next(.quality, good) == .quality)
        #expect(next(.quality, good, [.agreement]) == .done)
        #expect(next(.done, good) == .done)
        var replaced = good
        replaced.objective = "Something else entirely"
        #expect(next(.done, replaced, old: good) == .refinement)
    }
}
