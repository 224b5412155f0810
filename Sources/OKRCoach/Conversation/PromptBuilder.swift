/// Builds the prompt for the model.
public struct PromptBuilder: Sendable {
    /// The approximate number of tokens of the history in a prompt, at four bytes a token.
    public var historyTokenBudget = 2_000

    /// Creates the builder.
    public init() {}

    /// The prompt for one message.
    public func prompt(
        session: Session,
        history: [Message],
        userMessage: String,
        findings: [AntiPatternFinding],
        quality: QualityAssessment,
        altitude: AltitudeAssessment
    ) -> Prompt {
        Prompt(
            system: system(session, findings, quality, altitude),
            messages: turns(history, userMessage),
            phase: session.phase
        )
    }

    private func system(
        _ session: Session,
        _ findings: [AntiPatternFinding],
        _ quality: QualityAssessment,
        _ altitude: AltitudeAssessment
    ) -> String {
        var parts = [
            "You are an OKR coach. Ask one question at a time, use the person's own words, stay below 150 words.",
            person(session.user),
            Self.instructions(for: session.phase),
        ]
        if let objective = session.draft.objective { parts.append("Objective so far: \(objective)") }
        if !session.draft.keyResults.isEmpty {
            parts.append(
                "Key results so far:\n" + session.draft.keyResults.map { "- \($0.text)" }.joined(separator: "\n")
            )
        }
        if !findings.isEmpty {
            parts.append(
                "Address the most important of these, kindly:\n"
                    + findings.sorted { $0.kind.severity > $1.kind.severity }.prefix(3)
                    .map { "- \($0.kind.explanation) \($0.kind.suggestion)" }.joined(separator: "\n")
            )
        }
        if altitude.drift != 0, let level = altitude.level {
            parts.append(
                "The message speaks at \(level.rawValue) level; lead it back to \(altitude.expected.rawValue) level."
            )
        }
        if session.phase >= .quality {
            let weak = quality.scores.filter { $0.value < 0.7 }.map { "- \($0.dimension.rawValue): \($0.reason)" }
            if !weak.isEmpty { parts.append("Weak points:\n" + weak.joined(separator: "\n")) }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func person(_ user: UserContext) -> String {
        let facts = [("Name", user.name), ("Function", user.function), ("Team", user.team), ("Period", user.period)]
        return facts.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)" }.joined(separator: "\n")
    }

    static func instructions(for phase: Phase) -> String {
        let shape = "Write a proposal on lines of their own, as “Objective: …” and “KR1: … from X to Y”."
        return switch phase {
        case .discovery:
            "Phase discovery: find out what should change, for whom, and why it matters. Propose nothing yet."
        case .exploration: "Phase exploration: propose one qualitative objective and ask whether it fits. \(shape)"
        case .refinement: "Phase refinement: turn what the person measures into two to five key results. \(shape)"
        case .quality: "Phase quality: name the weakest point, propose a correction, ask for agreement. \(shape)"
        case .done: "The OKR is agreed: sum it up and propose the first check-in. \(shape)"
        }
    }

    /// The newest messages that fit into the budget, with alternating roles, and the user's message at the end.
    func turns(_ history: [Message], _ userMessage: String) -> [Prompt.Turn] {
        var budget = historyTokenBudget * 4
        var turns: [Prompt.Turn] = []
        for message in history.reversed() {
            budget -= message.text.utf8.count
            guard budget >= 0 else { break }
            turns.insert(Prompt.Turn(role: message.role, text: message.text), at: 0)
        }
        while turns.first?.role == .assistant { turns.removeFirst() }
        turns.append(Prompt.Turn(role: .user, text: userMessage))
        // The API rejects two consecutive turns of the same role.
        return turns.reduce(into: []) { joined, turn in
            if joined.last?.role == turn.role {
                joined[joined.count - 1].text += "\n\n" + turn.text
            } else {
                joined.append(turn)
            }
        }
    }
}
