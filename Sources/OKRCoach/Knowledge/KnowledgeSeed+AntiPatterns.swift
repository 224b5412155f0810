extension KnowledgeSeed {
    static let antiPatterns: [KnowledgeEntry] = [
        entry(
            .antiPattern,
            "anti-activity",
            "Activities dressed up as key results",
            "“Launch the new portal” can be finished without helping anybody. Ask what the portal is for and measure that: requests solved without a call, time saved, errors avoided. Keep the launch in the plan, below the key result it serves.",
            "activity output outcome launch project milestone"
        ),
        entry(
            .antiPattern,
            "anti-too-many",
            "Too many objectives and key results",
            "More than three objectives, or five key results each, is a list of everything somebody cares about. Nobody can say on a Monday which one matters. Cut until leaving one out would hurt.",
            "focus too many key results prioritise limit"
        ),
        entry(
            .antiPattern,
            "anti-business-as-usual",
            "Business as usual in OKR form",
            "Keeping systems running and answering customers is the job, not the change. Put it on a short list of health metrics with thresholds, watch it weekly, and use OKRs for what should be different in three months.",
            "business usual maintenance operations health metrics"
        ),
        entry(
            .antiPattern,
            "anti-binary",
            "Key results that are done or not done",
            "A binary key result is red for twelve weeks and green on the last day. Find the scale behind it: how many teams have migrated, which share of traffic is served, how fast. A scale shows progress while there is time to react.",
            "binary milestone done launch scale progress"
        ),
        entry(
            .antiPattern,
            "anti-sandbagging",
            "Sandbagging",
            "Targets chosen so that they are certainly reached teach an organisation to promise little. It usually means that results are tied to pay or blame. Separate the two first, then ask what would be reached if things went well.",
            "sandbagging ambition safe target bonus stretch"
        ),
        entry(
            .antiPattern,
            "anti-vanity",
            "Vanity metrics",
            "Followers, page views and registered users only grow. A useful metric can fall, leads to a decision, and is about a group of people: share of new users who are active in week four, revenue per retained customer.",
            "vanity metric followers page views downloads users marketing"
        ),
        entry(
            .antiPattern,
            "anti-cascade",
            "Cascading goals down the hierarchy",
            "When every level copies the key results above it as its objectives, the bottom gets its goals in week six and owns none. Let teams read the company's objectives and write their own contribution; then check the fit sideways and upwards.",
            "cascade alignment hierarchy top-down teams"
        ),
        entry(
            .antiPattern,
            "anti-set-and-forget",
            "Set and forget",
            "OKRs written in January and read again in March are a wish list. Without a weekly look of ten minutes nobody changes course. The check-in is what makes the goal steer; skip the goal rather than the check-in.",
            "check-in weekly forget review cadence"
        ),
        entry(
            .antiPattern,
            "anti-bonus",
            "OKRs as a bonus formula",
            "As soon as a result decides on pay, people negotiate targets down and report what looks good. Use OKRs to learn and to focus; pay for contribution judged by people who know the circumstances.",
            "bonus compensation pay incentives performance people"
        ),
        entry(
            .antiPattern,
            "anti-vague-objective",
            "Objectives that mean nothing in particular",
            "“Be world-class in support” fits every company and every year. Say for whom something changes and how they would notice: “Customers get an answer that solves their problem the first time they ask.”",
            "vague objective words clarity inspiring support"
        ),
        entry(
            .antiPattern,
            "anti-no-baseline",
            "Targets without a baseline",
            "“NPS of 50” may be a small step or an impossible one. Without the starting value nobody can judge ambition or progress. If it is unknown, the first key result of the quarter is to measure it.",
            "baseline target start measure unknown"
        ),
        entry(
            .antiPattern,
            "anti-shared-ownership",
            "Everybody owns it, so nobody does",
            "A key result with three owners is discussed by three and moved by none. Name one person who reports the number each week; others help. Where two teams are needed, give them one shared key result and one reporter.",
            "owner responsibility ownership teams shared"
        ),
    ]
}
