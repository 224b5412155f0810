/// What the offline model reads out of a prompt: everything it knows of the conversation.
struct PromptReader {
    /// Who is coached; only what the prompt states.
    let user: UserContext
    /// The draft that the prompt states.
    let known: OKRDraft
    /// The draft with what the newest message adds.
    let draft: OKRDraft
    /// What the newest message says on its own.
    let stated: OKRDraft
    /// The newest message.
    let message: String
    /// The same as words.
    let words: Words
    /// What the conversation is about.
    let topic: Topic
    /// Who benefits: as the person said, or as the objective says.
    let audience: String
    /// Everything the user wrote that the prompt holds, oldest first.
    let said: [String]
    private let answers: [String]

    init(_ prompt: Prompt) {
        said = prompt.messages.filter { $0.role == .user }.map(\.text)
        answers = prompt.messages.filter { $0.role == .assistant }.map(\.text)
        message = said.last ?? ""
        words = Words(message)
        topic = Topic(said)
        var known = OKRDraft()
        var user = UserContext()
        var isInResults = false
        for line in prompt.system.split(whereSeparator: \.isNewline) {
            func value(_ label: String) -> String? {
                line.hasPrefix(label) ? String(line.dropFirst(label.count)) : nil
            }
            if isInResults, let result = value("- ") {
                known.keyResults.append(OKRExtractor.measured(result))
                continue
            }
            isInResults = line == "Key results so far:"
            known.objective = value("Objective so far: ") ?? known.objective
            user.name = value("Name: ") ?? user.name
            user.function = value("Function: ") ?? user.function
            user.team = value("Team: ") ?? user.team
            user.period = value("Period: ") ?? user.period
        }
        self.known = known
        self.user = user
        draft = OKRExtractor().extract(from: message, into: known)
        stated = OKRExtractor().extract(from: message)
        audience = topic.audience ?? draft.objective.flatMap { Topic([$0]).audience } ?? "your users"
    }

    /// Whether the coach has not answered yet.
    var isFirst: Bool { answers.isEmpty }

    /// Whether an earlier answer holds this text.
    func wasSaid(_ text: String) -> Bool { answers.contains { $0.contains(text) } }

    /// The places of the key results that the newest message states, in ``draft``.
    var statedKeyResults: [Int] {
        let subjects = stated.keyResults.map(\.subject)
        return draft.keyResults.indices.filter { place in subjects.contains(draft.keyResults[place].subject) }
    }

    /// Whether the person has said by now why the change matters.
    var knowsPurpose: Bool { said.contains { Words($0).firstMatch(of: CheckpointDetector.purpose) != nil } }

    /// The quality of the draft.
    var quality: QualityAssessment {
        let settled = said.reduce(into: Set<Checkpoint>()) { settled, text in
            if AntiPatternRule.statesTime(Words(text)) { settled.insert(.period) }
        }
        return QualityAssessor().assess(draft: draft, user: user, settled: settled)
    }

    /// The period, as in "at the end of 2026-Q4".
    var period: String { user.period.isEmpty ? "the period" : user.period }
}
