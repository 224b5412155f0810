/// Determines which checkpoints a conversation has settled.
public struct CheckpointDetector: Sendable {
    /// Creates the detector.
    public init() {}

    /// The checkpoints that are settled now and were not before.
    public func newlySettled(
        text: String,
        draft: OKRDraft,
        user: UserContext,
        before: Set<Checkpoint>
    ) -> Set<Checkpoint> {
        let words = Words(text)
        var settled = Set<Checkpoint>()
        if words.contains(Self.purpose) { settled.insert(.purpose) }
        if !user.team.isEmpty || words.contains(Self.owner) { settled.insert(.owner) }
        if !user.period.isEmpty || words.stateTime { settled.insert(.period) }
        if draft.objective != nil { settled.insert(.objective) }
        if draft.keyResults.count >= 2 {
            settled.insert(.keyResults)
            if draft.keyResults.allSatisfy({ $0.baseline != nil }) { settled.insert(.baselines) }
            if draft.keyResults.allSatisfy({ $0.target != nil }) { settled.insert(.targets) }
        }
        let isComplete = settled.union(before).isSuperset(of: [.objective, .keyResults])
        if isComplete, words.contains(Self.agreement), !words.contains(Self.objection) {
            settled.insert(.agreement)
        }
        return settled.subtracting(before)
    }

    static let purpose: [Phrase] = [
        "because", "so that", "the reason", "matters", "customers complain", "we lose", "we are losing", "problem is",
        "pain", "costs us", "churn", "frustrat*", "struggle*", "weil", "damit",
    ]
    private static let owner: [Phrase] = ["our team", "my team", "i own", "we own", "responsible", "owner is"]
    static let agreement: [Phrase] = [
        "i agree", "we agree", "agreed", "looks good", "sounds good", "that works", "let's go with", "i'm happy with",
        "perfect", "let's commit", "we commit", "ship it", "final", "passt",
    ]
    static let objection: [Phrase] = ["but", "however", "except", "still unsure", "change the"]
}
