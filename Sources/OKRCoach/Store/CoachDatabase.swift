import Foundation
import GRDB

/// The SQLite database of a coaching server: sessions, messages, and the knowledge base.
///
/// A database file uses write-ahead logging, so readers do not wait for a writer. A file that cannot be opened is left
/// unchanged.
public struct CoachDatabase: Sendable {
    /// The application id in the header of the SQLite file: "OKRC".
    static let applicationID: Int32 = 0x4F4B_5243
    /// The version of the tables that this program writes, and the newest that it reads.
    static let schemaVersion = 1

    let writer: any DatabaseWriter

    /// Creates a database in memory. It is freed with the last reference to it.
    public static func inMemory() throws(CoachDatabaseError) -> CoachDatabase {
        try mapErrors("memory") {
            let queue = try DatabaseQueue(configuration: configuration())
            try prepare(queue)
            return CoachDatabase(writer: queue)
        }
    }

    /// Opens the database in a file, or creates the file.
    /// - Throws: ``CoachDatabaseError``; the file is then unchanged.
    public static func open(path: String) throws(CoachDatabaseError) -> CoachDatabase {
        try DatabaseFileCheck(path: path).run()
        return try mapErrors(path) {
            let pool = try DatabasePool(path: path, configuration: configuration())
            try prepare(pool)
            return CoachDatabase(writer: pool)
        }
    }

    /// Writes the write-ahead log into the file and closes all connections.
    public func close() throws {
        try writer.close()
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // With a write-ahead log, a power cut loses at most the last transactions; the database stays consistent.
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
