import SpanKitPlatform

/// A coaching conversation: its user, its phase, and what has been settled so far.
public struct Session: Sendable, Equatable, Identifiable {
    /// Chosen by the caller or generated; unique in a store.
    public let id: String
    /// Who is being coached.
    public var user: UserContext
    /// The phase of the conversation.
    public var phase: Phase
    /// The objective and key results as far as they have been extracted.
    public var draft: OKRDraft
    /// What has been settled so far.
    public var checkpoints: Set<Checkpoint>
    /// Nanoseconds since 1970-01-01 UTC.
    public let createdAtUnixNanoseconds: Int64
    /// Nanoseconds since 1970-01-01 UTC.
    public var updatedAtUnixNanoseconds: Int64

    /// Creates a session that starts in ``Phase/discovery`` with nothing settled.
    /// - Parameter createdAtUnixNanoseconds: now where it is nil.
    public init(
        id: String,
        user: UserContext,
        phase: Phase = .discovery,
        draft: OKRDraft = OKRDraft(),
        checkpoints: Set<Checkpoint> = [],
        createdAtUnixNanoseconds: Int64? = nil,
        updatedAtUnixNanoseconds: Int64? = nil
    ) {
        let created = createdAtUnixNanoseconds ?? UnixTime.nanoseconds()
        self.id = id
        self.user = user
        self.phase = phase
        self.draft = draft
        self.checkpoints = checkpoints
        self.createdAtUnixNanoseconds = created
        self.updatedAtUnixNanoseconds = updatedAtUnixNanoseconds ?? created
    }
}

/// What the coach knows about the person: it shapes the prompt and ranks the knowledge base.
public struct UserContext: Sendable, Equatable, Codable {
    /// How the person wants to be called.
    public var name: String
    /// The function the person works in, such as `engineering` or `sales`.
    public var function: String
    /// The team or company the objective is for.
    public var team: String
    /// The period the objective is for, such as `2026-Q4`.
    public var period: String

    /// Creates a context; every part may be empty.
    public init(name: String = "", function: String = "", team: String = "", period: String = "") {
        self.name = name
        self.function = function
        self.team = team
        self.period = period
    }
}

/// The phase of a conversation. A conversation goes through them in this order.
public enum Phase: String, Sendable, Codable, CaseIterable, Comparable {
    /// What does the person want to change, and why?
    case discovery
    /// An objective takes shape.
    case exploration
    /// Key results are made measurable.
    case refinement
    /// The whole is checked against the quality rules.
    case quality
    /// Nothing is left to settle.
    case done

    /// Earlier phases are smaller.
    public static func < (left: Phase, right: Phase) -> Bool {
        guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right) else {
            return false
        }
        return first < second
    }
}

/// Something a conversation has to settle before the OKR is done.
public enum Checkpoint: String, Sendable, Codable, CaseIterable {
    /// Why the change matters, and to whom.
    case purpose
    /// Who is responsible: team or person.
    case owner
    /// By when.
    case period
    /// A qualitative objective exists.
    case objective
    /// At least two key results exist.
    case keyResults
    /// Every key result has a starting value.
    case baselines
    /// Every key result has a target value.
    case targets
    /// The person agreed to the whole.
    case agreement
}
