import Foundation
import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("Sessions in SQLite")
struct SQLiteSessionStoreTests {
    private static let session = Session(
        id: "a",
        user: UserContext(name: "Ä'; DROP TABLE session; --", function: "sales", team: "T", period: "Q4"),
        phase: .refinement,
        draft: OKRDraft(
            objective: "Objective 🎯",
            keyResults: [KeyResult(text: "one", baseline: 1, target: 2.5, unit: "%"), KeyResult(text: "two")]
        ),
        checkpoints: [.purpose, .agreement],
        createdAtUnixNanoseconds: 1_700_000_000_123_456_789
    )

    private func outcome(_ session: Session, _ number: Int) -> MessageOutcome {
        MessageOutcome(
            session: session,
            userMessage: Message(
                role: .user,
                text: "question \(number)",
                phase: .refinement,
                createdAtUnixNanoseconds: Int64(number)
            ),
            assistantMessage: Message(
                role: .assistant,
                text: "answer \(number)",
                phase: .quality,
                createdAtUnixNanoseconds: Int64(number)
            ),
            findings: [AntiPatternFinding(kind: .noNumber, source: .input, excerpt: "x")],
            quality: QualityAssessment(scores: [.init(dimension: .clarity, value: 0.5, reason: "r")])
        )
    }

    @Test("A stored session is read back unchanged")
    func roundTrip() async throws {
        let store = SQLiteSessionStore(try CoachDatabase.inMemory())
        try await store.create(Self.session)
        #expect(try await store.session(id: "a") == Self.session)
        #expect(try await store.session(id: "b") == nil)
        #expect(try await store.messages(sessionId: "a", limit: 10).isEmpty)
        await #expect(throws: SessionStoreError.idIsTaken(id: "a")) { try await store.create(Self.session) }
    }

    @Test("A processed message is stored, and the newest messages are returned oldest first")
    func persist() async throws {
        let store = SQLiteSessionStore(try CoachDatabase.inMemory())
        try await store.create(Self.session)
        var changed = Self.session
        changed.phase = .quality
        changed.draft.keyResults.removeLast()
        changed.checkpoints = []
        changed.updatedAtUnixNanoseconds += 5
        for number in 1...3 { try await store.persist(outcome(changed, number)) }
        #expect(try await store.session(id: "a") == changed)
        let messages = try await store.messages(sessionId: "a", limit: 3)
        #expect(messages.map(\.text) == ["answer 2", "question 3", "answer 3"])
        #expect(messages.map(\.role) == [.assistant, .user, .assistant])
    }

    @Test("A message of an unknown session stores nothing")
    func unknownSession() async throws {
        let database = try CoachDatabase.inMemory()
        let store = SQLiteSessionStore(database)
        await #expect(throws: SessionStoreError.unknownSession(id: "a")) {
            try await store.persist(outcome(Self.session, 1))
        }
        let left = try await database.writer.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM message") }
        #expect(left == 0)
    }

    @Test("Concurrent sessions are all in the file when it is opened again")
    func concurrency() async throws {
        let folder = TemporaryFolder()
        let path = folder.path("coach.sqlite")
        let database = try CoachDatabase.open(path: path)
        let store = SQLiteSessionStore(database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let session = Session(id: "s\(number)", user: UserContext(), createdAtUnixNanoseconds: 1)
                    try await store.create(session)
                    for message in 0..<5 { try await store.persist(outcome(session, message)) }
                }
            }
            try await group.waitForAll()
        }
        #expect(FileManager.default.fileExists(atPath: path + "-wal"))
        try database.close()
        let reopened = SQLiteSessionStore(try CoachDatabase.open(path: path))
        for number in 0..<20 { #expect(try await reopened.messages(sessionId: "s\(number)", limit: 100).count == 10) }
    }

    @Test("A history of 10,000 messages returns the newest ones")
    func longHistory() async throws {
        let store = SQLiteSessionStore(try CoachDatabase.inMemory())
        try await store.create(Self.session)
        for number in 0..<5_000 { try await store.persist(outcome(Self.session, number)) }
        #expect(try await store.messages(sessionId: "a", limit: 2).map(\.text) == ["question 4999", "answer 4999"])
    }
}
