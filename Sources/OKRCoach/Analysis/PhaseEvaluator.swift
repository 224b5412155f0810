/// Decides where a conversation goes next, one phase at a time.
public struct PhaseEvaluator: Sendable {
    /// A draft needs this overall quality before it can be done.
    public static let sufficientQuality = 0.7

    /// The phase of a conversation, and the reason for it.
    public struct Decision: Sendable, Equatable {
        /// The phase from now on.
        public var phase: Phase
        /// Why, in one sentence for the user.
        public var reason: String
    }

    /// Creates the evaluator.
    public init() {}

    /// The phase after a message.
    public func evaluate(
        phase: Phase,
        previousDraft: OKRDraft,
        draft: OKRDraft,
        checkpoints: Set<Checkpoint>,
        quality: QualityAssessment
    ) -> Decision {
        if phase > .exploration, let old = previousDraft.objective, let new = draft.objective, old != new {
            return Decision(
                phase: .refinement,
                reason: "The objective was replaced, so its key results need another look."
            )
        }
        switch phase {
        case .discovery:
            if draft.objective != nil { return Decision(phase: .exploration, reason: "There is an objective.") }
            return checkpoints.contains(.purpose)
                ? Decision(phase: .exploration, reason: "It is clear why the change matters.")
                : Decision(phase: .discovery, reason: "It is not clear yet why the change matters, and to whom.")
        case .exploration:
            return draft.objective != nil
                ? Decision(phase: .refinement, reason: "There is an objective. Now it needs key results.")
                : Decision(phase: .exploration, reason: "There is no objective yet.")
        case .refinement:
            guard draft.keyResults.count >= 2 else {
                return Decision(phase: .refinement, reason: "At least two key results are needed.")
            }
            let open = draft.keyResults.filter { $0.baseline == nil || $0.target == nil }.count
            return open == 0
                ? Decision(phase: .quality, reason: "Every key result has a start and a target.")
                : Decision(
                    phase: .refinement,
                    reason: "Key results without a start or a target: \(open) of \(draft.keyResults.count)."
                )
        case .quality:
            let percent = Int((quality.overall * 100).rounded())
            guard quality.overall >= Self.sufficientQuality else {
                return Decision(
                    phase: .quality,
                    reason:
                        "The quality is \(percent) %, and \(Int(Self.sufficientQuality * 100)) % is needed."
                )
            }
            return checkpoints.contains(.agreement)
                ? Decision(phase: .done, reason: "The OKR is agreed. Its quality is \(percent) %.")
                : Decision(
                    phase: .quality,
                    reason: "The quality of \(percent) % is sufficient. The agreement is missing."
                )
        case .done:
            return Decision(phase: .done, reason: "The OKR is agreed.")
        }
    }
}
