import OKRCoach

/// What a run talks to: sessions are started in it and messages sent to it.
protocol ConversationServer: Sendable {
    /// Starts a conversation and returns the id of its session.
    func startSession(for scenario: Scenario) async throws -> String

    /// Sends one message and waits for the answer.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, ``CommandFailure`` when there is no answer.
    func send(_ message: String, to session: String) async throws -> AnsweredMessage
}

/// What came back for one message.
struct AnsweredMessage: Sendable {
    let phaseBefore: String
    let phaseAfter: String
    /// Kinds of findings, in the order they were found.
    let findings: [String]
    let inputTokens: Int?
    let outputTokens: Int?
    /// How long the language model took.
    let modelLatencyNanoseconds: UInt64
    /// How long the offline model would have taken at scale 1; nil for a real model.
    let unscaledModelLatencyNanoseconds: UInt64?
}
