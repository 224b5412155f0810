import OKRCoach
import Percentiles

/// What a run talks to: a conversation manager and the store it works on.
struct CoachServer: Sendable {
    /// What came back for one message.
    struct Answer: Sendable {
        let result: ConversationResult
        let durationNanoseconds: UInt64
    }

    let manager: ConversationManager
    let store: SQLiteSessionStore
    /// Makes session ids of this run differ from those of earlier ones in the same database.
    let runName: String

    /// Starts a conversation and returns the id of its session.
    func startSession(for scenario: Scenario) async throws -> String {
        let id = "\(runName)-\(scenario.name)"
        try await store.create(scenario.session(id: id, atUnixNanoseconds: UnixTime.now()))
        return id
    }

    /// Sends one message, waits for the answer and says how long it took.
    func send(_ message: String, to session: String) async throws -> Answer {
        let start = ContinuousClock.now
        let result = try await manager.processMessage(sessionId: session, userMessage: message)
        return Answer(result: result, durationNanoseconds: (ContinuousClock.now - start).wholeNanoseconds)
    }
}

extension Duration {
    /// Nanoseconds, 0 for what is negative.
    var wholeNanoseconds: UInt64 { UInt64(clamping: ReadableDuration(self).nanoseconds) }
}
