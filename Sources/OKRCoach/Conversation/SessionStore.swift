/// A store of sessions and their messages. Many tasks may call it at the same time.
public protocol SessionStore: Sendable {
    /// Adds a session.
    /// - Throws: An error if a session with the same id exists.
    func create(_ session: Session) async throws

    /// The session with an id, if any.
    func session(id: String) async throws -> Session?

    /// The newest messages of a session, oldest first.
    /// - Parameter limit: The maximum number of messages.
    func messages(sessionId: String, limit: Int) async throws -> [Message]

    /// Stores everything that one message changed, in one transaction.
    func persist(_ outcome: MessageOutcome) async throws
}

/// What the store saves for one processed message.
public struct MessageOutcome: Sendable {
    /// The session after the message.
    public var session: Session
    /// The user's message.
    public var userMessage: Message
    /// The coach's reply.
    public var assistantMessage: Message
    /// The mistakes found in the message and in the answer.
    public var findings: [AntiPatternFinding]
    /// The scores of the draft.
    public var quality: QualityAssessment
}

/// A source of advice. Many tasks may call it at the same time.
public protocol KnowledgeBase: Sendable {
    /// The entries that fit best, best first.
    /// - Parameters:
    ///   - query: Any text.
    ///   - limit: The maximum number of entries.
    func suggestions(
        for query: String,
        user: UserContext,
        phase: Phase,
        limit: Int
    ) async throws -> [KnowledgeSuggestion]
}
