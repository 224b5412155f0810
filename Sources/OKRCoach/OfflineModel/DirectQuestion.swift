/// A question of the user that the offline model answers: from the OKR if the question is about it, otherwise from the knowledge
/// base.
struct DirectQuestion {
    private let words: Words
    private let sentence: Int
    /// The lower-case words of the question.
    private let terms: [String]

    /// The first three sentences that end in a question mark and are not quoted.
    static func all(in words: Words) -> [DirectQuestion] {
        words.sentences.indices.filter { sentence in
            words.endsInQuestionMark(sentence) && words.words(in: sentence).last?.isQuoted == false
        }.prefix(3).map { DirectQuestion(words: words, sentence: $0) }
    }

    private init(words: Words, sentence: Int) {
        self.words = words
        self.sentence = sentence
        terms = words.words(in: sentence).map(\.text)
    }

    func answer(_ prompt: PromptReader) -> String {
        if prompt.draft.objective != nil, !prompt.draft.keyResults.isEmpty {
            if let answer = judgement(prompt) ?? ambition(prompt) ?? doubt(prompt) { return answer }
        }
        return fromKnowledge(prompt)
    }

    /// The question in quotation marks.
    private var quoted: String { "“\(Words.shortened(words.text(of: sentence)))?”" }

    /// Whether the question contains a phrase. Negations do not matter: "can we not take it" also asks about taking it.
    private func holds(_ phrase: Phrase) -> Bool {
        terms.indices.contains { phrase.isPrefix(of: terms[$0...]) }
    }

    private func firstMatch<Value>(_ table: [(Phrase, Value)]) -> Value? { table.first { holds($0.0) }?.1 }

    // MARK: Is it good enough?

    private func judgement(_ prompt: PromptReader) -> String? {
        guard let words = firstMatch(Self.judgements) else { return nil }
        let quality = OfflineAnswer.percent(prompt.quality.overall)
        guard prompt.quality.overall < PhaseEvaluator.sufficientQuality else {
            return "Yes, \(words.yes). The quality is \(quality)."
        }
        let weak = prompt.quality.scores.filter { $0.value < 0.7 }.sorted { $0.value < $1.value }.prefix(2).map(
            \.reason
        )
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
        guard Self.ambitionWords.contains(where: holds) else { return nil }
        let measured = prompt.draft.keyResults.filter { $0.relativeChange != nil }
        guard let result = measured.first(where: { !$0.subject.isDisjoint(with: terms) }) ?? measured.first else {
            return nil
        }
        if measured.count > 1, result.subject.isDisjoint(with: terms) {
            return ambition(ofAll: prompt.draft.keyResults)
        }
        let change = result.relativeChange ?? 0
        let start = "“\(result.text)” is a change of \(OfflineAnswer.percent(change))."
        let compared = Quantity.all(in: words.source).first { quantity in
            quantity.unit == result.unit && ![result.baseline, result.target].contains(quantity.value)
        }
        guard let compared, let baseline = result.baseline, let target = result.target else {
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

    /// The answer to a question that names no key result.
    private func ambition(ofAll results: [KeyResult]) -> String {
        let changes = results.enumerated().compactMap { place, result in
            result.relativeChange.map { "KR\(place + 1) by \(OfflineAnswer.percent($0))" }
        }
        return
            "To judge how ambitious it is, look at the change: \(OfflineAnswer.list(changes)). A change below 5 % is hardly "
            + "noticed, and one above 300 % needs a reason to believe in it."
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
            return "\(opening.weak): \(weakest.reason)"
        }
        let knowledge = BuiltInKnowledge(function: prompt.user.function)
        for result in prompt.draft.keyResults {
            let entries = knowledge.entries(for: Array(result.subject), kinds: [.metric])
            if let entry = entries.first(where: { !prompt.wasSaid($0.body) }) {
                return "\(opening.measured) how “\(result.text)” is measured. \(entry.title): \(entry.body)"
            }
        }
        let results = OfflineAnswer.list(prompt.draft.keyResults.indices.map { "KR\($0 + 1)" })
        return "\(opening.measured) how \(results) can be reached without a gain for \(prompt.audience)."
    }

    private static let doubts: [(Phrase, (weak: String, measured: String))] = [
        ("sceptic*", ("A sceptic would doubt this first", "A sceptic would ask")),
        ("skeptic*", ("A skeptic would doubt this first", "A skeptic would ask")),
        ("doubt*", ("I would doubt this first", "I doubt nothing else, but I would ask")),
        ("missing", ("This is missing", "Nothing is missing, but agree on")),
        ("weak*", ("The weakest part is this", "The OKR has no weak part, but agree on")),
        ("wrong", ("This is wrong", "Nothing is wrong, but agree on")),
        ("improve*", ("To improve the OKR, start here", "To improve the OKR, agree on")),
    ]

    // MARK: What does the knowledge base say?

    private func fromKnowledge(_ prompt: PromptReader) -> String {
        let knowledge = BuiltInKnowledge(function: prompt.user.function)
        let asksForMetrics = terms.contains { ["metric", "metrics", "measure", "kpi", "kpis"].contains($0) }
        let content = SearchTerms(terms.joined(separator: " ")).terms
        let found = knowledge.entries(for: content, kinds: asksForMetrics ? [.metric] : nil)
        guard !found.isEmpty else { return "\(quoted) The knowledge base has no entry on that." }
        let new = found.filter { !prompt.wasSaid($0.body) }
        guard !new.isEmpty else {
            return "\(quoted) I answered that with \(OfflineAnswer.list(found.map { "“\($0.title)”" }))."
        }
        return (["\(quoted) The knowledge base says:"] + new.map { "• \($0.title). \($0.body)" })
            .joined(separator: "\n")
    }
}
