extension KnowledgeSeed {
    static let practices: [KnowledgeEntry] = [
        entry(
            .practice,
            "practice-okr",
            "What an OKR is",
            "An objective says in one sentence what should change and for whom. Two to five key results say how you measure the change: a metric, its value today and its target. A team chooses them for a quarter and looks at the numbers every week.",
            "okr objective key result definition meaning introduction"
        ),
        entry(
            .practice,
            "practice-cadence",
            "Yearly objectives and quarterly OKRs",
            "Set direction once a year with few objectives, and choose quarterly OKRs that serve it. A quarter is long enough to change a metric and short enough to correct a wrong choice. Start two weeks before the quarter begins.",
            "cadence quarter year planning rhythm begin"
        ),
        entry(
            .practice,
            "practice-check-in",
            "The weekly check-in",
            "Ten to fifteen minutes: each owner gives the number, the confidence to reach the target (0–10) and the biggest obstacle. Leave out status reports. Decide what changes this week.",
            "check-in weekly confidence meeting cadence"
        ),
        entry(
            .practice,
            "practice-scoring",
            "Scoring from 0 to 1",
            "At the end of the quarter, each key result gets the share of the distance from baseline to target that was reached. For aspirational goals, an average of 0.6 to 0.7 is good; 1.0 for all means that they were too easy. Use the score to start the discussion.",
            "scoring grading score review ambition"
        ),
        entry(
            .practice,
            "practice-committed-aspirational",
            "Committed and aspirational OKRs",
            "Committed OKRs are promises that other teams depend on and should score 1.0; plan and staff them accordingly. For aspirational OKRs, the way to reach them is not known yet. Mark each OKR as one or the other, because a missed target means different things.",
            "committed aspirational ambition stretch moonshot target"
        ),
        entry(
            .practice,
            "practice-so-that",
            "Ask “so that what?”",
            "For every proposed activity ask what it is for, and again, until the answer is a change for people outside the team. Three rounds are usually enough. The last answer is a good objective, and the one before it a good key result.",
            "outcome activity why purpose discovery question"
        ),
        entry(
            .practice,
            "practice-objective-wording",
            "Wording an objective",
            "One sentence, no number, present tense, from the point of view of those who benefit. Every member of the team should know it by heart. If it needs “and”, it holds two objectives.",
            "objective wording writing inspiring sentence exploration"
        ),
        entry(
            .practice,
            "practice-key-result-formula",
            "The formula of a key result",
            "Metric, from baseline to target, until when. Write two to five per objective that together convince a sceptic. Balance them: one for the effect, one for quality, and one that shows harm.",
            "key result formula metric baseline target measurable refinement"
        ),
        entry(
            .practice,
            "practice-leading-lagging",
            "Leading and lagging indicators",
            "Revenue and retention show an effect after six months. Use them together with a metric that changes within weeks and that you expect to cause them. Write the expectation down, so that you can check it later.",
            "leading lagging indicator metric hypothesis"
        ),
        entry(
            .practice,
            "practice-alignment",
            "Alignment with other teams",
            "Publish drafts for a week and let other teams comment: what do you need from us, and where do our goals conflict? Most conflicts are between teams of the same level.",
            "alignment teams dependencies multi-team pipeline shared"
        ),
        entry(
            .practice,
            "practice-retrospective",
            "Closing a quarter",
            "An hour: what moved, what did not, what did we believe that was wrong, what do we keep? Judge the result and the quality of the decision separately. Continue with a goal only if you would choose it again today.",
            "retrospective closing quarter review learning"
        ),
        entry(
            .practice,
            "practice-health-metrics",
            "Health metrics beside OKRs",
            "Choose three to five numbers that must not get worse while you work on the goal, such as availability, satisfaction and cost. Give each a threshold. They keep business as usual visible and out of the OKRs.",
            "health metrics guardrail business usual maintenance"
        ),
        entry(
            .practice,
            "practice-first-quarter",
            "Starting with OKRs",
            "Begin with one team and one objective for one quarter; learn the weekly rhythm before adding more. The first set usually has too many goals and describes activities. The second one is better.",
            "start begin introduction first team pilot"
        ),
        entry(
            .practice,
            "practice-targets",
            "Choosing a target",
            "Ask for the value that you expect to reach with a probability of one half, then of one third. A good aspirational target lies between the two. Also look at the best week of the past year: a whole quarter at that level is ambitious and possible.",
            "target ambition ambitious confidence stretch choosing"
        ),
        entry(
            .practice,
            "practice-mid-quarter",
            "Changing an OKR in the middle",
            "Change an OKR when the circumstances have changed, and not because the number is bad. Write down why, keep the old one visible, and tell the teams that depend on it. More than one change in a quarter is a sign of poor planning.",
            "change mid-quarter adapt review"
        ),
    ]

    static func entry(
        _ kind: KnowledgeEntry.Kind,
        _ id: String,
        _ title: String,
        _ body: String,
        _ tags: String
    ) -> KnowledgeEntry {
        KnowledgeEntry(id: id, kind: kind, title: title, body: body, tags: tags.split(separator: " ").map(String.init))
    }
}
