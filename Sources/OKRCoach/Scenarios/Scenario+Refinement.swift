extension Scenario {
    static let refinement = Scenario(
        number: 4,
        name: "refinement",
        title: "Refinement, key results",
        user: UserContext(name: "Tom", function: "support", team: "Help Center", period: "2026-Q4"),
        phase: .refinement,
        draft: OKRDraft(objective: "Customers find answers without waiting for us"),
        checkpoints: [.purpose, .owner, .period, .objective],
        steps: [
            Step("We should answer faster.", finds: [.vagueWords, .noNumber], leadsTo: .refinement),
            Step("KR1: First response time below 4 hours", leadsTo: .refinement),
            Step("KR1: First response time from 11 hours to 4 hours", leadsTo: .refinement),
            Step(
                "KR2: Publish 40 help articles",
                finds: [.activityInsteadOfOutcome, .outputAsKeyResult],
                answerShows: [.activityInsteadOfOutcome, .outputAsKeyResult],
                leadsTo: .refinement
            ),
            Step(
                "Fair point, articles are a means. What counts is how many questions people solve alone.",
                answerShows: [.activityInsteadOfOutcome, .outputAsKeyResult],
                leadsTo: .refinement
            ),
            Step(
                "KR2: Publish help articles that solve questions, self-service rate from 35 % to 60 %",
                leadsTo: .quality
            ),
            Step("KR3: Contacts per customer from 1.8 to 1.1", leadsTo: .quality),
        ]
    )
}
