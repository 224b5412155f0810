import SpanKitPlatform

/// The offline model's answer to a prompt.
///
/// It consists of answers to the user's questions, what the message changed, the current OKR, and one question. The question is
/// the first of a list that was not asked before, so no answer is given twice.
struct OfflineAnswer {
    private let prompt: PromptReader
    private let phase: Phase

    init(_ prompt: Prompt) {
        self.prompt = PromptReader(prompt)
        phase = prompt.phase
    }

    var text: String {
        let answers = DirectQuestion.all(in: prompt.words).map { $0.answer(prompt) }
        let parts: [String?]
        switch phase {
        case .discovery:
            parts = answers + [join(opening, acknowledgement, question)]
        case .exploration:
            let thanks =
                prompt.stated.objective == nil && answers.isEmpty ? "Thank you, that makes the need clear." : nil
            let lead = prompt.stated.objective == nil ? "I propose this:" : acknowledgement
            parts = answers + [join(thanks, lead), okr, question]
        case .refinement:
            parts = answers + [acknowledgement, okr, question]
        case .quality, .done:
            if isAgreed {
                let period = prompt.user.period.isEmpty ? "" : " for \(prompt.user.period)"
                parts = answers + ["\(phase == .done ? "" : "Agreed. ")This is your OKR\(period):", okr, question]
            } else {
                parts = answers + [acknowledgement, okr, question]
            }
        }
        return parts.compactMap { $0 }.joined(separator: "\n\n")
    }

    private func join(_ sentences: String?...) -> String? {
        let present = sentences.compactMap { $0 }
        return present.isEmpty ? nil : present.joined(separator: " ")
    }

    // MARK: The OKR

    private var okr: String {
        var draft = prompt.draft
        draft.objective = draft.objective ?? proposedObjective
        return draft.labelledLines
    }

    /// An objective from a sentence that says what a group should be able to do, otherwise from the topic.
    private var proposedObjective: String {
        if let own = prompt.said.reversed().lazy.compactMap(Self.wish).first { return own }
        let audience = prompt.topic.audience ?? "users"
        guard let topic = prompt.topic.name else {
            return "\(audience.prefix(1).uppercased() + audience.dropFirst()) get what they need when they need it"
        }
        return "Make \(topic) something \(audience) can rely on"
    }

    /// "Shoppers should be able to trust us" becomes "Shoppers can trust us".
    private static func wish(in message: String) -> String? {
        let words = Words(message)
        return words.sentences.indices.lazy.compactMap { sentence -> String? in
            let inSentence = words.words(in: sentence)
            guard let first = inSentence.first, Topic.isGroup(first.text), inSentence.count <= 20,
                !words.isQuestion(sentence), !inSentence.contains(where: \.isQuoted)
            else { return nil }
            let text = words.text(of: sentence).trimmingWhitespace()
            let parts = text.split(separator: " should be able to ", maxSplits: 1)
            guard parts.count == 2, !text.contains(where: \.isNumber), !text.contains(":") else { return nil }
            return parts.joined(separator: " can ")
        }.first
    }

    // MARK: What the message changed

    private var opening: String? {
        guard prompt.isFirst, DirectQuestion.all(in: prompt.words).isEmpty, let topic = prompt.topic.name else {
            return nil
        }
        return "Let us start with \(topic)."
    }

    /// What the message changed, or nil if that is not certain.
    private var acknowledgement: String? {
        if prompt.stated.objective != nil, prompt.draft.objective != prompt.known.objective {
            return "I use your wording."
        }
        let complete = prompt.statedKeyResults.filter { place in
            prompt.draft.keyResults[place].baseline != nil && prompt.draft.keyResults[place].target != nil
        }
        if !complete.isEmpty {
            let names = Self.list(complete.map { "KR\($0 + 1)" })
            return complete.count == 1 ? "\(names) has a start and a target." : "\(names) have a start and a target."
        }
        if isPremature {
            return "Your agreement is noted, but the quality is \(Self.percent(prompt.quality.overall)), and "
                + "\(Self.percent(PhaseEvaluator.sufficientQuality)) is needed."
        }
        guard prompt.stated == OKRDraft() else { return nil }
        if phase == .discovery, let place = prompt.words.firstMatch(of: CheckpointDetector.purpose) {
            return "That is a clear reason for a change: “\(prompt.words.excerpt(around: place))”."
        }
        if let place = prompt.words.firstMatch(of: Self.outcomeTurns) {
            return "“\(prompt.words.excerpt(around: place))” is an outcome. \(replacement)"
        }
        if let fact = startingValue { return "“\(fact)” gives a starting value." }
        if prompt.words.contains(Self.checkIns) { return "That settles the check-in." }
        return nil
    }

    private var replacement: String {
        guard let open = prompt.draft.keyResults.first(where: { $0.target == nil }) else {
            return "It can become a key result."
        }
        return "It can replace “\(open.text)”."
    }

    /// The first sentence that names a current value.
    private var startingValue: String? {
        let words = prompt.words
        let quantities = Quantity.all(in: words.source)
        let sentence = words.sentences.indices.first { sentence in
            quantities.contains { words.sentences[sentence].overlaps($0.range) } && !words.isQuestion(sentence)
                && words.contains(Self.present, in: sentence)
        }
        return sentence.map { Words.shortened(words.text(of: $0)) }
    }

    private static let outcomeTurns: [Phrase] = ["what counts is", "what matters is", "what we want is"]
    private static let present: [Phrase] = ["today", "currently", "at the moment", "right now"]
    private static let checkIns: [Phrase] = [
        "every monday", "every tuesday", "every wednesday", "every thursday", "every friday", "every week", "weekly",
    ]

    // MARK: Agreement

    private var agrees: Bool {
        prompt.words.contains(CheckpointDetector.agreement)
            && !prompt.words.contains(CheckpointDetector.objection)
    }

    private var isSufficient: Bool { prompt.quality.overall >= PhaseEvaluator.sufficientQuality }
    private var isAgreed: Bool { phase == .done || phase == .quality && agrees && isSufficient }
    private var isPremature: Bool {
        phase == .quality && agrees && !isSufficient && DirectQuestion.all(in: prompt.words).isEmpty
    }

    // MARK: The question

    private var question: String {
        var candidates = CoachingQuestions(prompt).inOrder(for: isAgreed ? .done : phase)
        if startingValue != nil, prompt.stated == OKRDraft(), phase == .refinement {
            candidates.insert("What should the value be at the end of \(prompt.period)?", at: 0)
        }
        if prompt.words.contains(Self.outcomeTurns), phase == .refinement {
            candidates.insert("What is that number today, and what should it be at the end of \(prompt.period)?", at: 0)
        }
        if let next = candidates.first(where: { !prompt.wasSaid($0) }) { return next }
        // All questions were asked, so the answer recommends an entry of the knowledge base that was not named before.
        let unread = KnowledgeSeed.practices + KnowledgeSeed.antiPatterns + KnowledgeSeed.metrics
        guard let entry = unread.first(where: { !prompt.wasSaid($0.body) }) else { return candidates.last ?? "" }
        return "I have no new question. This may help: \(entry.title). \(entry.body)"
    }

    // MARK: Words

    static func list(_ names: [String]) -> String {
        guard names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
