/// What a prompt says about the conversation, for the offline model.
struct PromptReader {
    /// The person who is coached.
    let user: UserContext
    /// The draft before the newest message.
    let known: OKRDraft
    /// The draft after the newest message.
    let draft: OKRDraft
    /// The draft that the newest message states.
    let stated: OKRDraft
    /// The newest message.
    let words: Words
    /// The topic of the conversation.
    let topic: Topic
    /// The group that benefits, from the messages or the objective.
    let audience: String
    /// The user's messages, oldest first.
    let said: [String]
    private let answers: [String]

    init(_ prompt: Prompt) {
        said = prompt.messages.filter { $0.role == .user }.map(\.text)
        answers = prompt.messages.filter { $0.role == .assistant }.map(\.text)
        let message = said.last ?? ""
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

    /// Whether an earlier answer contains a text.
    func wasSaid(_ text: String) -> Bool { answers.contains { $0.contains(text) } }

    /// The indices in ``draft`` of the key results that the newest message states.
    var statedKeyResults: [Int] {
        let subjects = stated.keyResults.map(\.subject)
        return draft.keyResults.indices.filter { place in subjects.contains(draft.keyResults[place].subject) }
    }

    /// Whether the person has said why the change matters.
    var knowsPurpose: Bool { said.contains { Words($0).contains(CheckpointDetector.purpose) } }

    /// The quality of the draft.
    var quality: QualityAssessment {
        let settled: Set<Checkpoint> = said.contains { Words($0).stateTime } ? [.period] : []
        return QualityAssessor().assess(draft: draft, user: user, settled: settled)
    }

    /// The period for a sentence such as "at the end of 2026-Q4".
    var period: String { user.period.isEmpty ? "the period" : user.period }
}
