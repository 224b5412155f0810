/// Something a person asked, and the offline model's answer to it: from the OKR where the question is about it, from the knowledge
/// base otherwise.
struct DirectQuestion {
    private let words: Words
    private let sentence: Int
    /// Lower-case words of the question.
    private let terms: [String]

    /// The sentences of a text that end in a question mark, at most three; what is quoted is somebody else's.
    static func all(in words: Words) -> [DirectQuestion] {
        Array(
            words.sentences.indices.lazy.filter { sentence in
                let range = words.sentences[sentence]
                guard range.upperBound < words.source.endIndex, words.source[range.upperBound] == "?" else { return false }
                return words.words[words.wordsOfSentence[sentence]].contains { !$0.isQuoted }
            }.map { DirectQuestion(words: words, sentence: $0) }.prefix(3)
        )
    }

    private init(words: Words, sentence: Int) {
        self.words = words
        self.sentence = sentence
        terms = words.words[words.wordsOfSentence[sentence]].map(\.text)
    }

    func answer(_ prompt: PromptReader) -> String {
        if prompt.draft.objective != nil, !prompt.draft.keyResults.isEmpty {
            if let answer = judgement(prompt) ?? ambition(prompt) ?? doubt(prompt) { return answer }
        }
        return fromKnowledge(prompt)
    }

    private func firstMatch<Value>(_ table: [(Phrase, Value)]) -> Value? {
        table.first { words.firstMatch(of: $0.0, inSentence: sentence) != nil }?.1
    }

    // MARK: Is it good enough?

    private func judgement(_ prompt: PromptReader) -> String? {
        guard let words = firstMatch(Self.judgements) else { return nil }
        let quality = OfflineAnswer.percent(prompt.quality.overall)
        guard prompt.quality.overall < PhaseEvaluator.sufficientQuality else {
            return "Yes, \(words.yes). The quality is \(quality)."
        }
        let weak = prompt.quality.scores.filter { $0.value < 0.7 }.sorted { $0.value < $1.value }.prefix(2).map(\.reason)
        return "Not yet: \(words.no). The quality is \(quality), and "
            + "\(OfflineAnswer.percent(PhaseEvaluator.sufficientQuality)) is needed. "
            + weak.joined(separator: " ")
    }

    private static let judgements: [(Phrase, (yes: String, no: String))] = [
        ("take it", ("you can take it as it is", "I would not take it as it is")),
        ("keep it", ("you can keep it as it is", "I would not keep it as it is")),
        ("leave it", ("you can leave it as it is", "I would not leave it as it is")),
        ("good enough", ("it is good enough", "it is not good enough")),
        ("ready", ("it is ready", "it is not ready")),
        ("are we done", ("we are done", "we are not done")),
    ]

    // MARK: Is it ambitious?

    private func ambition(_ prompt: PromptReader) -> String? {
        guard Self.ambitionWords.contains(where: { words.firstMatch(of: $0, inSentence: sentence) != nil }),
            let result = prompt.draft.keyResults.first(where: { !$0.subject.isDisjoint(with: terms) })
                ?? (prompt.draft.keyResults.count == 1 ? prompt.draft.keyResults.first : nil),
            let baseline = result.baseline, let target = result.target, let change = result.relativeChange
        else { return nil }
        let start = "“\(result.text)” is a change of \(OfflineAnswer.percent(change))."
        let compared = Quantity.all(in: words.source).first { quantity in
            quantity.unit == result.unit && ![baseline, target].contains(quantity.value)
        }
        guard let compared else {
            switch change {
            case ..<0.05: return "\(start) That is too small to be noticed, so it is not ambitious."
            case ..<3: return "\(start) That is ambitious if nothing comparable has been reached before."
            default: return "\(start) That is more than ambitious: write down why you believe in it."
            }
        }
        let value = Self.text(compared.value, compared.unit)
        let goesBeyond = target > baseline ? target > compared.value : target < compared.value
        return goesBeyond
            ? "\(start) The target goes beyond the \(value) you name, so yes, it is ambitious."
            : "\(start) The target does not go beyond the \(value) you name, so it is not ambitious yet."
    }

    private static let ambitionWords: [Phrase] = [
        "ambitious", "ambition", "realistic", "achievable", "too high", "too low", "too easy", "too hard", "stretch*",
    ]

    private static func text(_ value: Double, _ unit: String) -> String {
        let number = value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
        return unit.isEmpty ? number : "\(number) \(unit)"
    }

    // MARK: What is weak?

    private func doubt(_ prompt: PromptReader) -> String? {
        guard let opening = firstMatch(Self.doubts) else { return nil }
        if let weakest = prompt.quality.scores.min(by: { $0.value < $1.value }), weakest.value < 0.7 {
            return "\(opening) \(weakest.reason)"
        }
        let knowledge = BuiltInKnowledge(function: prompt.user.function)
        for result in prompt.draft.keyResults {
            let entries = knowledge.entries(for: Array(result.subject), kinds: [.metric])
            if let entry = entries.first(where: { !prompt.wasSaid($0.body) }) {
                return "\(opening) how “\(result.text)” is measured. \(entry.title): \(entry.body)"
            }
        }
        return "\(opening) whether the key results can be reached without a gain for \(prompt.topic.theirAudience)."
    }

    private static let doubts: [(Phrase, String)] = [
        ("sceptic*", "A sceptic would ask about this first:"), ("skeptic*", "A skeptic would ask about this first:"),
        ("doubt*", "I would doubt this first:"), ("missing", "If anything is missing, it is this:"),
        ("weak*", "The weakest part is this:"), ("wrong", "If anything is wrong, it is this:"),
        ("improve*", "To improve the OKR, look at this first:"),
    ]

    // MARK: What does the knowledge base say?

    private func fromKnowledge(_ prompt: PromptReader) -> String {
        let knowledge = BuiltInKnowledge(function: prompt.user.function)
        let asksForMetrics = terms.contains { ["metric", "metrics", "measure", "kpi", "kpis"].contains($0) }
        let content = SearchTerms(terms.joined(separator: " ")).terms
        let found = knowledge.entries(for: content, kinds: asksForMetrics ? [.metric] : nil)
        let named = content.filter { term in found.contains { BuiltInKnowledge.matches(term, $0) } }
        let topic = OfflineAnswer.list(Array((named.isEmpty ? content : named).prefix(4)))
        guard !found.isEmpty else {
            return topic.isEmpty
                ? "I have no answer to that in the knowledge base."
                : "On “\(topic)” the knowledge base has no entry, so I cannot answer that."
        }
        let new = found.filter { !prompt.wasSaid($0.body) }
        guard !new.isEmpty else {
            return "On \(topic), see above: \(OfflineAnswer.list(found.map { "“\($0.title)”" }))."
        }
        return (["On \(topic), the knowledge base says:"] + new.map { "• \($0.title): \($0.body)" })
            .joined(separator: "\n")
    }
}
