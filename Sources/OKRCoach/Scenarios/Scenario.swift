/// A conversation to replay: who speaks, the state in which it starts, and the user's messages.
public struct Scenario: Sendable, Identifiable {
    /// The position in ``all``, from 1.
    public let number: Int
    /// The short name on the command line.
    public let name: String
    /// The name shown in reports.
    public let title: String
    /// The person who is coached.
    public let user: UserContext
    /// The phase in which the conversation starts.
    public var phase = Phase.discovery
    /// The OKR at the start.
    public var draft = OKRDraft()
    /// What is settled at the start.
    public var checkpoints: Set<Checkpoint> = []
    /// The user's messages in order.
    public let messages: [String]

    /// The scenario's short name.
    public var id: String { name }

    /// The session the scenario starts with.
    public func session(id: String, atUnixNanoseconds time: Int64) -> Session {
        Session(
            id: id,
            user: user,
            phase: phase,
            draft: draft,
            checkpoints: checkpoints,
            createdAtUnixNanoseconds: time
        )
    }

    /// The eight scenarios, 39 messages in all.
    public static let all: [Scenario] = [
        .discoverySimple, .discoveryComplex, .exploration, .refinement, .qualityGood, .qualityPoor, .knowledge,
        .antiPatterns,
    ]

    /// Finds a scenario by its number or short name, in any case.
    /// - Throws: ``UnknownScenario``, which lists the valid names.
    public static func named(_ text: String) throws(UnknownScenario) -> Scenario {
        let wanted = text.lowercased()
        guard let scenario = all.first(where: { $0.name == wanted || String($0.number) == wanted }) else {
            throw UnknownScenario(name: text)
        }
        return scenario
    }
}

/// The error for a scenario name that does not exist.
public struct UnknownScenario: Error, Equatable, CustomStringConvertible {
    /// The name that was given.
    public let name: String

    /// What is wrong, and the valid names, in one line.
    public var description: String {
        let names = Scenario.all.map { "\($0.number) \($0.name)" }.joined(separator: ", ")
        return "there is no scenario '\(name)'; choose a number or a name from: \(names)"
    }
}

extension Scenario {
    static let discoverySimple = Scenario(
        number: 1,
        name: "discovery-simple",
        title: "Discovery – simple",
        user: UserContext(name: "Mara", function: "product", team: "Checkout", period: "2026-Q4"),
        messages: [
            "Hi! I would like to set up an OKR for our checkout, but I do not know where to begin.",
            "Shoppers abandon the checkout when the payment page hangs. That frustrates them and costs us orders every day.",
            "Yes, the checkout it is. Shoppers should be able to trust that a payment goes through.",
        ]
    )

    static let discoveryComplex = Scenario(
        number: 2,
        name: "discovery-complex",
        title: "Discovery – complex, multi-team",
        user: UserContext(name: "Jonas", function: "engineering", team: "Platform", period: "2027-H1"),
        messages: [
            "Three teams share one deployment pipeline: Platform, Mobile and Payments. Each has its own priorities, and nobody owns the pipeline as a whole.",
            "Mobile waits for Payments, Payments waits for us. In our strategy the pipeline is a foundation for the next five years, company-wide.",
            "It matters because engineers lose two days a week to waiting, and customers get fixes late. That is the pain all three teams agree on.",
            "The deployment pipeline for all three teams, then. Engineers in every team should feel the difference.",
        ]
    )

    static let exploration = Scenario(
        number: 3,
        name: "exploration",
        title: "Exploration, objective creation",
        user: UserContext(name: "Priya", function: "customer success", team: "Onboarding", period: "2026-Q4"),
        phase: .exploration,
        checkpoints: [.purpose, .owner, .period],
        messages: [
            "New customers take too long until onboarding gives them a first success.",
            "Objective: New customers succeed in their first week",
            "Today an onboarding takes 21 days on average, and a third of the customers never finishes it.",
            "We want to bring the time to first value from 21 days to 7 days.",
            "And customers who finish onboarding from 66 % to 85 %.",
        ]
    )

    static let refinement = Scenario(
        number: 4,
        name: "refinement",
        title: "Refinement, key results",
        user: UserContext(name: "Tom", function: "support", team: "Help Center", period: "2026-Q4"),
        phase: .refinement,
        draft: OKRDraft(objective: "Customers find answers without waiting for us"),
        checkpoints: [.purpose, .owner, .period, .objective],
        messages: [
            "We should answer faster.",
            "KR1: First response time below 4 hours",
            "KR1: First response time from 11 hours to 4 hours",
            "KR2: Publish 40 help articles",
            "Fair point, articles are a means. What counts is how many questions people solve alone.",
            "KR2: Publish help articles that solve questions, self-service rate from 35 % to 60 %",
            "KR3: Contacts per customer from 1.8 to 1.1",
        ]
    )

    static let qualityGood = Scenario(
        number: 5,
        name: "quality-good",
        title: "Quality – good OKR",
        user: UserContext(name: "Lena", function: "sales", team: "Mid-Market", period: "2027-Q1"),
        phase: .refinement,
        draft: OKRDraft(objective: "Mid-market buyers choose us with confidence"),
        checkpoints: [.purpose, .owner, .period, .objective],
        messages: [
            "KR1: Win rate in mid-market deals from 18 % to 27 %",
            "KR2: Sales cycle from 94 days to 70 days",
            "KR3: Deals with a reference call from 20 % to 50 %",
            "Would you call the win rate ambitious? Our best quarter so far ended at 22 %.",
            "Then it stays. Who looks at the sales cycle: the team lead, every Monday.",
            "Is there anything in it that a sceptic would doubt?",
            "That works for all of us. We commit to it.",
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
        messages: [
            "Objective: Be better at marketing",
            "KR1: More followers",
            "KR2: Launch the new website",
            "Looks good to me, can we not just take it like that?",
        ]
    )

    static let knowledge = Scenario(
        number: 7,
        name: "knowledge",
        title: "Knowledge integration",
        user: UserContext(name: "Aiko", function: "people", team: "Talent", period: "2026-Q4"),
        messages: [
            "Which metrics do people teams use for hiring and retention?",
            "Good candidates drop out because our hiring process takes too long. The problem is the wait between interviews.",
            "What does an example OKR for hiring look like, and how ambitious should it be?",
            "We want to get the time to hire from 62 days to 40 days.",
            "KR2: Candidates who accept our offer from 71 % to 85 %",
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
        messages: [
            "We will migrate everything to Kubernetes and keep the lights on.",
            """
            KR1: Deploy the new monitoring
            KR2: Write 10 reports
            KR3: Reduce incidents by 20 %
            """,
            """
            KR4: Hold 6 training sessions
            KR5: Uptime from 99.5 % to 99.9 %, we are already at 99.9 % in two regions
            KR6: Alerts from 300 to 100
            """,
            "Objective: Grow the platform and reduce its cost",
        ]
    )
}
