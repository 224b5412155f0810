/// Judges an OKR as it is. Pure; every score comes with its reason.
///
/// The scores depend on the OKR alone, on whose it is and on what has been settled about it. What was said in the newest message
/// changes them only where it changes the OKR; mistakes in the message itself are ``AntiPatternFinding``s.
public struct QualityAssessor: Sendable {
    /// Creates the assessor.
    public init() {}

    /// Scores every dimension.
    /// - Parameters:
    ///   - draft: objective and key results.
    ///   - user: who owns the OKR and for when.
    ///   - settled: what the conversation has settled; ``Checkpoint/period`` counts where neither the user nor the OKR has a date.
    public func assess(draft: OKRDraft, user: UserContext, settled: Set<Checkpoint> = []) -> QualityAssessment {
        let found = mistakes(in: draft, user)
        return QualityAssessment(scores: [
            clarity(draft, found),
            outcome(draft, found),
            measurability(draft),
            ambition(draft, found),
            alignment(draft, user),
            timeFrame(draft, user, settled),
        ])
    }

    /// What the anti-pattern detector finds in the OKR itself.
    private func mistakes(in draft: OKRDraft, _ user: UserContext) -> Set<AntiPattern> {
        let session = Session(id: "", user: user, phase: .quality, draft: draft, createdAtUnixNanoseconds: 0)
        return Set(
            AntiPatternDetector().findings(in: draft.labelledLines, source: .output, session: session).map(\.kind)
        )
    }

    private func clarity(_ draft: OKRDraft, _ found: Set<AntiPattern>) -> QualityAssessment.Score {
        guard let objective = draft.objective else {
            return .init(dimension: .clarity, value: 0, reason: "There is no objective yet.")
        }
        let length = Words(objective).words.count
        if length > 25 {
            return .init(
                dimension: .clarity,
                value: 0.4,
                reason: "The objective has \(length) words, which is too long to remember."
            )
        }
        if found.contains(.vagueWords) {
            return .init(
                dimension: .clarity,
                value: 0.5,
                reason: "It uses words that every reader understands differently."
            )
        }
        if found.contains(.multipleObjectives) {
            return .init(dimension: .clarity, value: 0.5, reason: "It holds two goals.")
        }
        if length < 4 {
            return .init(
                dimension: .clarity,
                value: 0.6,
                reason: "The objective reads like a title, because it is very short."
            )
        }
        return .init(dimension: .clarity, value: 1, reason: "One goal, in \(length) words.")
    }

    private func outcome(_ draft: OKRDraft, _ found: Set<AntiPattern>) -> QualityAssessment.Score {
        if draft.objective == nil, draft.keyResults.isEmpty {
            return .init(dimension: .outcome, value: 0, reason: "Nothing says what will be different.")
        }
        if found.contains(.activityInsteadOfOutcome) {
            return .init(dimension: .outcome, value: 0.2, reason: "It says what will be done, not what changes.")
        }
        if found.contains(.outputAsKeyResult) {
            return .init(dimension: .outcome, value: 0.3, reason: "It counts what is made, not what it changes.")
        }
        if found.contains(.vanityMetric) {
            return .init(
                dimension: .outcome,
                value: 0.5,
                reason: "It counts something that can grow while nothing improves."
            )
        }
        return .init(dimension: .outcome, value: 1, reason: "It describes a change.")
    }

    private func measurability(_ draft: OKRDraft) -> QualityAssessment.Score {
        let results = draft.keyResults
        guard !results.isEmpty else {
            return .init(dimension: .measurability, value: 0, reason: "There is no key result yet.")
        }
        let targets = results.filter { $0.target != nil }.count
        let complete = results.filter { $0.target != nil && $0.baseline != nil }.count
        let value = (Double(targets) + Double(complete)) / Double(2 * results.count)
        return .init(
            dimension: .measurability,
            value: value,
            reason:
                "Key results with a target: \(targets) of \(results.count); with a starting value and a target: \(complete)."
        )
    }

    private func ambition(_ draft: OKRDraft, _ found: Set<AntiPattern>) -> QualityAssessment.Score {
        if found.contains(.sandbagging) {
            return .init(dimension: .ambition, value: 0.2, reason: "A target is almost reached already.")
        }
        if found.contains(.businessAsUsual) {
            return .init(dimension: .ambition, value: 0.3, reason: "It keeps things as they are.")
        }
        let steps = draft.keyResults.compactMap(\.relativeChange)
        guard !steps.isEmpty else {
            return .init(
                dimension: .ambition,
                value: 0.5,
                reason: "Without start and target the step cannot be judged."
            )
        }
        let median = steps.sorted()[steps.count / 2]
        let percent = Int((median * 100).rounded())
        switch median {
        case ..<0.05:
            return .init(dimension: .ambition, value: 0.3, reason: "A step of \(percent) % will not be noticed.")
        case ..<3: return .init(dimension: .ambition, value: 1, reason: "A step of \(percent) % is worth the effort.")
        default:
            return .init(
                dimension: .ambition,
                value: 0.6,
                reason: "A step of \(percent) % needs a reason to believe in it."
            )
        }
    }

    private func alignment(_ draft: OKRDraft, _ user: UserContext) -> QualityAssessment.Score {
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
        let reason =
            missing.isEmpty
            ? "Owner, objective and key results belong together." : "Missing: \(missing.joined(separator: ", "))."
        return .init(dimension: .alignment, value: value, reason: reason)
    }

    private func timeFrame(
        _ draft: OKRDraft,
        _ user: UserContext,
        _ settled: Set<Checkpoint>
    ) -> QualityAssessment.Score {
        if !user.period.isEmpty {
            return .init(dimension: .timeFrame, value: 1, reason: "It is for \(user.period).")
        }
        return settled.contains(.period) || AntiPatternRule.statesTime(Words(draft.labelledLines))
            ? .init(dimension: .timeFrame, value: 0.8, reason: "A date was named.")
            : .init(dimension: .timeFrame, value: 0, reason: "There is no date.")
    }
}

extension KeyResult {
    /// The step from start to target as a share of the start, nil where either is missing or the start is zero.
    public var relativeChange: Double? {
        guard let baseline, let target, baseline != 0 else { return nil }
        return abs(target - baseline) / abs(baseline)
    }
}
