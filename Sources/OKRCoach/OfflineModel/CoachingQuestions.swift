/// The questions that the offline model may ask next, the most useful one first.
struct CoachingQuestions {
    private let prompt: PromptReader
    private let draft: OKRDraft

    init(_ prompt: PromptReader) {
        self.prompt = prompt
        draft = prompt.draft
    }

    func inOrder(for phase: Phase) -> [String] {
        switch phase {
        case .discovery: discovery
        case .exploration:
            ["Does it say what should change for \(prompt.audience)?", "Which word in it would you change?"]
        case .refinement: Self.inTurn(weakPoints) + (draft.keyResults.count > 1 ? complete : more)
        case .quality: Self.inTurn(weakPoints + [noDate]) + agreement
        case .done:
            [
                "Look at the numbers together once a week. Which day suits you?",
                "Who reports each number in the weekly check-in?",
                "When will you decide whether the OKR still fits?",
            ]
        }
    }

    private var discovery: [String] {
        let audience = prompt.audience
        guard prompt.knowsPurpose else {
            return [
                "What goes wrong \(prompt.topic.name.map { "with \($0) " } ?? "")today, and for whom?",
                "Why does that matter: what does it cost you in time, money or trust?",
                "Suppose it worked as it should: what would \(audience) notice first?",
            ]
        }
        let start = prompt.topic.name.map {
            "Is \($0) the right place to start, and what should \(audience) be able to do?"
        }
        return [start, "What should be different for \(audience) at the end of \(prompt.period)?"].compactMap { $0 }
    }

    // MARK: What is weak

    /// The questions about each weak point. Those about the newest message come first.
    private var weakPoints: [[String]] {
        let stated = prompt.statedKeyResults
        let others = draft.keyResults.indices.filter { !stated.contains($0) }
        let results = (stated + others).map { questions(about: draft.keyResults[$0]) }
        let objective = draft.objective.map { questions(aboutObjective: $0) } ?? []
        return [tooMany] + (prompt.stated.objective == nil ? results + [objective] : [objective] + results)
    }

    /// The first question of each group, then the second of each.
    private static func inTurn(_ groups: [[String]]) -> [String] {
        (0..<(groups.map(\.count).max() ?? 0)).flatMap { round in
            groups.compactMap { $0.indices.contains(round) ? $0[round] : nil }
        }
    }

    private var tooMany: [String] {
        draft.keyResults.count > 5
            ? [
                "\(draft.keyResults.count) key results are too many to steer by. Which three would convince a sceptic?",
                "Which of the key results could you leave out without missing anything?",
            ] : []
    }

    private func questions(aboutObjective objective: String) -> [String] {
        let found = mistakes(in: "Objective: \(objective)")
        if found.contains(.multipleObjectives) {
            return ["The objective holds two goals. Which of the two matters more?"]
        }
        return found.contains(.vagueWords)
            ? [
                "“\(objective)” can mean many things. Who would notice the change, and how?",
                "Which sentence would \(prompt.audience) say if this objective were reached?",
            ] : []
    }

    private func questions(about result: KeyResult) -> [String] {
        let text = "“\(result.text)”"
        if result.baseline != nil, result.target != nil { return [] }
        if !mistakes(in: "KR1: \(result.text)").isDisjoint(with: [.activityInsteadOfOutcome, .outputAsKeyResult]) {
            return [
                "What will be different for \(prompt.audience) once this is done: \(text)?",
                "Which number would show that \(text) helped?",
            ]
        }
        if result.target != nil { return ["\(text) has a target. What is the value today?"] }
        if result.baseline != nil {
            return ["\(text) has a start. What should the value be at the end of \(prompt.period)?"]
        }
        if !Quantity.all(in: result.text).isEmpty {
            return ["\(text) says how far, but not from where. What is the value today?"]
        }
        return [
            "Which number would show progress on \(text), and what is it today?",
            "From what value to what value should \(text) move?",
        ]
    }

    private func mistakes(in line: String) -> Set<AntiPattern> {
        AntiPatternDetector.mistakes(in: line, of: prompt.user)
    }

    // MARK: What is missing

    private var more: [String] {
        draft.keyResults.isEmpty
            ? [
                "Which measure would show the change first, what is it today, and what should it be?",
                "What do \(prompt.audience) notice most, and how could you count it?",
                "Which number do you already look at every week?",
            ]
            : [
                "What second measure would convince a sceptic?",
                "Which measure would warn you if KR1 were reached in the wrong way?",
            ]
    }

    private var complete: [String] {
        ["Is anything missing that would convince a sceptic?", "Which of these numbers would you look at every week?"]
    }

    private var noDate: [String] {
        prompt.quality[.timeFrame] == 0 ? ["By when should this be reached? The OKR has no date yet."] : []
    }

    private var agreement: [String] {
        [
            "Do you agree with the OKR as it is, or is a target too low?",
            "Who reports each number, and on which day?",
            "What would make you change course in the middle of the period?",
            "Are you ready to commit to it?",
        ]
    }
}
