extension KnowledgeSeed {
    static let examples: [KnowledgeEntry] = [
        entry(
            .example,
            "example-product",
            "Example: product",
            "Objective: New users feel at home in their first week. KR1: Activation within 7 days from 31 % to 45 %. KR2: Median time to first shared project from 3 days to 1 day. KR3: Week-four retention of new cohorts from 22 % to 30 %.",
            "product onboarding activation retention example okr"
        ),
        entry(
            .example,
            "example-engineering",
            "Example: engineering",
            "Objective: Engineers ship changes every day without fear. KR1: Lead time for changes (p90) from 6 days to 1 day. KR2: Change failure rate from 22 % to 10 %. KR3: Share of services deployed without a human step from 40 % to 90 %.",
            "engineering deployment delivery pipeline platform example okr"
        ),
        entry(
            .example,
            "example-support",
            "Example: support",
            "Objective: Customers get help that helps the first time. KR1: First contact resolution from 58 % to 75 %. KR2: Self-service rate from 35 % to 50 %. KR3: Contacts per customer and year from 3.1 to 2.2.",
            "support help customers resolution self-service example okr"
        ),
        entry(
            .example,
            "example-sales",
            "Example: sales",
            "Objective: Mid-size companies choose us with confidence. KR1: Win rate in the segment from 18 % to 25 %. KR2: Median sales cycle from 90 to 65 days. KR3: Deals with a reference call from 20 % to 60 %.",
            "sales win rate deals segment example okr"
        ),
        entry(
            .example,
            "example-marketing",
            "Example: marketing",
            "Objective: The right people find us before they look for a vendor. KR1: Qualified pipeline from organic sources from 0.8 M€ to 1.4 M€. KR2: Share of opportunities who knew us before the first call from 30 % to 50 %. KR3: Cost per qualified opportunity from 900 € to 650 €.",
            "marketing pipeline organic brand awareness example okr"
        ),
        entry(
            .example,
            "example-customer-success",
            "Example: customer success",
            "Objective: Customers reach their goal before they ask for us. KR1: Time to first value from 21 to 7 days. KR2: Accounts with a quarterly review from 40 % to 80 %. KR3: Net revenue retention from 98 % to 106 %.",
            "customer success onboarding retention accounts example okr"
        ),
        entry(
            .example,
            "example-people",
            "Example: people and talent",
            "Objective: Good candidates choose us quickly. KR1: Time to hire from 62 to 40 days. KR2: Offer acceptance from 71 % to 85 %. KR3: Candidates who would recommend the process from 55 % to 80 %.",
            "people hr hiring talent candidates recruiting example okr"
        ),
        entry(
            .example,
            "example-finance",
            "Example: finance",
            "Objective: Leaders decide with numbers they trust. KR1: Days to close from 11 to 5. KR2: Forecast error one quarter ahead from 14 % to 7 %. KR3: Manual corrections per month from 120 to 30.",
            "finance close forecast reporting accounting example okr"
        ),
        entry(
            .example,
            "example-operations",
            "Example: operations",
            "Objective: Customers get what we promise. KR1: On-time in-full delivery from 87 % to 95 %. KR2: Orders touched by hand from 30 % to 12 %. KR3: Complaints per thousand orders from 9 to 4.",
            "operations logistics delivery orders example okr"
        ),
        entry(
            .example,
            "example-data",
            "Example: data",
            "Objective: Everyone trusts the dashboards. KR1: Critical tables with tests from 20 % to 90 %. KR2: Freshness (p95) from 26 hours to 4 hours. KR3: Data questions in the support channel per week from 40 to 15.",
            "data analytics dashboards quality freshness example okr"
        ),
        entry(
            .example,
            "example-security",
            "Example: security",
            "Objective: A stolen password gives no access. KR1: Accounts with phishing-resistant sign-in from 35 % to 95 %. KR2: Time to patch critical findings (last system) from 41 to 10 days. KR3: Standing administrator accounts from 60 to 8.",
            "security passwords patch access example okr infrastructure"
        ),
        entry(
            .example,
            "example-design",
            "Example: design",
            "Objective: People finish what they came for. KR1: Task success in weekly tests from 64 % to 85 %. KR2: Checkout abandonment on mobile from 48 % to 35 %. KR3: Screens built from the shared components from 50 % to 85 %.",
            "design usability checkout research mobile example okr"
        ),
    ]
}
