import Foundation
import GRDB

/// The SQLite database of a coaching server: sessions, messages, and the knowledge base.
///
/// In a file it uses write-ahead logging, so that readers do not wait for a writer. Opening checks the file before it
/// touches it: whatever cannot be opened stays as it was, byte for byte.
public struct CoachDatabase: Sendable {
    /// Marks a file as ours in SQLite's header: "OKRC".
    static let applicationID: Int32 = 0x4F4B_5243
    /// The version of the tables this program knows.
    static let schemaVersion = 1

    let writer: any DatabaseWriter

    /// A database in memory, gone with the last reference.
    public static func inMemory() throws(CoachDatabaseError) -> CoachDatabase {
        try mapErrors("memory") {
            let queue = try DatabaseQueue(configuration: configuration())
            try prepare(queue)
            return CoachDatabase(writer: queue)
        }
    }

    /// Opens the database in a file, or makes it.
    /// - Throws: ``CoachDatabaseError`` with what to do; the file is then as it was.
    public static func open(path: String) throws(CoachDatabaseError) -> CoachDatabase {
        try DatabaseFileCheck(path: path).run()
        return try mapErrors(path) {
            let pool = try DatabasePool(path: path, configuration: configuration())
            try prepare(pool)
            return CoachDatabase(writer: pool)
        }
    }

    /// Closes all connections; the write-ahead log is written into the file.
    public func close() throws {
        try writer.close()
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // With a write-ahead log, NORMAL loses at most the last transactions on a power cut, never consistency.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        return configuration
    }

    private static func prepare(_ writer: some DatabaseWriter) throws {
        try Schema.migrator.migrate(writer)
        try writer.write { try KnowledgeSeed.install($0) }
    }

    private static func mapErrors<Value>(
        _ path: String,
        _ body: () throws -> Value
    ) throws(CoachDatabaseError) -> Value {
        do {
            return try body()
        } catch {
            throw CoachDatabaseError(error, path: path)
        }
    }
}
