/// What a conversation is about, and who benefits, as noun phrases that fit into a sentence.
///
/// A word becomes a topic only where its part of speech is certain: it is in the vocabulary below, or the text itself uses it as a
/// noun ("our invoices are late"). An adjective, an adverb or a verb is never the object of a sentence. Without a certain noun there
/// is no topic, and the sentences do without.
struct Topic {
    /// The subject with its article where it needs one, such as "the checkout" or "onboarding"; nil where no noun is certain.
    let name: String?
    /// Who benefits, in the plural; nil where the person named no group.
    let audience: String?

    /// Finds the topic of what a person wrote.
    /// - Parameter messages: oldest first; the last six count.
    init(_ messages: [String]) {
        let texts = messages.suffix(6).map { Words(String($0.prefix(4_000))) }
        name = Self.name(in: texts)
        audience = Self.audience(in: texts)
    }

    // MARK: The subject

    private static func name(in texts: [Words]) -> String? {
        if let known = mostFrequent(texts.flatMap { $0.words.map(\.text).filter { vocabulary[$0] != nil } }) {
            let phrase = mostFrequent(texts.flatMap { compounds(of: known, in: $0) }) ?? known
            return vocabulary[known] == .countable ? "the \(phrase)" : phrase
        }
        return mostFrequent(texts.flatMap { usedAsNouns(in: $0) }).map { "the \($0)" }
    }

    /// Where the word ends a compound, such as "deployment pipeline".
    private static func compounds(of word: String, in words: Words) -> [String] {
        zip(words.words, words.words.dropFirst()).compactMap { before, noun in
            guard noun.text == word, before.sentence == noun.sentence,
                vocabulary[before.text] != nil || modifiers.contains(before.text)
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

    /// The most frequent one; the first among equals, so that the answer is stable.
    private static func mostFrequent(_ all: [String]) -> String? {
        var counts: [String: Int] = [:]
        for text in all { counts[text, default: 0] += 1 }
        let most = counts.values.max()
        return all.first { counts[$0] == most }
    }

    // MARK: The audience

    /// The group named most often outside of questions. Customers and engineers tell more than teams and users.
    private static func audience(in texts: [Words]) -> String? {
        let statements = texts.flatMap { words in
            words.sentences.indices.filter { !words.isQuestion(words.sentences[$0]) }.map { sentence in
                words.words[words.wordsOfSentence[sentence]].map(\.text)
            }
        }
        func named(_ names: [String]) -> [String] {
            statements.flatMap { sentence in
                sentence.filter(names.contains)
                    + zip(sentence, sentence.dropFirst()).map { "\($0) \($1)" }.filter(names.contains)
            }
        }
        return mostFrequent(named(specificGroups)) ?? mostFrequent(named(generalGroups))
    }

    /// Whether a word names a group that benefits: always a noun in the plural.
    static func isGroup(_ word: String) -> Bool { groups.contains(word) }

    private static let specificGroups = [
        "customers", "shoppers", "buyers", "patients", "developers", "engineers", "candidates", "employees",
        "new hires", "sellers", "students", "readers", "partners", "visitors", "guests", "drivers", "suppliers",
    ]
    private static let generalGroups = ["users", "people", "teams"]
    private static let groups = specificGroups + generalGroups

    // MARK: Vocabulary

    private enum Article {
        /// "the pipeline"
        case countable
        /// "onboarding"
        case mass
    }

    private static let vocabulary: [String: Article] = {
        var all: [String: Article] = [:]
        for word in [
            "api", "app", "backlog", "booking", "catalog", "checkout", "dashboard", "forecast", "funnel", "homepage",
            "inbox", "infrastructure", "intranet", "invoice", "login", "migration", "newsletter", "page", "pipeline",
            "platform", "portal", "process", "product", "proposal", "roadmap", "search", "shop", "signup", "store",
            "warehouse", "website", "workflow",
        ] { all[word] = .countable }
        for word in [
            "accessibility", "activation", "adoption", "availability", "billing", "compliance", "delivery",
            "documentation", "engagement", "fulfilment", "fulfillment", "hiring", "latency", "logistics", "marketing",
            "monitoring", "onboarding", "planning", "pricing", "procurement", "recruiting", "reliability", "reporting",
            "retention", "sales", "security", "support", "testing", "training", "uptime",
        ] { all[word] = .mass }
        return all
    }()

    /// Nouns that are used in front of another noun.
    private static let modifiers: Set<String> = [
        "build", "customer", "data", "deployment", "help", "loan", "order", "payment", "product", "release", "review",
    ]
    private static let determiners: Set<String> = ["our", "my", "the", "their", "its"]
    private static let phraseEnds: Set<String> = [
        "is", "are", "was", "were", "has", "have", "had", "should", "must", "will", "can", "could", "would", "does",
        "do",
        "of", "in", "for", "from", "to", "with", "at", "on", "by", "because", "when", "while", "that", "which",
    ]
    private static let adjectiveEndings = ["able", "ible", "ful", "ive", "ous", "less", "ish", "est", "ly", "ed"]
    /// Words that say nothing by themselves, and adjectives that follow "the" or "our" on their own.
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
