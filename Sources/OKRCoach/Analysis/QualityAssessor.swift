/// Scores an OKR, with a reason for every score.
///
/// The scores depend only on the OKR, its owner, and what has been settled about it. Mistakes in the text of a message
/// do not change the scores; they are ``AntiPatternFinding``s.
public struct QualityAssessor: Sendable {
    /// Creates the assessor.
    public init() {}

    /// Scores every dimension.
    /// - Parameters:
    ///   - draft: The objective and the key results.
    ///   - user: The owner of the OKR and its period.
    ///   - settled: What the conversation has settled. ``Checkpoint/period`` counts if neither the user nor the OKR has a
    ///     date.
    public func assess(draft: OKRDraft, user: UserContext, settled: Set<Checkpoint> = []) -> QualityAssessment {
        let found = AntiPatternDetector.mistakes(in: draft.labelledLines, of: user)
        let scores = QualityAssessment.Dimension.allCases.map { dimension in
            let (value, reason) =
                switch dimension {
                case .clarity: clarity(draft, found)
                case .outcome: outcome(draft, found)
                case .measurability: measurability(draft)
                case .ambition: ambition(draft, found)
                case .alignment: alignment(draft, user)
                case .timeFrame: timeFrame(draft, user, settled)
                }
            return QualityAssessment.Score(dimension: dimension, value: value, reason: reason)
        }
        return QualityAssessment(scores: scores)
    }

    private func clarity(_ draft: OKRDraft, _ found: Set<AntiPattern>) -> (Double, String) {
        guard let objective = draft.objective else { return (0, "There is no objective yet.") }
        let length = Words(objective).words.count
        if length > 25 { return (0.4, "The objective has \(length) words, which is too long to remember.") }
        if found.contains(.vagueWords) { return (0.5, "It uses words that every reader understands differently.") }
        if found.contains(.multipleObjectives) { return (0.5, "It holds two goals.") }
        if length < 4 { return (0.6, "The objective reads like a title, because it is very short.") }
        return (1, "One goal, in \(length) words.")
    }

    private func outcome(_ draft: OKRDraft, _ found: Set<AntiPattern>) -> (Double, String) {
        if draft == OKRDraft() { return (0, "Nothing says what will be different.") }
        if found.contains(.activityInsteadOfOutcome) { return (0.2, "It says what will be done, not what changes.") }
        if found.contains(.outputAsKeyResult) { return (0.3, "It counts what is made, not what it changes.") }
        if found.contains(.vanityMetric) { return (0.5, "It counts something that can grow while nothing improves.") }
        return (1, "It describes a change.")
    }

    private func measurability(_ draft: OKRDraft) -> (Double, String) {
        let count = draft.keyResults.count
        guard count > 0 else { return (0, "There is no key result yet.") }
        let targets = draft.keyResults.count { $0.target != nil }
        let complete = draft.keyResults.count { $0.target != nil && $0.baseline != nil }
        return (
            Double(targets + complete) / Double(2 * count),
            "Key results with a target: \(targets) of \(count); with a starting value and a target: \(complete)."
        )
    }

    private func ambition(_ draft: OKRDraft, _ found: Set<AntiPattern>) -> (Double, String) {
        if found.contains(.sandbagging) { return (0.2, "A target is almost reached already.") }
        if found.contains(.businessAsUsual) { return (0.3, "It keeps things as they are.") }
        let steps = draft.keyResults.compactMap(\.relativeChange)
        guard !steps.isEmpty else { return (0.5, "Without start and target the step cannot be judged.") }
        let median = steps.sorted()[steps.count / 2]
        let step = "A step of \(Int((median * 100).rounded())) %"
        return switch median {
        case ..<0.05: (0.3, "\(step) will not be noticed.")
        case ..<3: (1, "\(step) is worth the effort.")
        default: (0.6, "\(step) needs a reason to believe in it.")
        }
    }

    private func alignment(_ draft: OKRDraft, _ user: UserContext) -> (Double, String) {
        var value = 0.0
        var missing: [String] = []
        if user.team.isEmpty { missing.append("a team") } else { value += 0.4 }
        if draft.objective == nil { missing.append("an objective") } else { value += 0.3 }
        switch draft.keyResults.count {
        case 0: missing.append("key results")
        case 1: missing.append("a second key result")
        case 2...5: value += 0.3
        default: missing.append("focus: \(draft.keyResults.count) key results are too many")
        }
        return missing.isEmpty
            ? (value, "Owner, objective and key results belong together.")
            : (value, "Missing: \(missing.joined(separator: ", ")).")
    }

    private func timeFrame(
        _ draft: OKRDraft,
        _ user: UserContext,
        _ settled: Set<Checkpoint>
    ) -> (Double, String) {
        if !user.period.isEmpty { return (1, "It is for \(user.period).") }
        let isNamed = settled.contains(.period) || Words(draft.labelledLines).stateTime
        return isNamed ? (0.8, "A date was named.") : (0, "There is no date.")
    }
}

extension KeyResult {
    /// The change from start to target as a fraction of the start, or nil if either is missing or the start is zero.
    public var relativeChange: Double? {
        guard let baseline, let target, baseline != 0 else { return nil }
        return abs(target - baseline) / abs(baseline)
    }
}
