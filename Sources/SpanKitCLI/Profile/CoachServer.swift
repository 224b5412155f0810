import Foundation
import OKRCoach
import Percentiles

/// The real thing: a conversation manager on its stores.
struct CoachServer: ConversationServer {
    let manager: ConversationManager
    let store: any SessionStore
    /// Makes session ids of this run differ from those of earlier ones in the same database.
    let runName: String

    func startSession(for scenario: Scenario) async throws -> String {
        let id = "\(runName)-\(scenario.name)"
        do {
            try await store.create(scenario.session(id: id, atUnixNanoseconds: Self.unixNanoseconds()))
        } catch {
            throw ConversationFailure.failure(for: error)
        }
        return id
    }

    func send(_ message: String, to session: String) async throws -> AnsweredMessage {
        do {
            return AnsweredMessage(try await manager.processMessage(sessionId: session, userMessage: message))
        } catch {
            throw ConversationFailure.failure(for: error)
        }
    }

    private static func unixNanoseconds() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000) * 1_000_000
    }
}

extension AnsweredMessage {
    fileprivate init(_ result: ConversationResult) {
        self.init(
            phaseBefore: result.phaseBefore.rawValue,
            phaseAfter: result.phase.rawValue,
            findings: result.findings.map(\.kind.rawValue),
            inputTokens: result.inputTokens,
            outputTokens: result.outputTokens,
            modelLatencyNanoseconds: UInt64(clamping: ReadableDuration(result.modelLatency).nanoseconds),
            unscaledModelLatencyNanoseconds: result.unscaledModelLatency.map {
                UInt64(clamping: ReadableDuration($0).nanoseconds)
            }
        )
    }
}
