import Foundation
import GRDB

/// A check of a database file that does not change it.
///
/// Opening the file for writing would create a write-ahead log next to it, even if the file belongs to another program.
struct DatabaseFileCheck {
    let path: String

    func run() throws(CoachDatabaseError) {
        var isDirectory: ObjCBool = false
        let files = FileManager.default
        guard files.fileExists(atPath: path, isDirectory: &isDirectory) else {
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            guard files.fileExists(atPath: directory) else { throw .directoryMissing(path: path) }
            guard files.isWritableFile(atPath: directory) else { throw .noPermission(path: path) }
            return
        }
        if isDirectory.boolValue { throw .isDirectory(path: path) }
        guard files.isReadableFile(atPath: path), files.isWritableFile(atPath: path) else {
            throw .noPermission(path: path)
        }
        guard let file = FileHandle(forReadingAtPath: path), let header = try? file.read(upToCount: 16) ?? Data() else {
            throw .noPermission(path: path)
        }
        try? file.close()
        // To SQLite, an empty file is a new database.
        if header.isEmpty { return }
        guard header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw .notADatabase(path: path, reason: "it has no SQLite header")
        }
        try checkContent()
    }

    private func checkContent() throws(CoachDatabaseError) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            // Without a write-ahead log, no process is writing, and SQLite can read the file as immutable without creating one.
            // With a log, SQLite has to read the log too.
            let isAtRest = !FileManager.default.fileExists(atPath: path + "-wal")
            let mode = isAtRest ? "immutable=1" : "mode=ro"
            let queue = try DatabaseQueue(path: "file:\(escapedPath)?\(mode)", configuration: configuration)
            defer { try? queue.close() }
            try queue.read { database in
                let identifier = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
                let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                guard identifier == CoachDatabase.applicationID || (identifier == 0 && tables == 0) else {
                    throw CoachDatabaseError.foreign(path: path)
                }
                guard version <= CoachDatabase.schemaVersion else {
                    throw CoachDatabaseError.newer(path: path, version: version, supported: CoachDatabase.schemaVersion)
                }
                let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
                guard verdict == "ok" else { throw CoachDatabaseError.notADatabase(path: path, reason: verdict) }
            }
        } catch {
            throw CoachDatabaseError(error, path: path)
        }
    }

    private var escapedPath: String {
        path.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "?", with: "%3f")
            .replacingOccurrences(of: "#", with: "%23")
    }
}
