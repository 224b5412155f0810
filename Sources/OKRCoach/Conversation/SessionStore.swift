/// Keeps sessions and their messages. Implementations may be called from many tasks at once.
public protocol SessionStore: Sendable {
    /// Adds a session.
    /// - Throws: an error that says so when the id is taken.
    func create(_ session: Session) async throws

    /// The session with this id, or nil.
    func session(id: String) async throws -> Session?

    /// The newest `limit` messages of a session, oldest first.
    func messages(sessionId: String, limit: Int) async throws -> [Message]

    /// Writes everything one message has changed, all of it or nothing.
    func persist(_ outcome: MessageOutcome) async throws
}

/// What one processed message leaves behind.
public struct MessageOutcome: Sendable {
    /// The session as it is now: phase, draft, checkpoints, time of the change.
    public var session: Session
    /// What the user wrote.
    public var userMessage: Message
    /// What the coach answered.
    public var assistantMessage: Message
    /// What was found in the user's message and in the answer.
    public var findings: [AntiPatternFinding]
    /// The scores of the draft.
    public var quality: QualityAssessment

    /// Creates an outcome.
    public init(
        session: Session,
        userMessage: Message,
        assistantMessage: Message,
        findings: [AntiPatternFinding],
        quality: QualityAssessment
    ) {
        self.session = session
        self.userMessage = userMessage
        self.assistantMessage = assistantMessage
        self.findings = findings
        self.quality = quality
    }
}

/// Finds advice. Implementations may be called from many tasks at once.
public protocol KnowledgeBase: Sendable {
    /// The entries that fit best, best first, at most `limit`.
    /// - Parameter query: any text; it need not be a query in any language.
    func suggestions(
        for query: String,
        user: UserContext,
        phase: Phase,
        limit: Int
    ) async throws -> [KnowledgeSuggestion]
}
