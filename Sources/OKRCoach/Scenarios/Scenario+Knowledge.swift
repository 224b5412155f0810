extension Scenario {
    static let knowledge = Scenario(
        number: 7,
        name: "knowledge",
        title: "Knowledge integration",
        user: UserContext(name: "Aiko", function: "people", team: "Talent", period: "2026-Q4"),
        phase: .discovery,
        draft: OKRDraft(),
        checkpoints: [],
        steps: [
            Step("Which metrics do people teams use for hiring and retention?", leadsTo: .discovery),
            Step(
                "Good candidates drop out because our hiring process takes too long. The problem is the wait between interviews.",
                leadsTo: .exploration
            ),
            Step(
                "What does an example OKR for hiring look like, and how ambitious should it be?",
                leadsTo: .refinement
            ),
            Step("We want to get the time to hire from 62 days to 40 days.", leadsTo: .refinement),
            Step("KR2: Candidates who accept our offer from 71 % to 85 %", leadsTo: .quality),
        ]
    )

    static let antiPatterns = Scenario(
        number: 8,
        name: "anti-patterns",
        title: "Anti-pattern detection, input and output",
        user: UserContext(name: "Igor", function: "engineering", team: "Infrastructure", period: ""),
        phase: .refinement,
        draft: OKRDraft(objective: "Services stay up when customers need them"),
        checkpoints: [.purpose, .owner, .objective],
        steps: [
            Step(
                "We will migrate everything to Kubernetes and keep the lights on.",
                finds: [.activityInsteadOfOutcome, .noNumber, .businessAsUsual],
                leadsTo: .refinement
            ),
            Step(
                """
                KR1: Deploy the new monitoring
                KR2: Write 10 reports
                KR3: Reduce incidents by 20 %
                """,
                finds: [.activityInsteadOfOutcome, .noNumber, .outputAsKeyResult, .noBaseline, .noTimeFrame],
                answerShows: [.activityInsteadOfOutcome, .noNumber, .outputAsKeyResult, .noBaseline],
                leadsTo: .refinement
            ),
            Step(
                """
                KR4: Hold 6 training sessions
                KR5: Uptime from 99.5 % to 99.9 %, we are already at 99.9 % in two regions
                KR6: Alerts from 300 to 100
                """,
                finds: [.activityInsteadOfOutcome, .sandbagging, .outputAsKeyResult, .noTimeFrame],
                answerShows: [
                    .activityInsteadOfOutcome, .noNumber, .tooManyKeyResults, .sandbagging, .outputAsKeyResult,
                    .noBaseline,
                ],
                leadsTo: .refinement
            ),
            Step(
                "Objective: Grow the platform and reduce its cost",
                finds: [.tooManyKeyResults, .multipleObjectives],
                answerShows: [
                    .activityInsteadOfOutcome, .noNumber, .tooManyKeyResults, .sandbagging, .outputAsKeyResult,
                    .multipleObjectives,
                    .noBaseline,
                ],
                leadsTo: .refinement
            ),
        ]
    )
}
