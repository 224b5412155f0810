extension Scenario {
    static let discoverySimple = Scenario(
        number: 1,
        name: "discovery-simple",
        title: "Discovery – simple",
        user: UserContext(name: "Mara", function: "product", team: "Checkout", period: "2026-Q4"),
        phase: .discovery,
        draft: OKRDraft(),
        checkpoints: [],
        steps: [
            Step(
                "Hi! I would like to set up an OKR for our checkout, but I do not know where to begin.",
                leadsTo: .discovery
            ),
            Step(
                "Shoppers abandon the checkout when the payment page hangs. That frustrates them and costs us orders every day.",
                leadsTo: .exploration
            ),
            Step(
                "Yes, the checkout it is. Shoppers should be able to trust that a payment goes through.",
                leadsTo: .refinement
            ),
        ]
    )

    static let discoveryComplex = Scenario(
        number: 2,
        name: "discovery-complex",
        title: "Discovery – complex, multi-team",
        user: UserContext(name: "Jonas", function: "engineering", team: "Platform", period: "2027-H1"),
        phase: .discovery,
        draft: OKRDraft(),
        checkpoints: [],
        steps: [
            Step(
                "Three teams share one deployment pipeline: Platform, Mobile and Payments. Each has its own priorities, and nobody owns the pipeline as a whole.",
                leadsTo: .discovery
            ),
            Step(
                "Mobile waits for Payments, Payments waits for us. In our strategy the pipeline is a foundation for the next five years, company-wide.",
                leadsTo: .discovery
            ),
            Step(
                "It matters because engineers lose two days a week to waiting, and customers get fixes late. That is the pain all three teams agree on.",
                leadsTo: .exploration
            ),
            Step(
                "The deployment pipeline for all three teams, then. Engineers in every team should feel the difference.",
                leadsTo: .refinement
            ),
        ]
    )

    static let exploration = Scenario(
        number: 3,
        name: "exploration",
        title: "Exploration, objective creation",
        user: UserContext(name: "Priya", function: "customer success", team: "Onboarding", period: "2026-Q4"),
        phase: .exploration,
        draft: OKRDraft(),
        checkpoints: [.purpose, .owner, .period],
        steps: [
            Step("New customers take too long until onboarding gives them a first success.", leadsTo: .refinement),
            Step("Objective: New customers succeed in their first week", leadsTo: .refinement),
            Step(
                "Today an onboarding takes 21 days on average, and a third of the customers never finishes it.",
                leadsTo: .refinement
            ),
            Step("We want to bring the time to first value from 21 days to 7 days.", leadsTo: .refinement),
            Step("And customers who finish onboarding from 66 % to 85 %.", leadsTo: .quality),
        ]
    )
}
