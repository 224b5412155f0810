extension KnowledgeSeed {
    static let antiPatterns: [KnowledgeEntry] = [
        entry(
            .antiPattern,
            "anti-activity",
            "Activities instead of key results",
            "A team can finish “Launch the new portal” without helping a single user. Ask what the portal is for and measure that: requests solved without a call, time saved, errors avoided. Keep the launch in the plan, below the key result that it serves.",
            "activity output outcome launch project milestone"
        ),
        entry(
            .antiPattern,
            "anti-too-many",
            "Too many objectives and key results",
            "A team with more than three objectives, or more than five key results each, has no priorities. Remove key results until each remaining one is needed to show that the objective is reached. Three are usually enough.",
            "focus too many key results prioritise limit"
        ),
        entry(
            .antiPattern,
            "anti-business-as-usual",
            "Business as usual in OKR form",
            "Keeping systems running and answering customers is daily work and not a change. Track it with a short list of health metrics with thresholds, look at them weekly, and use OKRs for what should be different in three months.",
            "business usual maintenance operations health metrics"
        ),
        entry(
            .antiPattern,
            "anti-binary",
            "Key results that are done or not done",
            "A binary key result shows no progress for twelve weeks and is reached on the last day. Find the scale behind it: how many teams have migrated, which share of traffic is served, how fast. A scale shows progress while there is time to react.",
            "binary milestone done launch scale progress"
        ),
        entry(
            .antiPattern,
            "anti-sandbagging",
            "Targets that are certain to be reached",
            "When teams choose targets that they are certain to reach, results are usually tied to pay or blame. Separate the two first. Then ask which target the team would reach if things went well.",
            "sandbagging ambition safe target bonus stretch"
        ),
        entry(
            .antiPattern,
            "anti-vanity",
            "Vanity metrics",
            "Followers, page views and registered users only grow. A useful metric can fall, leads to a decision, and describes a group of people: share of new users who are active in week four, revenue per retained customer.",
            "vanity metric followers page views downloads users marketing"
        ),
        entry(
            .antiPattern,
            "anti-cascade",
            "Cascading goals down the hierarchy",
            "When every level copies the key results above it as its objectives, the lowest level gets its goals late and owns none of them. Let teams read the company's objectives and write their own contribution. Then compare it with other teams and with the company's objectives.",
            "cascade alignment hierarchy top-down teams"
        ),
        entry(
            .antiPattern,
            "anti-set-and-forget",
            "OKRs without check-ins",
            "OKRs that are written in January and read again in March do not change what a team does. Look at the numbers for ten minutes every week. If there is no time for the check-in, drop the OKR.",
            "check-in weekly forget review cadence"
        ),
        entry(
            .antiPattern,
            "anti-bonus",
            "OKRs as a bonus formula",
            "When a result decides on pay, people negotiate low targets and report favourable numbers. Use OKRs to learn and to focus. Let people who know the circumstances decide on pay.",
            "bonus compensation pay incentives performance people"
        ),
        entry(
            .antiPattern,
            "anti-vague-objective",
            "Vague objectives",
            "“Be world-class in support” fits every company and every year. Say for whom something changes and how they would notice it: “Customers get an answer that solves their problem the first time they ask.”",
            "vague objective words clarity inspiring support"
        ),
        entry(
            .antiPattern,
            "anti-no-baseline",
            "Targets without a baseline",
            "“NPS of 50” may be a small step or an impossible one. Without the starting value, ambition and progress cannot be judged. If the value is unknown, measure it in the first weeks of the quarter.",
            "baseline target start measure unknown"
        ),
        entry(
            .antiPattern,
            "anti-shared-ownership",
            "Key results with several owners",
            "A key result with three owners has no owner. Name one person who reports the number each week; others help. When two teams are needed, give them one shared key result and one person who reports it.",
            "owner responsibility ownership teams shared"
        ),
    ]
}
