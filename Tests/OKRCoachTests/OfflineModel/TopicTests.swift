import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("Topics of conversations")
struct TopicTests {
    private func name(_ messages: String...) -> String? { Topic(messages).name }

    @Test(
        "A noun is found and gets its article",
        arguments: [
            ("I would like to set up an OKR for our checkout.", "the checkout"),
            ("Three teams share one deployment pipeline.", "the deployment pipeline"),
            ("New customers take too long until onboarding gives them a first success.", "onboarding"),
            ("Our hiring process takes too long for hiring.", "hiring"),
            ("Our invoices are late, and our invoices have errors.", "the invoices"),
            ("Something is wrong with our leaflets.", "the leaflets"),
        ]
    )
    func nouns(text: String, expected: String) {
        #expect(name(text) == expected)
    }

    /// Adjectives and adverbs, collected independently of the code.
    private static let notNouns = [
        "ambitious", "angry", "annoying", "awful", "bad", "beautiful", "better", "big", "boring", "broken", "busy",
        "careful", "cheap", "clean", "clear", "clever", "cold", "complex", "complicated", "confusing", "dangerous",
        "difficult", "dirty", "early", "easy", "efficient", "empty", "expensive", "extremely", "fast", "faster",
        "flexible", "foolish", "fragile", "frustrating", "full", "good", "happy", "hard", "heavy", "helpful", "high",
        "important", "impossible", "inefficient", "large", "late", "lazy", "little", "lonely", "long", "longer",
        "loud", "messy", "modern", "narrow", "nervous", "noisy", "old", "outdated", "painful", "perfect", "poor",
        "quick", "quickly", "quiet", "ready", "reliable", "rich", "rude", "rusty", "serious", "short", "silent",
        "simple", "slow", "slowly", "small", "smart", "soft", "stale", "strange", "strong", "stupid", "terrible",
        "thick", "tight", "tiny", "tired", "tough", "ugly", "unclear", "unreliable", "useful", "useless", "very",
        "weak", "weird", "wide", "wild", "young",
    ]

    @Test("An adjective or adverb never becomes the topic", arguments: notNouns)
    func adjectives(word: String) {
        let texts = [
            "It takes too \(word). It is \(word). We are \(word), and that is \(word).",
            "Customers find us \(word). Everything is \(word) and \(word).",
            "It feels \(word) for the team, \(word) for me.",
            "Our \(word) forms are \(word).", "The \(word) and \(word) one.",
        ]
        #expect(Topic(texts).name.map { !$0.split(separator: " ").contains(Substring(word)) } ?? true)
        let model = OfflineAnswer(
            Prompt(system: "", messages: [.init(role: .user, text: texts[0])], phase: .exploration)
        )
        #expect(model.text.contains("Objective: Users get what they need when they need it"), "\(model.text)")
    }

    @Test(
        "The group that is named most often outside questions benefits",
        arguments: [
            ("Engineers wait, customers get fixes late, and engineers are tired.", "engineers"),
            ("All three teams, and teams again, annoy customers.", "customers"),
            ("Which metrics do people teams use?", nil), ("It is slow.", nil), ("New hires leave.", "new hires"),
        ]
    )
    func audiences(text: String, expected: String?) {
        #expect(Topic([text]).audience == expected)
    }

    @Test("A wish becomes the objective in the person's words")
    func wish() {
        func objective(_ text: String) -> String? {
            let prompt = Prompt(system: "", messages: [.init(role: .user, text: text)], phase: .exploration)
            return OKRExtractor().extract(from: OfflineAnswer(prompt).text, source: .output).objective
        }
        #expect(
            objective("Shoppers should be able to trust that a payment goes through.")
                == "Shoppers can trust that a payment goes through"
        )
        #expect(
            objective("Shoppers should not wait in our checkout.") == "Make the checkout something shoppers can rely on"
        )
        #expect(objective("Should shoppers be able to pay later?") == "Users get what they need when they need it")
    }

    @Test("Any text gets an answer", .generousTimeLimit)
    func robustness() {
        var random = SplitMix64(seed: 23)
        for round in 0..<500 {
            let text = HostileText.make(&random, 0...120) + (round % 2 == 0 ? "?" : "")
            for phase in Phase.allCases {
                let answer = OfflineAnswer(Prompt(system: "", messages: [.init(role: .user, text: text)], phase: phase))
                #expect(!answer.text.isEmpty)
            }
        }
    }
}
