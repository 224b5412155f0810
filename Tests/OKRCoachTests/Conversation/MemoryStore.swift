import Synchronization

@testable import OKRCoach

/// A store in memory.
final class MemoryStore: SessionStore {
    struct State {
        var sessions: [String: Session] = [:]
        var messages: [String: [Message]] = [:]
        var outcomes: [MessageOutcome] = []
    }

    struct Taken: Error {}

    let state = Mutex(State())

    func create(_ session: Session) async throws {
        try state.withLock { state in
            guard state.sessions[session.id] == nil else { throw Taken() }
            state.sessions[session.id] = session
        }
    }

    func session(id: String) async throws -> Session? {
        state.withLock { $0.sessions[id] }
    }

    func messages(sessionId: String, limit: Int) async throws -> [Message] {
        state.withLock { Array(($0.messages[sessionId] ?? []).suffix(limit)) }
    }

    func persist(_ outcome: MessageOutcome) async throws {
        state.withLock { state in
            state.sessions[outcome.session.id] = outcome.session
            state.messages[outcome.session.id, default: []] += [outcome.userMessage, outcome.assistantMessage]
            state.outcomes.append(outcome)
        }
    }
}

/// A knowledge base with fixed suggestions.
struct FixedKnowledge: KnowledgeBase {
    var entries: [KnowledgeEntry] = []

    func suggestions(
        for query: String,
        user: UserContext,
        phase: Phase,
        limit: Int
    ) async throws -> [KnowledgeSuggestion] {
        entries.prefix(limit).map { KnowledgeSuggestion(entry: $0, score: 1, reason: "always") }
    }
}
