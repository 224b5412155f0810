import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("Extraction of objectives and key results")
struct OKRExtractorTests {
    private func keyResult(_ text: String) -> KeyResult? {
        OKRExtractor().extract(from: text).keyResults.first
    }

    @Test(
        "Start, target and unit are found",
        arguments: [
            ("KR1: Churn from 5 % to 3 %", 5.0, 3.0, "%"),
            ("KR 2: Response time 800 ms → 200 ms", nil, 200, "ms"),
            ("Key result 3 – Lead time from 9 to 3 days", 9, 3, "days"),
            ("KR1: Revenue from $1.2M to $2M", 1_200_000, 2_000_000, "$"),
            ("KR1: Users from 10k to 25k", 10_000, 25_000, ""),
            ("KR1: Orders from 1,000 to 1.500", 1_000, 1_500, ""),
            ("KR1: Rating from 3,8 to 4,5 points", 3.8, 4.5, "points"),
            ("KR1: Error rate below 0.5%", nil, 0.5, "%"),
            ("KR1: At least 40 accounts, currently 12", 12, 40, ""),
            ("KR1: Uptime is 99.5 %, to 99.9 %", 99.5, 99.9, "%"),
            ("KR1: Kosten von 900 € auf 650 €", 900, 650, "€"),
            ("KR1: Happy customers in 2027", nil, nil, ""),
            ("KR1: Increase usage by 20 %", nil, nil, ""),
        ] as [(String, Double?, Double?, String)]
    )
    func measures(text: String, baseline: Double?, target: Double?, unit: String) throws {
        let result = try #require(keyResult(text))
        #expect(result.baseline == baseline)
        #expect(result.target == target)
        #expect(result.unit == unit)
    }

    @Test("Markdown and list markers are removed")
    func dressing() {
        let draft = OKRExtractor().extract(
            from: """
                ## **Objective:** “Customers find answers without us”

                **Key Results:**
                1. **Self-service** from 35 % to 60 %
                2) Contacts per customer from 1.8 to 1.1
                - KR3: Resolution on first contact from 58% to 75%

                - What do you think?
                """
        )
        #expect(draft.objective == "Customers find answers without us")
        #expect(draft.keyResults.count == 3)
        #expect(draft.keyResults.map(\.target) == [60, 1.1, 75])
    }

    @Test("A key result with the same number or subject is replaced, and others are added")
    func merging() {
        let extractor = OKRExtractor()
        var draft = extractor.extract(from: "KR1: First response time below 4 hours")
        draft = extractor.extract(from: "KR1: First response time from 11 hours to 4 hours", into: draft)
        #expect(draft.keyResults.count == 1)
        #expect(draft.keyResults[0].baseline == 11)
        draft = extractor.extract(from: "KR2: Publish 40 articles", into: draft)
        draft = extractor.extract(from: "KR2: Self-service rate from 35 % to 60 %", into: draft)
        #expect(draft.keyResults.map(\.target) == [4, 60])
        draft = extractor.extract(from: "We want to cut churn from 5 % to 3 %.", into: draft)
        #expect(draft.keyResults.last?.text == "Cut churn from 5 % to 3 %")
        draft = extractor.extract(from: "Our churn should go from 5 % to 2 %.", into: draft)
        #expect(draft.objective == nil)
    }

    @Test("In free text, only a sentence with start and target is a key result")
    func freeText() {
        for text in [
            "We had 20 incidents.", "Did it go from 5 to 3?", "The year 2026 was hard.", "We meet at 10 and at 14.",
            "Release 2.0 to 3 teams",
        ] {
            #expect(keyResult(text) == nil, "\(text)")
        }
    }

    @Test("Hostile texts are processed", .generousTimeLimit)
    func robustness() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<2_000 {
            let draft = OKRExtractor().extract(from: "KR1: " + HostileText.make(&random, 0...120))
            #expect(draft.objective != "" && draft.keyResults.count <= 120)
        }
        let many = OKRExtractor().extract(from: String(repeating: "KR1: a from 1 to 2\n", count: 50_000))
        #expect(many.keyResults.count == 1, "the same one, over and over")
        #expect(OKRExtractor().extract(from: String(repeating: "9", count: 1_000_000)) == OKRDraft())
    }
}
