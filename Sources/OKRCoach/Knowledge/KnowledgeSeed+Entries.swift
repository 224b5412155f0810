extension KnowledgeSeed {
    static let antiPatterns = entries(
        .antiPattern,
        """
        anti-activity | Activities instead of key results | activity output outcome launch project milestone
        A team can finish “Launch the new portal” without helping a single user. Ask what the portal is for and measure that: requests solved without a call, time saved, errors avoided. Keep the launch in the plan, below the key result that it serves.

        anti-too-many | Too many objectives and key results | focus too many key results prioritise limit
        A team with more than three objectives, or more than five key results each, has no priorities. Remove key results until each remaining one is needed to show that the objective is reached. Three are usually enough.

        anti-business-as-usual | Business as usual in OKR form | business usual maintenance operations health metrics
        Keeping systems running and answering customers is daily work and not a change. Track it with a short list of health metrics with thresholds, look at them weekly, and use OKRs for what should be different in three months.

        anti-binary | Key results that are done or not done | binary milestone done launch scale progress
        A binary key result shows no progress for twelve weeks and is reached on the last day. Find the scale behind it: how many teams have migrated, which share of traffic is served, how fast. A scale shows progress while there is time to react.

        anti-sandbagging | Targets that are certain to be reached | sandbagging ambition safe target bonus stretch
        When teams choose targets that they are certain to reach, results are usually tied to pay or blame. Separate the two first. Then ask which target the team would reach if things went well.

        anti-vanity | Vanity metrics | vanity metric followers page views downloads users marketing
        Followers, page views and registered users only grow. A useful metric can fall, leads to a decision, and describes a group of people: share of new users who are active in week four, revenue per retained customer.

        anti-cascade | Cascading goals down the hierarchy | cascade alignment hierarchy top-down teams
        When every level copies the key results above it as its objectives, the lowest level gets its goals late and owns none of them. Let teams read the company's objectives and write their own contribution. Then compare it with other teams and with the company's objectives.

        anti-set-and-forget | OKRs without check-ins | check-in weekly forget review cadence
        OKRs that are written in January and read again in March do not change what a team does. Look at the numbers for ten minutes every week. If there is no time for the check-in, drop the OKR.

        anti-bonus | OKRs as a bonus formula | bonus compensation pay incentives performance people
        When a result decides on pay, people negotiate low targets and report favourable numbers. Use OKRs to learn and to focus. Let people who know the circumstances decide on pay.

        anti-vague-objective | Vague objectives | vague objective words clarity inspiring support
        “Be world-class in support” fits every company and every year. Say for whom something changes and how they would notice it: “Customers get an answer that solves their problem the first time they ask.”

        anti-no-baseline | Targets without a baseline | baseline target start measure unknown
        “NPS of 50” may be a small step or an impossible one. Without the starting value, ambition and progress cannot be judged. If the value is unknown, measure it in the first weeks of the quarter.

        anti-shared-ownership | Key results with several owners | owner responsibility ownership teams shared
        A key result with three owners has no owner. Name one person who reports the number each week; others help. When two teams are needed, give them one shared key result and one person who reports it.
        """
    )

    static let metrics = entries(
        .metric,
        """
        metric-activation | Activation rate | product activation onboarding users growth conversion
        Share of new users who reach the first moment of value within a fixed time, for example a first project shared within seven days. Define the moment by what later-retained users had in common. It changes within weeks, so it suits a quarter.

        metric-retention | Cohort retention | product retention cohort churn users engagement
        Of the users who started in one week, the share still active four, eight and twelve weeks later. Look at the level at which the curve becomes flat. An average over all users hides that new cohorts get worse.

        metric-time-to-value | Time to first value | onboarding customer success time value product
        From contract or sign-up to the first result a customer cares about, as a median and a 90th percentile. Long tails come from waiting for data or people on the customer's side; measure the steps separately.

        metric-lead-time | Lead time for changes | engineering lead time deployment pipeline delivery dora
        From the commit to running in production, as median and 90th percentile. One of the four DORA metrics; high performers stay below a day. It becomes shorter when changes get smaller, and rarely when people work faster.

        metric-deployment-frequency | Deployment frequency | engineering deployment frequency release dora platform
        How often a team releases to production. It measures batch size. Use it together with the change failure rate; otherwise it rewards teams that split one change into five.

        metric-change-failure | Change failure rate | engineering quality failure incidents deployment dora
        Share of deployments that need a fix or rollback. The DORA metric that balances speed; good teams stay below 15 %. Count failures that customers notice, and count them in the same way all quarter.

        metric-availability | Availability as an error budget | engineering infrastructure availability uptime reliability slo operations incidents
        Share of requests answered correctly and in time, over 28 days. At 99.9 % the budget is 40 minutes a month. A key result about the remaining budget leads to decisions. One about “no outages” leads teams to hide outages.

        metric-win-rate | Win rate | sales win rate deals pipeline revenue
        Won deals divided by all decided deals of a segment, by value and by number. Define the stage at which a deal starts to count; otherwise the rate improves when deals are counted later.

        metric-sales-cycle | Length of the sales cycle | sales cycle days pipeline deal
        Days from qualified opportunity to signature, median per segment. Discounts make it shorter and the average deal smaller, so look at both.

        metric-nrr | Net revenue retention | revenue retention customer success expansion churn finance sales
        Recurring revenue of last year's customers today, divided by what they paid then: expansion minus shrinkage and churn. Above 100 %, a company grows without new customers. It changes slowly, so use a leading indicator next to it.

        metric-cac-payback | CAC payback time | marketing sales finance cac payback acquisition cost
        Months of gross margin until the cost of winning a customer is earned back. Below twelve months is comfortable for small customers, below twenty-four for large ones. Include salaries; otherwise the number is too good.

        metric-qualified-pipeline | Qualified pipeline from marketing | marketing leads pipeline qualified conversion campaign
        Value of opportunities sales has accepted and that came from marketing. It is a better measure than the number of leads, because the people who close the deals have to accept them.

        metric-first-contact-resolution | First contact resolution | support resolution first contact tickets customer satisfaction
        Share of questions settled with the first answer, measured by whether the customer comes back within seven days. It is a better target than response time, which rewards quick answers that do not help.

        metric-self-service | Self-service rate | support self-service help articles deflection contact
        Share of people who looked for help and did not have to contact support. Their intent has to be estimated: count a visit to the help center that is not followed by a ticket within a day.

        metric-time-to-hire | Time to hire | people hr hiring recruiting candidates time interview talent
        Days from opening a position to a signed offer, median. The waits between interviews are usually longer than the interviews, so measure them. Use it together with the acceptance rate, so that speed does not cost quality.

        metric-offer-acceptance | Offer acceptance rate | people hr hiring offer acceptance candidates talent
        Accepted offers divided by offers made. It shows late how candidates judge pay, reputation and process. Within a week, let someone who was not part of the interviews ask those who declined.

        metric-regretted-attrition | Regretted attrition | people hr retention attrition turnover employees engagement
        Share of people who left and whom their lead wanted to keep, over twelve months. It says more than total turnover. The numbers are small, so report counts next to the rate.

        metric-days-to-close | Days to close the books | finance close accounting days reporting operations
        Working days from the end of the month to reliable numbers. It indicates how clean the processes of other departments are, because most of the delay is waiting for their data.

        metric-forecast-accuracy | Forecast accuracy | finance forecast accuracy planning operations sales
        Absolute difference between forecast and result, relative to the result, at a fixed lead of one quarter. Also report the bias: forecasts that are always too high or always too low have a different cause.

        metric-data-freshness | Data freshness | data analytics freshness pipeline quality dashboards
        Age of the newest complete data a decision is made with, at the 95th percentile. Users notice stale dashboards before they notice wrong ones, and regain their trust slowly.

        metric-patch-time | Time to patch | security vulnerability patch time risk infrastructure
        Days from the publication of a critical vulnerability to its fix on the last affected system. Measure the last system, because the median is good even when one forgotten host stays vulnerable.

        metric-task-success | Task success rate | design usability task success research product
        Share of people in a usability test who finish a typical task without help. Five people a week are enough to see a change over a quarter. Keep the tasks the same.

        metric-on-time-delivery | On-time in-full delivery | operations logistics delivery orders supply on-time
        Share of orders delivered complete on the promised day. Count the first promise and not the last one; otherwise a new date improves the number.
        """
    )

    static let examples = entries(
        .example,
        """
        example-product | Example: product | product onboarding activation retention example okr
        Objective: New users feel at home in their first week. KR1: Activation within 7 days from 31 % to 45 %. KR2: Median time to first shared project from 3 days to 1 day. KR3: Week-four retention of new cohorts from 22 % to 30 %.

        example-engineering | Example: engineering | engineering deployment delivery pipeline platform example okr
        Objective: Engineers ship changes every day without fear. KR1: Lead time for changes (p90) from 6 days to 1 day. KR2: Change failure rate from 22 % to 10 %. KR3: Share of services deployed without a human step from 40 % to 90 %.

        example-support | Example: support | support help customers resolution self-service example okr
        Objective: Customers get help that helps the first time. KR1: First contact resolution from 58 % to 75 %. KR2: Self-service rate from 35 % to 50 %. KR3: Contacts per customer and year from 3.1 to 2.2.

        example-sales | Example: sales | sales win rate deals segment example okr
        Objective: Mid-size companies choose us with confidence. KR1: Win rate in the segment from 18 % to 25 %. KR2: Median sales cycle from 90 to 65 days. KR3: Deals with a reference call from 20 % to 60 %.

        example-marketing | Example: marketing | marketing pipeline organic brand awareness example okr
        Objective: The right people find us before they look for a vendor. KR1: Qualified pipeline from organic sources from 0.8 M€ to 1.4 M€. KR2: Share of opportunities who knew us before the first call from 30 % to 50 %. KR3: Cost per qualified opportunity from 900 € to 650 €.

        example-customer-success | Example: customer success | customer success onboarding retention accounts example okr
        Objective: Customers reach their goal before they ask for us. KR1: Time to first value from 21 to 7 days. KR2: Accounts with a quarterly review from 40 % to 80 %. KR3: Net revenue retention from 98 % to 106 %.

        example-people | Example: people and talent | people hr hiring talent candidates recruiting example okr
        Objective: Good candidates choose us quickly. KR1: Time to hire from 62 to 40 days. KR2: Offer acceptance from 71 % to 85 %. KR3: Candidates who would recommend the process from 55 % to 80 %.

        example-finance | Example: finance | finance close forecast reporting accounting example okr
        Objective: Leaders decide with numbers they trust. KR1: Days to close from 11 to 5. KR2: Forecast error one quarter ahead from 14 % to 7 %. KR3: Manual corrections per month from 120 to 30.

        example-operations | Example: operations | operations logistics delivery orders example okr
        Objective: Customers get what we promise. KR1: On-time in-full delivery from 87 % to 95 %. KR2: Orders touched by hand from 30 % to 12 %. KR3: Complaints per thousand orders from 9 to 4.

        example-data | Example: data | data analytics dashboards quality freshness example okr
        Objective: Everyone trusts the dashboards. KR1: Critical tables with tests from 20 % to 90 %. KR2: Freshness (p95) from 26 hours to 4 hours. KR3: Data questions in the support channel per week from 40 to 15.

        example-security | Example: security | security passwords patch access example okr infrastructure
        Objective: A stolen password gives no access. KR1: Accounts with phishing-resistant sign-in from 35 % to 95 %. KR2: Time to patch critical findings (last system) from 41 to 10 days. KR3: Standing administrator accounts from 60 to 8.

        example-design | Example: design | design usability checkout research mobile example okr
        Objective: People finish what they came for. KR1: Task success in weekly tests from 64 % to 85 %. KR2: Checkout abandonment on mobile from 48 % to 35 %. KR3: Screens built from the shared components from 50 % to 85 %.
        """
    )

    static let practices = entries(
        .practice,
        """
        practice-okr | What an OKR is | okr objective key result definition meaning introduction
        An objective says in one sentence what should change and for whom. Two to five key results say how you measure the change: a metric, its value today and its target. A team chooses them for a quarter and looks at the numbers every week.

        practice-cadence | Yearly objectives and quarterly OKRs | cadence quarter year planning rhythm begin
        Set direction once a year with few objectives, and choose quarterly OKRs that serve it. A quarter is long enough to change a metric and short enough to correct a wrong choice. Start two weeks before the quarter begins.

        practice-check-in | The weekly check-in | check-in weekly confidence meeting cadence
        Ten to fifteen minutes: each owner gives the number, the confidence to reach the target (0–10) and the biggest obstacle. Leave out status reports. Decide what changes this week.

        practice-scoring | Scoring from 0 to 1 | scoring grading score review ambition
        At the end of the quarter, each key result gets the share of the distance from baseline to target that was reached. For aspirational goals, an average of 0.6 to 0.7 is good; 1.0 for all means that they were too easy. Use the score to start the discussion.

        practice-committed-aspirational | Committed and aspirational OKRs | committed aspirational ambition stretch moonshot target
        Committed OKRs are promises that other teams depend on and should score 1.0; plan and staff them accordingly. For aspirational OKRs, the way to reach them is not known yet. Mark each OKR as one or the other, because a missed target means different things.

        practice-so-that | Ask “so that what?” | outcome activity why purpose discovery question
        For every proposed activity ask what it is for, and again, until the answer is a change for people outside the team. Three rounds are usually enough. The last answer is a good objective, and the one before it a good key result.

        practice-objective-wording | Wording an objective | objective wording writing inspiring sentence exploration
        One sentence, no number, present tense, from the point of view of those who benefit. Every member of the team should know it by heart. If it needs “and”, it holds two objectives.

        practice-key-result-formula | The formula of a key result | key result formula metric baseline target measurable refinement
        Metric, from baseline to target, until when. Write two to five per objective that together convince a sceptic. Balance them: one for the effect, one for quality, and one that shows harm.

        practice-leading-lagging | Leading and lagging indicators | leading lagging indicator metric hypothesis
        Revenue and retention show an effect after six months. Use them together with a metric that changes within weeks and that you expect to cause them. Write the expectation down, so that you can check it later.

        practice-alignment | Alignment with other teams | alignment teams dependencies multi-team pipeline shared
        Publish drafts for a week and let other teams comment: what do you need from us, and where do our goals conflict? Most conflicts are between teams of the same level.

        practice-retrospective | Closing a quarter | retrospective closing quarter review learning
        An hour: what moved, what did not, what did we believe that was wrong, what do we keep? Judge the result and the quality of the decision separately. Continue with a goal only if you would choose it again today.

        practice-health-metrics | Health metrics beside OKRs | health metrics guardrail business usual maintenance
        Choose three to five numbers that must not get worse while you work on the goal, such as availability, satisfaction and cost. Give each a threshold. They keep business as usual visible and out of the OKRs.

        practice-first-quarter | Starting with OKRs | start begin introduction first team pilot
        Begin with one team and one objective for one quarter; learn the weekly rhythm before adding more. The first set usually has too many goals and describes activities. The second one is better.

        practice-targets | Choosing a target | target ambition ambitious confidence stretch choosing
        Ask for the value that you expect to reach with a probability of one half, then of one third. A good aspirational target lies between the two. Also look at the best week of the past year: a whole quarter at that level is ambitious and possible.

        practice-mid-quarter | Changing an OKR in the middle | change mid-quarter adapt review
        Change an OKR when the circumstances have changed, and not because the number is bad. Write down why, keep the old one visible, and tell the teams that depend on it. More than one change in a quarter is a sign of poor planning.
        """
    )
}
