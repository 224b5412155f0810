import Testing

@testable import OKRCoach

@Suite("Answers to direct questions")
struct DirectQuestionTests {
    private static let good = """
        Period: 2027-Q1
        Team: Sales

        Objective so far: Buyers choose us with confidence

        Key results so far:
        - Win rate from 20 % to 30 %
        - Sales cycle from 90 days to 60 days
        """
    private static let poor = """
        Objective so far: Be better

        Key results so far:
        - More followers
        """

    private func answer(_ question: String, system: String = "", history: [Prompt.Turn] = []) -> String {
        OfflineAnswer(
            Prompt(system: system, messages: history + [.init(role: .user, text: question)], phase: .quality)
        ).text
    }

    @Test(
        "Whether the OKR is good enough, by its quality",
        arguments: ["Can we just take it?", "Is it good enough?", "Is the OKR ready?", "Can't we keep it?"]
    )
    func judgement(question: String) {
        #expect(answer(question, system: Self.good).hasPrefix("Yes, "))
        let no = answer(question, system: Self.poor)
        #expect(no.hasPrefix("Not yet: "))
        #expect(no.contains("70 % is needed"))
    }

    @Test(
        "Whether a target is ambitious, by the change and an earlier result",
        arguments: [
            ("Is the win rate ambitious?", "is a change of 50 %. That is ambitious"),
            ("Is the win rate ambitious? Our best was 25 %.", "goes beyond the 25 % you name, so yes"),
            ("Is the win rate realistic? Our best was 35 %.", "does not go beyond the 35 % you name"),
            ("Is the sales cycle too low? We once had 55 days.", "does not go beyond the 55 days you name"),
            ("Is the sales cycle too low? We once had 70 days.", "goes beyond the 70 days you name"),
            ("Is that realistic?", "look at the change: KR1 by 50 % and KR2 by 33 %."),
        ]
    )
    func ambition(question: String, expected: String) {
        #expect(answer(question, system: Self.good).contains(expected), "\(answer(question, system: Self.good))")
    }

    @Test(
        "What is weak, by the weakest score or how a key result is measured",
        arguments: [
            ("What would a sceptic say?", "A sceptic would"), ("What do you doubt?", "I "),
            ("Is anything missing?", "missing"),
            ("Where is it weak?", "weak"), ("What can we improve?", "To improve the OKR"), ("What is wrong?", "wrong"),
        ]
    )
    func doubts(question: String, expected: String) {
        #expect(answer(question, system: Self.good).contains("“Win rate from 20 % to 30 %” is measured"))
        for system in [Self.good, Self.poor] { #expect(answer(question, system: system).contains(expected)) }
        #expect(answer(question, system: Self.poor).contains("Key results with a target: 0 of 1"))
    }

    @Test("Other questions, from the knowledge base or with the statement that it has no entry")
    func knowledge() {
        #expect(answer("How do we score at the end?").contains("Scoring from 0 to 1. At the end"))
        #expect(answer("What is an OKR?").contains("What an OKR is. An objective says"))
        #expect(answer("What is a good metric for churn?").contains("retention"))
        #expect(
            answer("Who won the football match?").hasPrefix("“Who won the football match?” The knowledge base has no")
        )
        #expect(answer("Why?").hasPrefix("“Why?” The knowledge base has no entry on that."))
        let first = answer("How do we score?")
        let again = answer(
            "How do we score?",
            history: [.init(role: .user, text: "x"), .init(role: .assistant, text: first)]
        )
        #expect(again.hasPrefix("“How do we score?” I answered that with “Scoring from 0 to 1”"))
    }

    @Test("Quoted questions and statements are not answered")
    func noQuestion() {
        for text in [
            "Who looks at it: the team lead.", "My boss asked: \"Is it ready?\"", "What counts is the number.",
        ] {
            #expect(DirectQuestion.all(in: Words(text)).isEmpty, "\(text)")
        }
        #expect(DirectQuestion.all(in: Words("A? B? C? D?")).count == 3)
    }
}
