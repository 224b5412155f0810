/// Decides where a conversation goes next, one phase at a time.
public struct PhaseEvaluator: Sendable {
    /// A draft needs this overall quality before it can be done.
    public static let sufficientQuality = 0.7

    /// Where the conversation stands, and why.
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
                reason: "The objective was replaced; its key results need another look."
            )
        }
        switch phase {
        case .discovery:
            if draft.objective != nil { return Decision(phase: .exploration, reason: "An objective is on the table.") }
            return checkpoints.contains(.purpose)
                ? Decision(phase: .exploration, reason: "It is clear why the change matters.")
                : Decision(phase: .discovery, reason: "Why the change matters, and to whom, is still open.")
        case .exploration:
            return draft.objective != nil
                ? Decision(phase: .refinement, reason: "The objective stands; now it needs key results.")
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
                    reason: "\(open) of \(draft.keyResults.count) key results lack a start or a target."
                )
        case .quality:
            let percent = Int((quality.overall * 100).rounded())
            guard quality.overall >= Self.sufficientQuality else {
                return Decision(phase: .quality, reason: "The quality of \(percent) % is not sufficient yet.")
            }
            return checkpoints.contains(.agreement)
                ? Decision(phase: .done, reason: "The OKR is agreed, with a quality of \(percent) %.")
                : Decision(phase: .quality, reason: "It is good enough (\(percent) %) and waits for agreement.")
        case .done:
            return Decision(phase: .done, reason: "The OKR is agreed.")
        }
    }
}
