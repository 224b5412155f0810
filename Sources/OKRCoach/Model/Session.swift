import SpanKitPlatform

/// The state of a coaching conversation: its user, its phase, and what has been settled.
public struct Session: Sendable, Equatable, Identifiable {
    /// The id, which is unique in a store.
    public let id: String
    /// The person who is coached.
    public var user: UserContext
    /// The phase of the conversation.
    public var phase: Phase
    /// The objective and the key results so far.
    public var draft: OKRDraft
    /// The checkpoints that have been settled.
    public var checkpoints: Set<Checkpoint>
    /// The time when the session was created, in nanoseconds since 1970-01-01 UTC.
    public let createdAtUnixNanoseconds: Int64
    /// The time of the last change, in nanoseconds since 1970-01-01 UTC.
    public var updatedAtUnixNanoseconds: Int64

    /// Creates a session. By default it starts in ``Phase/discovery`` with nothing settled.
    /// - Parameters:
    ///   - createdAtUnixNanoseconds: The time of its creation, by default now.
    ///   - updatedAtUnixNanoseconds: The time of its last change, by default the time of its creation.
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

/// The person who is coached. These facts are part of the prompt, and they affect the ranking of knowledge base
/// entries.
public struct UserContext: Sendable, Equatable, Codable {
    /// The person's name.
    public var name: String
    /// The person's function, such as `engineering` or `sales`.
    public var function: String
    /// The team or company of the OKR.
    public var team: String
    /// The period of the OKR, such as `2026-Q4`.
    public var period: String

    /// Creates a context. Every part may be empty.
    public init(name: String = "", function: String = "", team: String = "", period: String = "") {
        self.name = name
        self.function = function
        self.team = team
        self.period = period
    }
}

/// The phases of a conversation, in order.
public enum Phase: String, Sendable, Codable, CaseIterable, Comparable {
    /// Finding out what the person wants to change, and why.
    case discovery
    /// Wording an objective.
    case exploration
    /// Making key results measurable.
    case refinement
    /// Checking the OKR against the quality rules.
    case quality
    /// The OKR is agreed.
    case done

    /// Orders phases from ``discovery`` to ``done``.
    public static func < (left: Phase, right: Phase) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A question that a conversation has to settle before the OKR is done.
public enum Checkpoint: String, Sendable, Codable, CaseIterable {
    /// Why the change matters, and to whom.
    case purpose
    /// Which team or person is responsible.
    case owner
    /// The date by which the OKR should be reached.
    case period
    /// There is a qualitative objective.
    case objective
    /// There are at least two key results.
    case keyResults
    /// Every key result has a starting value.
    case baselines
    /// Every key result has a target value.
    case targets
    /// The person agreed to the OKR.
    case agreement
}

/// A stored message of a conversation.
public struct Message: Sendable, Equatable {
    /// The author of a message.
    public enum Role: String, Sendable, Codable {
        /// The person who is coached.
        case user
        /// The coach.
        case assistant
    }

    /// The author.
    public let role: Role
    /// The text.
    public let text: String
    /// The phase of the conversation when the message was written.
    public let phase: Phase
    /// The time when it was written, in nanoseconds since 1970-01-01 UTC.
    public let createdAtUnixNanoseconds: Int64

    /// Creates a message.
    public init(role: Role, text: String, phase: Phase, createdAtUnixNanoseconds: Int64) {
        self.role = role
        self.text = text
        self.phase = phase
        self.createdAtUnixNanoseconds = createdAtUnixNanoseconds
    }
}
