import Foundation
import OKRCoach
import SpanKitCLI

/// The database of a run: a file of the user, or a temporary file that is removed after the run.
struct ProfileDatabase {
    let sessions: SQLiteSessionStore
    let knowledge: SQLiteKnowledgeBase
    /// Whether the database is removed after the run.
    var isTemporary: Bool { temporaryDirectory != nil }

    private let database: CoachDatabase
    private let temporaryDirectory: URL?

    /// Opens the database in a file, or a temporary one if the path is nil.
    /// - Throws: ``CommandFailure``. A file that cannot be used is unchanged.
    init(path: String?) throws(CommandFailure) {
        temporaryDirectory = path == nil ? try Self.makeTemporaryDirectory() : nil
        let file = path ?? temporaryDirectory?.appending(path: "conversations.sqlite").path ?? ""
        do {
            database = try CoachDatabase.open(path: file)
        } catch {
            if let temporaryDirectory { try? FileManager.default.removeItem(at: temporaryDirectory) }
            throw CommandFailure(error.status, "\(path == nil ? "temporary database" : "--database"): \(error)")
        }
        sessions = SQLiteSessionStore(database)
        knowledge = SQLiteKnowledgeBase(database)
    }

    /// Closes the database and removes it if it is temporary.
    func close() {
        try? database.close()
        if let temporaryDirectory { try? FileManager.default.removeItem(at: temporaryDirectory) }
    }

    private static func makeTemporaryDirectory() throws(CommandFailure) -> URL {
        let parent = FileManager.default.temporaryDirectory
        let directory = parent.appending(path: "spankit-\(UUID().uuidString.lowercased())")
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            return directory
        } catch {
            let problem = "a temporary database cannot be created in \(parent.path)"
            throw CommandFailure(.cannotCreate, "\(problem): set TMPDIR, or name a file with --database")
        }
    }
}

extension CoachDatabaseError {
    fileprivate var status: ExitStatus {
        switch self {
        case .isDirectory, .noPermission, .notADatabase, .foreign, .newer: .data
        case .directoryMissing, .diskFull: .cannotCreate
        case .locked: .unavailable
        case .other: .internalError
        }
    }
}
