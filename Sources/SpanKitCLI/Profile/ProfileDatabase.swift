import Foundation
import OKRCoach
import Synchronization

final class TemporaryStore: SessionStore, KnowledgeBase {
    struct State { var sessions: [String: Session] = [:]; var messages: [String: [Message]] = [:] }
    let state = Mutex(State())
    func create(_ session: Session) async throws { state.withLock { $0.sessions[session.id] = session } }
    func session(id: String) async throws -> Session? { state.withLock { $0.sessions[id] } }
    func messages(sessionId: String, limit: Int) async throws -> [Message] {
        state.withLock { Array(($0.messages[sessionId] ?? []).suffix(limit)) }
    }
    func persist(_ outcome: MessageOutcome) async throws {
        state.withLock { state in
            state.sessions[outcome.session.id] = outcome.session
            state.messages[outcome.session.id, default: []] += [outcome.userMessage, outcome.assistantMessage]
        }
    }
    func suggestions(for query: String, user: UserContext, phase: Phase, limit: Int) async throws
        -> [KnowledgeSuggestion]
    { [] }
}
struct ProfileDatabase {
    let store = TemporaryStore(); var sessions: any SessionStore { store }; var knowledge: any KnowledgeBase { store };
    let isTemporary = true
    static func open(path: String?) throws -> ProfileDatabase { ProfileDatabase() }
    func close() {}
}
