/// The topic of a conversation and the group that benefits, as noun phrases for a sentence.
///
/// A word becomes the topic only if it is certainly a noun: it is in the vocabulary below, or the text uses it as a noun ("our
/// invoices are late"). Otherwise there is no topic.
struct Topic {
    /// The topic, with an article if it needs one, such as "the checkout" or "onboarding", or nil if no noun is certain.
    let name: String?
    /// The group that benefits, in the plural, or nil if the person named no group.
    let audience: String?

    /// Finds the topic of a person's messages.
    /// - Parameter messages: The messages, oldest first. Only the last six count.
    init(_ messages: [String]) {
        let texts = messages.suffix(6).map { Words(String($0.prefix(4_000))) }
        name = Self.name(in: texts)
        audience = Self.audience(in: texts)
    }

    // MARK: The subject

    private static func name(in texts: [Words]) -> String? {
        if let known = mostFrequent(texts.flatMap { $0.words.map(\.text).filter { vocabulary.contains($0) } }) {
            let phrase = mostFrequent(texts.flatMap { compounds(of: known, in: $0) }) ?? known
            return countable.contains(known) ? "the \(phrase)" : phrase
        }
        return mostFrequent(texts.flatMap { usedAsNouns(in: $0) }).map { "the \($0)" }
    }

    /// The compounds that end in a word, such as "deployment pipeline".
    private static func compounds(of word: String, in words: Words) -> [String] {
        zip(words.words, words.words.dropFirst()).compactMap { before, noun in
            guard noun.text == word, before.sentence == noun.sentence,
                vocabulary.contains(before.text) || modifiers.contains(before.text)
            else { return nil }
            return "\(before.text) \(word)"
        }
    }

    /// Words between a determiner and the end of a noun phrase: "our invoices are", "of the catalog."
    private static func usedAsNouns(in words: Words) -> [String] {
        words.words.indices.dropFirst().compactMap { position in
            let (before, word) = (words.words[position - 1], words.words[position])
            guard determiners.contains(before.text), before.sentence == word.sentence, isPossibleNoun(word.text) else {
                return nil
            }
            guard position + 1 < words.words.count, words.words[position + 1].sentence == word.sentence else {
                return word.text
            }
            return phraseEnds.contains(words.words[position + 1].text) ? word.text : nil
        }
    }

    private static func isPossibleNoun(_ word: String) -> Bool {
        word.count > 3 && word.allSatisfy(\.isLetter) && !generic.contains(word)
            && !groups.contains { $0 == word } && !adjectiveEndings.contains { word.hasSuffix($0) }
    }

    /// The most frequent text; the first one if several are equally frequent.
    private static func mostFrequent(_ all: [String]) -> String? {
        var counts: [String: Int] = [:]
        for text in all { counts[text, default: 0] += 1 }
        let most = counts.values.max()
        return all.first { counts[$0] == most }
    }

    // MARK: The audience

    /// The group that is named most often outside questions. Specific groups take precedence over general ones.
    private static func audience(in texts: [Words]) -> String? {
        let statements = texts.flatMap { words in
            words.sentences.indices.filter { !words.isQuestion($0) }.map { words.words(in: $0).map(\.text) }
        }
        func named(_ names: [String]) -> [String] {
            statements.flatMap { sentence in
                sentence.filter(names.contains)
                    + zip(sentence, sentence.dropFirst()).map { "\($0) \($1)" }.filter(names.contains)
            }
        }
        return mostFrequent(named(specificGroups)) ?? mostFrequent(named(generalGroups))
    }

    /// Whether a word names a group that can benefit.
    static func isGroup(_ word: String) -> Bool { groups.contains(word) }

    private static let specificGroups = [
        "customers", "shoppers", "buyers", "patients", "developers", "engineers", "candidates", "employees",
        "new hires", "sellers", "students", "readers", "partners", "visitors", "guests", "drivers", "suppliers",
    ]
    private static let generalGroups = ["users", "people", "teams"]
    private static let groups = specificGroups + generalGroups

    // MARK: Vocabulary

    /// Nouns with an article: "the pipeline".
    private static let countable: Set<String> = [
        "api", "app", "backlog", "booking", "catalog", "checkout", "dashboard", "forecast", "funnel", "homepage",
        "inbox", "infrastructure", "intranet", "invoice", "login", "migration", "newsletter", "page", "pipeline",
        "platform", "portal", "process", "product", "proposal", "roadmap", "search", "shop", "signup", "store",
        "warehouse", "website", "workflow",
    ]
    /// Nouns without an article: "onboarding".
    private static let mass: Set<String> = [
        "accessibility", "activation", "adoption", "availability", "billing", "compliance", "delivery",
        "documentation", "engagement", "fulfilment", "fulfillment", "hiring", "latency", "logistics", "marketing",
        "monitoring", "onboarding", "planning", "pricing", "procurement", "recruiting", "reliability", "reporting",
        "retention", "sales", "security", "support", "testing", "training", "uptime",
    ]
    private static let vocabulary = countable.union(mass)
    /// Nouns that modify another noun.
    private static let modifiers: Set<String> = [
        "build", "customer", "data", "deployment", "help", "loan", "order", "payment", "product", "release", "review",
    ]
    private static let determiners: Set<String> = ["our", "my", "the", "their", "its"]
    private static let phraseEnds: Set<String> = [
        "is", "are", "was", "were", "has", "have", "had", "should", "must", "will", "can", "could", "would", "does",
        "do", "of", "in", "for", "from", "to", "with", "at", "on", "by", "because", "when", "while", "that", "which",
    ]
    private static let adjectiveEndings = ["able", "ible", "ful", "ive", "ous", "less", "ish", "est", "ly", "ed"]
    /// Words that are too general for a topic, and adjectives that can follow "the" or "our" without a noun.
    private static let generic: Set<String> = [
        "amount", "baseline", "best", "better", "chance", "cost", "current", "date", "days", "deadline", "difference",
        "early", "easy", "effect", "fast", "fault", "first", "focus", "former", "front", "full", "future", "general",
        "goal", "goals", "good", "great", "hard", "heart", "high", "hours", "idea", "important", "issue", "last",
        "late",
        "latter", "least", "left", "long", "main", "middle", "minutes", "month", "months", "more", "most", "next",
        "norm", "number", "numbers", "objective", "okrs", "once", "only", "other", "others", "past", "period", "point",
        "poor", "present", "problem", "public", "quarter", "quick", "reason", "rest", "result", "results", "rich",
        "right", "rule", "same", "second", "share", "short", "side", "sick", "slow", "start", "target", "targets",
        "team", "thing", "things", "third", "time", "today", "total", "truth", "unknown", "usual", "value", "wait",
        "week", "weeks", "whole", "word", "words", "work", "world", "worse", "worst", "wrong", "year", "years", "young",
    ]
}
