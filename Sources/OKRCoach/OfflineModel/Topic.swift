/// What somebody talks about, and for whom: the words they come back to.
struct Topic {
    let name: String
    let audience: String

    init(_ messages: [String]) {
        let texts = messages.suffix(6).map { Words(String($0.prefix(4_000))) }
        var counts: [String: Int] = [:]
        var pairs: [String: Int] = [:]
        var order: [String] = []
        for words in texts {
            var previous: Words.Word?
            for word in words.words {
                defer { previous = word }
                guard Self.isTelling(word.text) else { continue }
                if counts.updateValue(counts[word.text, default: 0] + 1, forKey: word.text) == nil {
                    order.append(word.text)
                }
                if let before = previous, before.sentence == word.sentence, Self.isTelling(before.text) {
                    pairs["\(before.text) \(word.text)", default: 0] += 1
                }
            }
        }
        // A pair that comes back beats single words; between equals the one said first wins, so that the answer is stable.
        let repeated = pairs.filter { $0.value > 1 }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        let word = order.enumerated().max { left, right in
            let (first, second) = (counts[left.element, default: 0], counts[right.element, default: 0])
            return first != second ? first < second : left.offset > right.offset
        }?.element
        name = repeated ?? word ?? "this"
        let isNamed = { (group: String) in texts.contains { $0.words.contains { $0.text == group } } }
        audience = Self.audiences.first(where: isNamed) ?? "your users"
    }

    private static let audiences = [
        "customers", "shoppers", "patients", "developers", "engineers", "candidates", "employees", "new hires",
        "sellers", "students",
        "readers", "partners", "users", "teams",
    ]

    private static func isTelling(_ word: String) -> Bool {
        word.count > 3 && !common.contains(word) && !audiences.contains(word) && !word.contains(where: \.isNumber)
            && !word.contains("'") && !word.contains("’")
    }

    private static let common: Set<String> = [
        "about", "after", "again", "agree", "also", "always", "because", "been", "before", "being", "below", "better",
        "between", "both",
        "bring", "could", "currently", "does", "down", "each", "even", "every", "first", "from", "goal", "have", "help",
        "here", "improve",
        "increase", "into", "itself", "just", "keep", "know", "launch", "least", "less", "like", "likely", "make",
        "many", "mean",
        "month", "more", "most", "much", "need", "never", "next", "notice", "objective", "okrs", "often", "only",
        "other", "over",
        "percent", "quarter", "really", "reach", "reduce", "result", "results", "same", "should", "show", "since",
        "some", "something",
        "start", "still", "take", "team", "than", "that", "their", "them", "then", "there", "these", "they", "thing",
        "things",
        "think", "this", "those", "three", "through", "time", "today", "under", "until", "very", "want", "week",
        "weeks", "well", "were",
        "what", "when", "where", "which", "while", "will", "with", "without", "work", "works", "would", "year", "your",
        "ours", "hours",
        "days", "minutes", "seconds", "target", "baseline", "sounds", "good", "looks", "perfect", "commit", "within",
        "against",
    ]
}
