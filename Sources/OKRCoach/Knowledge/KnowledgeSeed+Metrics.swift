extension KnowledgeSeed {
    static let metrics: [KnowledgeEntry] = [
        entry(
            .metric,
            "metric-activation",
            "Activation rate",
            "Share of new users who reach the first moment of value within a fixed time, for example a first project shared within seven days. Define the moment by what later-retained users had in common. It moves within weeks, so it suits a quarter.",
            "product activation onboarding users growth conversion"
        ),
        entry(
            .metric,
            "metric-retention",
            "Cohort retention",
            "Of the users who started in one week, the share still active four, eight and twelve weeks later. Look at the level where the curve becomes flat. Averages over all users hide that new cohorts get worse.",
            "product retention cohort churn users engagement"
        ),
        entry(
            .metric,
            "metric-time-to-value",
            "Time to first value",
            "From contract or sign-up to the first result a customer cares about, as a median and a 90th percentile. Long tails come from waiting for data or people on the customer's side; measure the steps separately.",
            "onboarding customer success time value product"
        ),
        entry(
            .metric,
            "metric-lead-time",
            "Lead time for changes",
            "From the commit to running in production, as median and 90th percentile. One of the four DORA metrics; high performers stay below a day. It shortens when changes get smaller, rarely when people work faster.",
            "engineering lead time deployment pipeline delivery dora"
        ),
        entry(
            .metric,
            "metric-deployment-frequency",
            "Deployment frequency",
            "How often a team releases to production. A measure of batch size rather than of diligence: pair it with the change failure rate, or it rewards splitting one change into five.",
            "engineering deployment frequency release dora platform"
        ),
        entry(
            .metric,
            "metric-change-failure",
            "Change failure rate",
            "Share of deployments that need a fix or rollback. DORA's counterweight to speed; good teams stay below 15 %. Count what customers would notice, and count it the same way all quarter.",
            "engineering quality failure incidents deployment dora"
        ),
        entry(
            .metric,
            "metric-availability",
            "Availability as an error budget",
            "Share of requests answered correctly and in time, over 28 days. At 99.9 % the budget is 40 minutes a month. A key result about the budget left invites decisions; one about “no outages” invites hiding them.",
            "engineering infrastructure availability uptime reliability slo operations incidents"
        ),
        entry(
            .metric,
            "metric-win-rate",
            "Win rate",
            "Won deals divided by all decided deals of a segment, by value and by number. Fix the stage at which a deal starts to count, otherwise the rate improves by starting later.",
            "sales win rate deals pipeline revenue"
        ),
        entry(
            .metric,
            "metric-sales-cycle",
            "Length of the sales cycle",
            "Days from qualified opportunity to signature, median per segment. Shortening it by discounts shows in the average deal size; watch both.",
            "sales cycle days pipeline deal"
        ),
        entry(
            .metric,
            "metric-nrr",
            "Net revenue retention",
            "Recurring revenue of last year's customers today, divided by what they paid then: expansion minus shrinkage and churn. Above 100 % a company grows without new customers. Slow to move: use a leading indicator beside it.",
            "revenue retention customer success expansion churn finance sales"
        ),
        entry(
            .metric,
            "metric-cac-payback",
            "CAC payback time",
            "Months of gross margin until the cost of winning a customer is earned back. Below twelve months is comfortable for small customers, below twenty-four for large ones. Include salaries, or it flatters.",
            "marketing sales finance cac payback acquisition cost"
        ),
        entry(
            .metric,
            "metric-qualified-pipeline",
            "Qualified pipeline from marketing",
            "Value of opportunities sales has accepted and that came from marketing. Better than counting leads: it needs the agreement of the people who have to close them.",
            "marketing leads pipeline qualified conversion campaign"
        ),
        entry(
            .metric,
            "metric-first-contact-resolution",
            "First contact resolution",
            "Share of questions settled with the first answer, measured by whether the customer comes back within seven days. A better target than response time, which rewards quick answers that do not help.",
            "support resolution first contact tickets customer satisfaction"
        ),
        entry(
            .metric,
            "metric-self-service",
            "Self-service rate",
            "Share of people who looked for help and did not need to contact anybody. Needs a guess at intent: a visit to the help center followed by no ticket within a day is a usable one.",
            "support self-service help articles deflection contact"
        ),
        entry(
            .metric,
            "metric-time-to-hire",
            "Time to hire",
            "Days from opening a position to a signed offer, median. The wait between interviews is usually longer than the interviews; measure the gaps. Pair it with the acceptance rate so that speed does not cost quality.",
            "people hr hiring recruiting candidates time interview talent"
        ),
        entry(
            .metric,
            "metric-offer-acceptance",
            "Offer acceptance rate",
            "Accepted offers divided by offers made. A late signal of pay, reputation and process; ask those who decline, within a week, by someone who was not part of the interviews.",
            "people hr hiring offer acceptance candidates talent"
        ),
        entry(
            .metric,
            "metric-regretted-attrition",
            "Regretted attrition",
            "Share of people who left and whom their lead wanted to keep, over twelve months. More telling than total turnover; small numbers, so report counts beside the rate.",
            "people hr retention attrition turnover employees engagement"
        ),
        entry(
            .metric,
            "metric-days-to-close",
            "Days to close the books",
            "Working days from the end of the month to reliable numbers. A proxy for clean processes upstream: most of the delay is waiting for data from other departments.",
            "finance close accounting days reporting operations"
        ),
        entry(
            .metric,
            "metric-forecast-accuracy",
            "Forecast accuracy",
            "Absolute difference between forecast and result, relative to the result, at a fixed lead of one quarter. Report the bias too: being wrong in one direction every time is a different problem.",
            "finance forecast accuracy planning operations sales"
        ),
        entry(
            .metric,
            "metric-data-freshness",
            "Data freshness",
            "Age of the newest complete data a decision is made with, at the 95th percentile. Users notice stale dashboards before they notice wrong ones; trust returns slowly.",
            "data analytics freshness pipeline quality dashboards"
        ),
        entry(
            .metric,
            "metric-patch-time",
            "Time to patch",
            "Days from the publication of a critical vulnerability to its fix on the last affected system. The last system matters: the median looks fine while one forgotten host stays open.",
            "security vulnerability patch time risk infrastructure"
        ),
        entry(
            .metric,
            "metric-task-success",
            "Task success rate",
            "Share of people in a usability test who finish a typical task without help. Five people a week are enough to see change over a quarter; keep the tasks fixed.",
            "design usability task success research product"
        ),
        entry(
            .metric,
            "metric-on-time-delivery",
            "On-time in-full delivery",
            "Share of orders delivered complete on the promised day. Count the first promise, not the last one; otherwise moving the date improves the number.",
            "operations logistics delivery orders supply on-time"
        ),
    ]
}
