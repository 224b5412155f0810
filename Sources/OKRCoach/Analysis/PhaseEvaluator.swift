/// Decides which phase a conversation is in after a message. A conversation moves on by one phase at most.
public struct PhaseEvaluator: Sendable {
    /// The overall quality, from 0 to 1, that an OKR needs to be done.
    public static let sufficientQuality = 0.7

    /// The phase of a conversation, with the reason for it.
    public struct Decision: Sendable, Equatable {
        /// The phase from now on.
        public var phase: Phase
        /// The reason, in one sentence for the user.
        public var reason: String

        init(_ phase: Phase, _ reason: String) {
            self.phase = phase
            self.reason = reason
        }
    }

    /// Creates the evaluator.
    public init() {}

    /// The phase after a message. A replaced objective leads back to ``Phase/refinement``.
    public func evaluate(
        phase: Phase,
        previousDraft: OKRDraft,
        draft: OKRDraft,
        checkpoints: Set<Checkpoint>,
        quality: QualityAssessment
    ) -> Decision {
        if phase > .exploration, let old = previousDraft.objective, let new = draft.objective, old != new {
            return Decision(.refinement, "The objective was replaced, so its key results need another look.")
        }
        switch phase {
        case .discovery:
            if draft.objective != nil { return Decision(.exploration, "There is an objective.") }
            return checkpoints.contains(.purpose)
                ? Decision(.exploration, "It is clear why the change matters.")
                : Decision(.discovery, "It is not clear yet why the change matters, and to whom.")
        case .exploration:
            return draft.objective != nil
                ? Decision(.refinement, "There is an objective. Now it needs key results.")
                : Decision(.exploration, "There is no objective yet.")
        case .refinement:
            let count = draft.keyResults.count
            guard count >= 2 else { return Decision(.refinement, "At least two key results are needed.") }
            let open = draft.keyResults.count { $0.baseline == nil || $0.target == nil }
            return open == 0
                ? Decision(.quality, "Every key result has a start and a target.")
                : Decision(.refinement, "Key results without a start or a target: \(open) of \(count).")
        case .quality:
            let percent = Int((quality.overall * 100).rounded())
            guard quality.overall >= Self.sufficientQuality else {
                let needed = Int(Self.sufficientQuality * 100)
                return Decision(.quality, "The quality is \(percent) %, and \(needed) % is needed.")
            }
            return checkpoints.contains(.agreement)
                ? Decision(.done, "The OKR is agreed. Its quality is \(percent) %.")
                : Decision(.quality, "The quality of \(percent) % is sufficient. The agreement is missing.")
        case .done:
            return Decision(.done, "The OKR is agreed.")
        }
    }
}
