extension KnowledgeSeed {
    static let practices: [KnowledgeEntry] = [
        entry(
            .practice,
            "practice-cadence",
            "Two rhythms: year and quarter",
            "Set direction once a year with few objectives, and choose quarterly OKRs that serve it. A quarter is long enough to move a metric and short enough to be wrong cheaply. Start two weeks before the quarter, not in it.",
            "cadence quarter year planning rhythm begin"
        ),
        entry(
            .practice,
            "practice-check-in",
            "The weekly check-in",
            "Ten to fifteen minutes: each owner gives the number, the confidence to reach the target (0–10) and the one thing that is in the way. No status reports. Decide what changes this week, then stop.",
            "check-in weekly confidence meeting cadence"
        ),
        entry(
            .practice,
            "practice-scoring",
            "Scoring from 0 to 1",
            "At the end each key result gets the share of the way it went from baseline to target. For aspirational goals an average of 0.6 to 0.7 is a good quarter; 1.0 throughout means they were too easy. The score starts the talk, it does not end it.",
            "scoring grading score review ambition"
        ),
        entry(
            .practice,
            "practice-committed-aspirational",
            "Committed and aspirational OKRs",
            "Committed OKRs are promises others build on and should score 1.0; plan and staff them accordingly. Aspirational ones reach further than anybody knows how to go. Mark which is which, since missing them means different things.",
            "committed aspirational ambition stretch moonshot target"
        ),
        entry(
            .practice,
            "practice-so-that",
            "Ask “so that what?”",
            "For every proposed activity ask what it is for, and again, until the answer is a change for somebody outside the team. Three rounds usually suffice. The second to last answer makes a good key result, the last one the objective.",
            "outcome activity why purpose discovery question"
        ),
        entry(
            .practice,
            "practice-objective-wording",
            "Wording an objective",
            "One sentence, no number, present tense, from the point of view of those who benefit. It should be remembered without looking and be worth getting up for. If it needs “and”, there are two.",
            "objective wording writing inspiring sentence exploration"
        ),
        entry(
            .practice,
            "practice-key-result-formula",
            "The formula of a key result",
            "Metric, from baseline to target, until when. Two to five per objective, together convincing to a sceptic. Balance them: one for the effect, one for quality, one that guards against winning the wrong way.",
            "key result formula metric baseline target measurable refinement"
        ),
        entry(
            .practice,
            "practice-leading-lagging",
            "Leading and lagging indicators",
            "Revenue and retention tell you in six months; pair them with something that moves within weeks and is believed to cause them. Write the belief down: if the leading number moves and the lagging one does not, you learned something.",
            "leading lagging indicator metric hypothesis"
        ),
        entry(
            .practice,
            "practice-alignment",
            "Aligning sideways",
            "Publish drafts for a week and let neighbouring teams comment: what do you need from us, where do we pull apart? Most conflicts sit between teams of the same level and do not show in a tree from the top.",
            "alignment teams dependencies multi-team pipeline shared"
        ),
        entry(
            .practice,
            "practice-retrospective",
            "Closing a quarter",
            "An hour: what moved, what did not, what did we believe that was wrong, what do we keep? Separate the result from the quality of the decision. Carry a goal over only if you would choose it again today.",
            "retrospective closing quarter review learning"
        ),
        entry(
            .practice,
            "practice-health-metrics",
            "Health metrics beside OKRs",
            "Choose three to five numbers that must not get worse while you chase the goal: availability, satisfaction, cost. Give each a threshold. They keep business as usual visible without filling the OKRs with it.",
            "health metrics guardrail business usual maintenance"
        ),
        entry(
            .practice,
            "practice-first-quarter",
            "Starting with OKRs",
            "Begin with one team and one objective for one quarter; learn the weekly rhythm before adding more. The first set is usually too big and too much about activity. That is normal: the second one is better.",
            "start begin introduction first team pilot"
        ),
        entry(
            .practice,
            "practice-targets",
            "Choosing a target",
            "Ask for the value you would bet on at even odds, then at one in three; a good aspirational target lies between. Look at the best week of the past year: a whole quarter at that level is ambitious and has been seen.",
            "target ambition ambitious confidence stretch choosing"
        ),
        entry(
            .practice,
            "practice-mid-quarter",
            "Changing an OKR in the middle",
            "Change it when the world has changed, not when the number is bad. Write down why, keep the old one visible, and tell those who built on it. More than one change in a quarter points at the planning.",
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
