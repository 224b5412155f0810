import GRDB
import SpanKit

/// Sessions in a ``CoachDatabase``. One transaction per processed message.
public struct SQLiteSessionStore: SessionStore {
    private let database: CoachDatabase

    /// Uses a database that is open.
    public init(_ database: CoachDatabase) {
        self.database = database
    }

    /// Adds a session.
    /// - Throws: ``SessionStoreError/idIsTaken(id:)``.
    public func create(_ session: Session) async throws {
        SpanHandle.current.set("db.system.name", "sqlite")
        try await database.writer.write { database in
            let known = try Row.fetchOne(database, sql: "SELECT 1 FROM session WHERE id = ?", arguments: [session.id])
            guard known == nil else { throw SessionStoreError.idIsTaken(id: session.id) }
            try database.execute(
                sql: """
                    INSERT INTO session
                    (id, userName, userFunction, userTeam, userPeriod, phase, objective, checkpoints, createdAt, updatedAt)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    session.id, session.user.name, session.user.function, session.user.team, session.user.period,
                    session.phase.rawValue, session.draft.objective, Self.encode(session.checkpoints),
                    session.createdAtUnixNanoseconds, session.updatedAtUnixNanoseconds,
                ]
            )
            try Self.replaceKeyResults(of: session, database)
        }
    }

    /// The session with this id, or nil.
    public func session(id: String) async throws -> Session? {
        SpanHandle.current.set("db.system.name", "sqlite")
        return try await database.writer.read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM session WHERE id = ?", arguments: [id])
            else { return nil }
            let results = try Row.fetchAll(
                database,
                sql: "SELECT * FROM keyResult WHERE sessionId = ? ORDER BY position",
                arguments: [id]
            )
            return try Self.session(row, results)
        }
    }

    /// The newest `limit` messages of a session, oldest first.
    public func messages(sessionId: String, limit: Int) async throws -> [Message] {
        SpanHandle.current.set("db.system.name", "sqlite")
        return try await database.writer.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM message WHERE sessionId = ? ORDER BY id DESC LIMIT ?",
                arguments: [sessionId, max(0, limit)]
            ).reversed().map { try Self.message($0) }
        }
    }

    /// Writes session, both messages, findings and scores, all of it or nothing.
    /// - Throws: ``SessionStoreError/unknownSession(id:)`` when the session has gone.
    public func persist(_ outcome: MessageOutcome) async throws {
        SpanHandle.current.set("db.system.name", "sqlite")
        try await database.writer.write { database in
            let session = outcome.session
            try database.execute(
                sql: "UPDATE session SET phase = ?, objective = ?, checkpoints = ?, updatedAt = ? WHERE id = ?",
                arguments: [
                    session.phase.rawValue, session.draft.objective, Self.encode(session.checkpoints),
                    session.updatedAtUnixNanoseconds, session.id,
                ]
            )
            guard database.changesCount == 1 else { throw SessionStoreError.unknownSession(id: session.id) }
            try Self.replaceKeyResults(of: session, database)
            let userMessage = try Self.insert(outcome.userMessage, of: session.id, database)
            let answer = try Self.insert(outcome.assistantMessage, of: session.id, database)
            for finding in outcome.findings {
                try database.execute(
                    sql: "INSERT INTO finding (messageId, kind, source, excerpt) VALUES (?, ?, ?, ?)",
                    arguments: [
                        finding.source == .input ? userMessage : answer, finding.kind.rawValue, finding.source.rawValue,
                        finding.excerpt,
                    ]
                )
            }
            for score in outcome.quality.scores {
                try database.execute(
                    sql: "INSERT INTO score (messageId, dimension, value, reason) VALUES (?, ?, ?, ?)",
                    arguments: [answer, score.dimension.rawValue, score.value, score.reason]
                )
            }
        }
    }

    private static func insert(_ message: Message, of sessionId: String, _ database: Database) throws -> Int64 {
        try database.execute(
            sql: "INSERT INTO message (sessionId, role, text, phase, createdAt) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                sessionId, message.role.rawValue, message.text, message.phase.rawValue,
                message.createdAtUnixNanoseconds,
            ]
        )
        return database.lastInsertedRowID
    }

    private static func replaceKeyResults(of session: Session, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM keyResult WHERE sessionId = ?", arguments: [session.id])
        for (position, result) in session.draft.keyResults.enumerated() {
            try database.execute(
                sql:
                    "INSERT INTO keyResult (sessionId, position, text, baseline, target, unit) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [session.id, position, result.text, result.baseline, result.target, result.unit]
            )
        }
    }

    private static func encode(_ checkpoints: Set<Checkpoint>) -> String {
        Checkpoint.allCases.filter(checkpoints.contains).map(\.rawValue).joined(separator: " ")
    }

    private static func session(_ row: Row, _ results: [Row]) throws -> Session {
        let phase: String = row["phase"]
        let checkpoints: String = row["checkpoints"]
        return Session(
            id: row["id"],
            user: UserContext(
                name: row["userName"],
                function: row["userFunction"],
                team: row["userTeam"],
                period: row["userPeriod"]
            ),
            phase: try Phase(stored: phase),
            draft: OKRDraft(
                objective: row["objective"],
                keyResults: results.map {
                    KeyResult(text: $0["text"], baseline: $0["baseline"], target: $0["target"], unit: $0["unit"])
                }
            ),
            checkpoints: Set(checkpoints.split(separator: " ").compactMap { Checkpoint(rawValue: String($0)) }),
            createdAtUnixNanoseconds: row["createdAt"],
            updatedAtUnixNanoseconds: row["updatedAt"]
        )
    }

    private static func message(_ row: Row) throws -> Message {
        let role: String = row["role"]
        let phase: String = row["phase"]
        guard let role = Message.Role(rawValue: role) else {
            throw SessionStoreError.unreadable(what: "role", value: role)
        }
        return Message(
            role: role,
            text: row["text"],
            phase: try Phase(stored: phase),
            createdAtUnixNanoseconds: row["createdAt"]
        )
    }
}

/// Why the store refused.
public enum SessionStoreError: Error, Equatable, CustomStringConvertible {
    /// A session of that id exists.
    case idIsTaken(id: String)
    /// There is no session with this id.
    case unknownSession(id: String)
    /// The database holds something this program does not know.
    case unreadable(what: String, value: String)

    /// One line: what, and what to do.
    public var description: String {
        switch self {
        case .idIsTaken(let id): "there is a session '\(id)' already; choose another id"
        case .unknownSession(let id): "there is no session '\(id)' any more; create it again"
        case .unreadable(let what, let value): "the database holds the unknown \(what) '\(value)'; update the program"
        }
    }
}

extension Phase {
    fileprivate init(stored text: String) throws {
        guard let phase = Phase(rawValue: text) else { throw SessionStoreError.unreadable(what: "phase", value: text) }
        self = phase
    }
}
