import GRDB
import SpanKit

/// A store that keeps sessions in a ``CoachDatabase``. It writes one transaction per processed message.
public struct SQLiteSessionStore: SessionStore {
    private let database: CoachDatabase

    /// Creates a store on an open database.
    public init(_ database: CoachDatabase) {
        self.database = database
    }

    /// Adds a session.
    /// - Throws: ``SessionStoreError/idIsTaken(id:)`` if a session with the same id exists.
    public func create(_ session: Session) async throws {
        try await write { database in
            let known = try Row.fetchOne(database, sql: "SELECT 1 FROM session WHERE id = ?", arguments: [session.id])
            guard known == nil else { throw SessionStoreError.idIsTaken(id: session.id) }
            try database.insert(
                into: "session",
                "id, userName, userFunction, userTeam, userPeriod, phase, objective, checkpoints, createdAt, updatedAt",
                [
                    session.id, session.user.name, session.user.function, session.user.team, session.user.period,
                    session.phase.rawValue, session.draft.objective, Self.text(of: session.checkpoints),
                    session.createdAtUnixNanoseconds, session.updatedAtUnixNanoseconds,
                ]
            )
            try Self.replaceKeyResults(of: session, database)
        }
    }

    /// The session with an id, if any.
    public func session(id: String) async throws -> Session? {
        try await read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM session WHERE id = ?", arguments: [id])
            else { return nil }
            let sql = "SELECT * FROM keyResult WHERE sessionId = ? ORDER BY position"
            return try Session(row, keyResults: Row.fetchAll(database, sql: sql, arguments: [id]))
        }
    }

    /// The newest messages of a session, oldest first.
    /// - Parameter limit: The maximum number of messages.
    public func messages(sessionId: String, limit: Int) async throws -> [Message] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM message WHERE sessionId = ? ORDER BY id DESC LIMIT ?",
                arguments: [sessionId, max(0, limit)]
            ).reversed().map(Message.init)
        }
    }

    /// Stores the session, both messages, the findings and the scores in one transaction.
    /// - Throws: ``SessionStoreError/unknownSession(id:)`` if the session does not exist any more.
    public func persist(_ outcome: MessageOutcome) async throws {
        try await write { database in
            let session = outcome.session
            try database.execute(
                sql: "UPDATE session SET phase = ?, objective = ?, checkpoints = ?, updatedAt = ? WHERE id = ?",
                arguments: [
                    session.phase.rawValue, session.draft.objective, Self.text(of: session.checkpoints),
                    session.updatedAtUnixNanoseconds, session.id,
                ]
            )
            guard database.changesCount == 1 else { throw SessionStoreError.unknownSession(id: session.id) }
            try Self.replaceKeyResults(of: session, database)
            let ids = try [outcome.userMessage, outcome.assistantMessage].map { message in
                try database.insert(
                    into: "message",
                    "sessionId, role, text, phase, createdAt",
                    [
                        session.id, message.role.rawValue, message.text, message.phase.rawValue,
                        message.createdAtUnixNanoseconds,
                    ]
                )
            }
            for finding in outcome.findings {
                let id = finding.source == .input ? ids[0] : ids[1]
                try database.insert(
                    into: "finding",
                    "messageId, kind, source, excerpt",
                    [id, finding.kind.rawValue, finding.source.rawValue, finding.excerpt]
                )
            }
            for score in outcome.quality.scores {
                try database.insert(
                    into: "score",
                    "messageId, dimension, value, reason",
                    [ids[1], score.dimension.rawValue, score.value, score.reason]
                )
            }
        }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        SpanHandle.current.set("db.system.name", "sqlite")
        return try await database.writer.read(body)
    }

    private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        SpanHandle.current.set("db.system.name", "sqlite")
        try await database.writer.write(body)
    }

    private static func replaceKeyResults(of session: Session, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM keyResult WHERE sessionId = ?", arguments: [session.id])
        for (position, result) in session.draft.keyResults.enumerated() {
            try database.insert(
                into: "keyResult",
                "sessionId, position, text, baseline, target, unit",
                [session.id, position, result.text, result.baseline, result.target, result.unit]
            )
        }
    }

    private static func text(of checkpoints: Set<Checkpoint>) -> String {
        Checkpoint.allCases.filter(checkpoints.contains).map(\.rawValue).joined(separator: " ")
    }
}

extension Database {
    /// Inserts a row.
    /// - Returns: The row's id.
    @discardableResult
    func insert(
        into table: String,
        _ columns: String,
        _ values: [(any DatabaseValueConvertible)?]
    ) throws -> Int64 {
        let places = values.map { _ in "?" }.joined(separator: ", ")
        let sql = "INSERT INTO \(table) (\(columns)) VALUES (\(places))"
        try execute(sql: sql, arguments: StatementArguments(values))
        return lastInsertedRowID
    }
}

extension Session {
    fileprivate init(_ row: Row, keyResults: [Row]) throws {
        let checkpoints: String = row["checkpoints"]
        self.init(
            id: row["id"],
            user: UserContext(
                name: row["userName"],
                function: row["userFunction"],
                team: row["userTeam"],
                period: row["userPeriod"]
            ),
            phase: try Phase(stored: row["phase"], "phase"),
            draft: OKRDraft(
                objective: row["objective"],
                keyResults: keyResults.map {
                    KeyResult(text: $0["text"], baseline: $0["baseline"], target: $0["target"], unit: $0["unit"])
                }
            ),
            checkpoints: Set(checkpoints.split(separator: " ").compactMap { Checkpoint(rawValue: String($0)) }),
            createdAtUnixNanoseconds: row["createdAt"],
            updatedAtUnixNanoseconds: row["updatedAt"]
        )
    }
}

extension Message {
    fileprivate init(_ row: Row) throws {
        self.init(
            role: try Role(stored: row["role"], "role"),
            text: row["text"],
            phase: try Phase(stored: row["phase"], "phase"),
            createdAtUnixNanoseconds: row["createdAt"]
        )
    }
}

extension RawRepresentable<String> {
    /// - Parameter what: What the text is, as an error names it.
    fileprivate init(stored text: String, _ what: String) throws {
        guard let value = Self(rawValue: text) else { throw SessionStoreError.unreadable(what: what, value: text) }
        self = value
    }
}

/// The error of an operation of a store.
public enum SessionStoreError: Error, Equatable, CustomStringConvertible {
    /// A session with this id exists.
    case idIsTaken(id: String)
    /// There is no session with this id.
    case unknownSession(id: String)
    /// The database contains a value that this version does not know.
    case unreadable(what: String, value: String)

    /// What happened, and what to do, in one line.
    public var description: String {
        switch self {
        case .idIsTaken(let id): "a session '\(id)' already exists; choose another id"
        case .unknownSession(let id): "the session '\(id)' does not exist any more; create it again"
        case .unreadable(let what, let value):
            "the database contains the unknown \(what) '\(value)'; update the program"
        }
    }
}
