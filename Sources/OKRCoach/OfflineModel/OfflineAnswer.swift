/// What the offline model says, by phase, in the person's own words.
struct OfflineAnswer {
    private let prompt: Prompt
    private let objective: String?
    private let keyResults: [KeyResult]
    private let topic: Topic

    init(_ prompt: Prompt) {
        self.prompt = prompt
        let said = prompt.messages.filter { $0.role == .user }.map(\.text)
        topic = Topic(said)
        let known = Self.known(prompt.system)
        let draft = OKRExtractor().extract(from: said.last ?? "", into: known)
        objective = draft.objective
        keyResults = draft.keyResults
    }

    var text: String {
        switch prompt.phase {
        case .discovery: discovery
        case .exploration: exploration
        case .refinement: refinement
        case .quality: quality
        case .done: done
        }
    }

    private var discovery: String {
        """
        You speak of \(topic.name). Suppose it works out: what would \(topic.audience) notice first, and what does it cost you \
        today that it does not work yet?
        """
    }

    private var exploration: String {
        """
        Thank you, that makes the need clear. How about this:

        Objective: \(objective ?? proposedObjective)

        Does it say what should change for \(topic.audience)?
        """
    }

    private var refinement: String {
        guard !keyResults.isEmpty else {
            return """
                Objective: \(objective ?? proposedObjective)

                Which measure would show \(topic.audience) the change first? Where does it stand today, and where should it be?
                """
        }
        return """
            Objective: \(objective ?? proposedObjective)
            \(numberedResults)

            \(openQuestion)
            """
    }

    private var quality: String {
        """
        Objective: \(objective ?? proposedObjective)
        \(numberedResults)

        \(weakPoint) Do you agree with the whole as it stands?
        """
    }

    private var done: String {
        """
        Agreed. This is your OKR:

        Objective: \(objective ?? proposedObjective)
        \(numberedResults)

        Look at the numbers together once a week; what would be a good day for it?
        """
    }

    private var proposedObjective: String { "Make \(topic.name) something \(topic.audience) rely on" }

    private var numberedResults: String {
        keyResults.enumerated().map { "KR\($0.offset + 1): \($0.element.text)" }.joined(separator: "\n")
    }

    private var openQuestion: String {
        if let bare = keyResults.first(where: { $0.target == nil }) {
            return "What number would tell you that “\(bare.text)” has happened?"
        }
        if let open = keyResults.first(where: { $0.baseline == nil }) {
            return "Where does “\(open.text)” stand today?"
        }
        return keyResults.count < 2
            ? "What second measure would convince a sceptic?" : "Is anything missing that would convince a sceptic?"
    }

    private var weakPoint: String {
        if keyResults.count > 5 {
            return "\(keyResults.count) key results are more than anybody can steer by; keep five at most."
        }
        if let bare = keyResults.first(where: { $0.target == nil }) { return "“\(bare.text)” still has no number." }
        if let open = keyResults.first(where: { $0.baseline == nil }) {
            return "“\(open.text)” still has no starting value."
        }
        return "Every key result has a start and a target."
    }

    /// The draft that the prompt states.
    private static func known(_ system: String) -> OKRDraft {
        var draft = OKRDraft()
        var isInResults = false
        for line in system.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("Objective so far: ") {
                draft.objective = String(line.dropFirst("Objective so far: ".count))
            } else if line == "Key results so far:" {
                isInResults = true
            } else if isInResults, line.hasPrefix("- ") {
                draft.keyResults.append(OKRExtractor.measured(String(line.dropFirst(2))))
            } else {
                isInResults = false
            }
        }
        return draft
    }
}
