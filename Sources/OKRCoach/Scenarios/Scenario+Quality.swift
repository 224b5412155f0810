extension Scenario {
    static let qualityGood = Scenario(
        number: 5,
        name: "quality-good",
        title: "Quality – good OKR",
        user: UserContext(name: "Lena", function: "sales", team: "Mid-Market", period: "2027-Q1"),
        phase: .refinement,
        draft: OKRDraft(objective: "Mid-market buyers choose us with confidence"),
        checkpoints: [.purpose, .owner, .period, .objective],
        steps: [
            Step("KR1: Win rate in mid-market deals from 18 % to 27 %", leadsTo: .refinement),
            Step("KR2: Sales cycle from 94 days to 70 days", leadsTo: .quality),
            Step("KR3: Deals with a reference call from 20 % to 50 %", leadsTo: .quality),
            Step("Would you call the win rate ambitious? Our best quarter so far ended at 22 %.", leadsTo: .quality),
            Step("Then it stays. Who looks at the sales cycle: the team lead, every Monday.", leadsTo: .quality),
            Step("Is there anything in it that a sceptic would doubt?", leadsTo: .quality),
            Step("That works for all of us. We commit to it.", leadsTo: .done),
        ]
    )

    static let qualityPoor = Scenario(
        number: 6,
        name: "quality-poor",
        title: "Quality – poor OKR",
        user: UserContext(name: "Ben", function: "marketing", team: "Brand", period: ""),
        phase: .quality,
        draft: OKRDraft(
            objective: "Be better at marketing",
            keyResults: [KeyResult(text: "More followers"), KeyResult(text: "Launch the new website")]
        ),
        checkpoints: [.owner, .objective, .keyResults],
        steps: [
            Step(
                "Objective: Be better at marketing",
                finds: [.vagueWords],
                answerShows: Self.poorDraft,
                leadsTo: .quality
            ),
            Step(
                "KR1: More followers",
                finds: [.vagueWords, .noNumber, .vanityMetric, .noTimeFrame],
                answerShows: Self.poorDraft,
                leadsTo: .quality
            ),
            Step(
                "KR2: Launch the new website",
                finds: [.activityInsteadOfOutcome, .noNumber, .binaryGoal, .noTimeFrame],
                answerShows: Self.poorDraft,
                leadsTo: .quality
            ),
            Step(
                "Looks good to me, can we not just take it like that?",
                answerShows: Self.poorDraft,
                leadsTo: .quality
            ),
        ]
    )

    /// What the draft is made of shows again in every answer, since the model repeats it.
    private static let poorDraft: Set<AntiPattern> = [
        .activityInsteadOfOutcome, .vagueWords, .noNumber, .binaryGoal, .vanityMetric,
    ]
}
