import GRDB

/// The tables, and how older databases get to them.
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
            table.column("userName", .text).notNull()
            table.column("userFunction", .text).notNull()
            table.column("userTeam", .text).notNull()
            table.column("userPeriod", .text).notNull()
            table.column("phase", .text).notNull()
            table.column("objective", .text)
            table.column("checkpoints", .text).notNull()
            table.column("createdAt", .integer).notNull()
            table.column("updatedAt", .integer).notNull()
        }
        try database.create(table: "keyResult") { table in
            table.belongsTo("session", onDelete: .cascade).notNull()
            table.column("position", .integer).notNull()
            table.column("text", .text).notNull()
            table.column("baseline", .double)
            table.column("target", .double)
            table.column("unit", .text).notNull()
            table.primaryKey(["sessionId", "position"])
        }
    }

    private static func createMessages(_ database: Database) throws {
        try database.create(table: "message") { table in
            table.autoIncrementedPrimaryKey("id")
            table.belongsTo("session", onDelete: .cascade).notNull()
            table.column("role", .text).notNull()
            table.column("text", .text).notNull()
            table.column("phase", .text).notNull()
            table.column("createdAt", .integer).notNull()
        }
        // The history is read newest first, by session.
        try database.create(index: "messageHistory", on: "message", columns: ["sessionId", "id"])
        try database.create(table: "finding") { table in
            table.autoIncrementedPrimaryKey("id")
            table.belongsTo("message", onDelete: .cascade).notNull()
            table.column("kind", .text).notNull()
            table.column("source", .text).notNull()
            table.column("excerpt", .text).notNull()
        }
        try database.create(table: "score") { table in
            table.belongsTo("message", onDelete: .cascade).notNull()
            table.column("dimension", .text).notNull()
            table.column("value", .double).notNull()
            table.column("reason", .text).notNull()
            table.primaryKey(["messageId", "dimension"])
        }
    }

    private static func createKnowledge(_ database: Database) throws {
        try database.create(table: "knowledge") { table in
            table.autoIncrementedPrimaryKey("rowid")
            table.column("id", .text).notNull().unique()
            table.column("kind", .text).notNull()
            table.column("title", .text).notNull()
            table.column("body", .text).notNull()
            table.column("tags", .text).notNull()
        }
        try database.create(table: "knowledgeSeed") { table in
            table.column("fingerprint", .text).notNull()
        }
        try database.create(virtualTable: "knowledgeIndex", using: FTS5()) { table in
            table.synchronize(withTable: "knowledge")
            table.tokenizer = .porter(wrapping: .unicode61(diacritics: .remove))
            table.column("title")
            table.column("tags")
            table.column("body")
        }
    }
}
