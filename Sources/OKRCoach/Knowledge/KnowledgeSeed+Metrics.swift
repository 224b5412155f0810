extension KnowledgeSeed {
    static let metrics: [KnowledgeEntry] = [
        entry(
            .metric,
            "metric-activation",
            "Activation rate",
            "Share of new users who reach the first moment of value within a fixed time, for example a first project shared within seven days. Define the moment by what later-retained users had in common. It changes within weeks, so it suits a quarter.",
            "product activation onboarding users growth conversion"
        ),
        entry(
            .metric,
            "metric-retention",
            "Cohort retention",
            "Of the users who started in one week, the share still active four, eight and twelve weeks later. Look at the level at which the curve becomes flat. An average over all users hides that new cohorts get worse.",
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
            "From the commit to running in production, as median and 90th percentile. One of the four DORA metrics; high performers stay below a day. It becomes shorter when changes get smaller, and rarely when people work faster.",
            "engineering lead time deployment pipeline delivery dora"
        ),
        entry(
            .metric,
            "metric-deployment-frequency",
            "Deployment frequency",
            "How often a team releases to production. It measures batch size. Use it together with the change failure rate; otherwise it rewards teams that split one change into five.",
            "engineering deployment frequency release dora platform"
        ),
        entry(
            .metric,
            "metric-change-failure",
            "Change failure rate",
            "Share of deployments that need a fix or rollback. The DORA metric that balances speed; good teams stay below 15 %. Count failures that customers notice, and count them in the same way all quarter.",
            "engineering quality failure incidents deployment dora"
        ),
        entry(
            .metric,
            "metric-availability",
            "Availability as an error budget",
            "Share of requests answered correctly and in time, over 28 days. At 99.9 % the budget is 40 minutes a month. A key result about the remaining budget leads to decisions. One about “no outages” leads teams to hide outages.",
            "engineering infrastructure availability uptime reliability slo operations incidents"
        ),
        entry(
            .metric,
            "metric-win-rate",
            "Win rate",
            "Won deals divided by all decided deals of a segment, by value and by number. Define the stage at which a deal starts to count; otherwise the rate improves when deals are counted later.",
            "sales win rate deals pipeline revenue"
        ),
        entry(
            .metric,
            "metric-sales-cycle",
            "Length of the sales cycle",
            "Days from qualified opportunity to signature, median per segment. Discounts make it shorter and the average deal smaller, so look at both.",
            "sales cycle days pipeline deal"
        ),
        entry(
            .metric,
            "metric-nrr",
            "Net revenue retention",
            "Recurring revenue of last year's customers today, divided by what they paid then: expansion minus shrinkage and churn. Above 100 %, a company grows without new customers. It changes slowly, so use a leading indicator next to it.",
            "revenue retention customer success expansion churn finance sales"
        ),
        entry(
            .metric,
            "metric-cac-payback",
            "CAC payback time",
            "Months of gross margin until the cost of winning a customer is earned back. Below twelve months is comfortable for small customers, below twenty-four for large ones. Include salaries; otherwise the number is too good.",
            "marketing sales finance cac payback acquisition cost"
        ),
        entry(
            .metric,
            "metric-qualified-pipeline",
            "Qualified pipeline from marketing",
            "Value of opportunities sales has accepted and that came from marketing. It is a better measure than the number of leads, because the people who close the deals have to accept them.",
            "marketing leads pipeline qualified conversion campaign"
        ),
        entry(
            .metric,
            "metric-first-contact-resolution",
            "First contact resolution",
            "Share of questions settled with the first answer, measured by whether the customer comes back within seven days. It is a better target than response time, which rewards quick answers that do not help.",
            "support resolution first contact tickets customer satisfaction"
        ),
        entry(
            .metric,
            "metric-self-service",
            "Self-service rate",
            "Share of people who looked for help and did not have to contact support. Their intent has to be estimated: count a visit to the help center that is not followed by a ticket within a day.",
            "support self-service help articles deflection contact"
        ),
        entry(
            .metric,
            "metric-time-to-hire",
            "Time to hire",
            "Days from opening a position to a signed offer, median. The waits between interviews are usually longer than the interviews, so measure them. Use it together with the acceptance rate, so that speed does not cost quality.",
            "people hr hiring recruiting candidates time interview talent"
        ),
        entry(
            .metric,
            "metric-offer-acceptance",
            "Offer acceptance rate",
            "Accepted offers divided by offers made. It shows late how candidates judge pay, reputation and process. Within a week, let someone who was not part of the interviews ask those who declined.",
            "people hr hiring offer acceptance candidates talent"
        ),
        entry(
            .metric,
            "metric-regretted-attrition",
            "Regretted attrition",
            "Share of people who left and whom their lead wanted to keep, over twelve months. It says more than total turnover. The numbers are small, so report counts next to the rate.",
            "people hr retention attrition turnover employees engagement"
        ),
        entry(
            .metric,
            "metric-days-to-close",
            "Days to close the books",
            "Working days from the end of the month to reliable numbers. It indicates how clean the processes of other departments are, because most of the delay is waiting for their data.",
            "finance close accounting days reporting operations"
        ),
        entry(
            .metric,
            "metric-forecast-accuracy",
            "Forecast accuracy",
            "Absolute difference between forecast and result, relative to the result, at a fixed lead of one quarter. Also report the bias: forecasts that are always too high or always too low have a different cause.",
            "finance forecast accuracy planning operations sales"
        ),
        entry(
            .metric,
            "metric-data-freshness",
            "Data freshness",
            "Age of the newest complete data a decision is made with, at the 95th percentile. Users notice stale dashboards before they notice wrong ones, and regain their trust slowly.",
            "data analytics freshness pipeline quality dashboards"
        ),
        entry(
            .metric,
            "metric-patch-time",
            "Time to patch",
            "Days from the publication of a critical vulnerability to its fix on the last affected system. Measure the last system, because the median is good even when one forgotten host stays vulnerable.",
            "security vulnerability patch time risk infrastructure"
        ),
        entry(
            .metric,
            "metric-task-success",
            "Task success rate",
            "Share of people in a usability test who finish a typical task without help. Five people a week are enough to see a change over a quarter. Keep the tasks the same.",
            "design usability task success research product"
        ),
        entry(
            .metric,
            "metric-on-time-delivery",
            "On-time in-full delivery",
            "Share of orders delivered complete on the promised day. Count the first promise and not the last one; otherwise a new date improves the number.",
            "operations logistics delivery orders supply on-time"
        ),
    ]
}
