import GRDB

/// The tables of the database, and the migrations from older versions.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: "PRAGMA application_id = \(CoachDatabase.applicationID)")
            try createSessions(database)
            try createMessages(database)
            try createKnowledge(database)
            try database.execute(sql: "PRAGMA user_version = \(CoachDatabase.schemaVersion)")
        }
        return migrator
    }()

    private static func createSessions(_ database: Database) throws {
        try database.create(table: "session") { table in
            table.primaryKey("id", .text)
            table.texts("userName", "userFunction", "userTeam", "userPeriod", "phase")
            table.column("objective", .text)
            table.texts("checkpoints")
            table.column("createdAt", .integer).notNull()
            table.column("updatedAt", .integer).notNull()
        }
        try database.create(table: "keyResult") { table in
            table.belongsTo("session", onDelete: .cascade).notNull()
            table.column("position", .integer).notNull()
            table.texts("text")
            table.column("baseline", .double)
            table.column("target", .double)
            table.texts("unit")
            table.primaryKey(["sessionId", "position"])
        }
    }

    private static func createMessages(_ database: Database) throws {
        try database.create(table: "message") { table in
            table.autoIncrementedPrimaryKey("id")
            table.belongsTo("session", onDelete: .cascade).notNull()
            table.texts("role", "text", "phase")
            table.column("createdAt", .integer).notNull()
        }
        // The history of a session is read newest first.
        try database.create(index: "messageHistory", on: "message", columns: ["sessionId", "id"])
        try database.create(table: "finding") { table in
            table.autoIncrementedPrimaryKey("id")
            table.belongsTo("message", onDelete: .cascade).notNull()
            table.texts("kind", "source", "excerpt")
        }
        try database.create(table: "score") { table in
            table.belongsTo("message", onDelete: .cascade).notNull()
            table.texts("dimension")
            table.column("value", .double).notNull()
            table.texts("reason")
            table.primaryKey(["messageId", "dimension"])
        }
    }

    private static func createKnowledge(_ database: Database) throws {
        try database.create(table: "knowledge") { table in
            table.autoIncrementedPrimaryKey("rowid")
            table.column("id", .text).notNull().unique()
            table.texts("kind", "title", "body", "tags")
        }
        try database.create(table: "knowledgeSeed") { $0.texts("fingerprint") }
        try database.create(virtualTable: "knowledgeIndex", using: FTS5()) { table in
            table.synchronize(withTable: "knowledge")
            table.tokenizer = .porter(wrapping: .unicode61(diacritics: .remove))
            for column in ["title", "tags", "body"] { table.column(column) }
        }
    }
}

extension TableDefinition {
    /// Adds text columns that are never null.
    fileprivate func texts(_ names: String...) {
        for name in names { column(name, .text).notNull() }
    }
}
