import Foundation
import OKRCoach
import SpanKitCLI

/// The database of one run: the user's file, or a temporary one that goes when the run is over.
struct ProfileDatabase {
    let sessions: SQLiteSessionStore
    let knowledge: SQLiteKnowledgeBase
    /// Whether it goes with the run.
    var isTemporary: Bool { temporaryDirectory != nil }

    private let database: CoachDatabase
    private let temporaryDirectory: URL?

    /// Opens the database in that file, or a temporary one.
    /// - Throws: ``CommandFailure``; a file that cannot be used is left as it was.
    init(path: String?) throws(CommandFailure) {
        temporaryDirectory = path == nil ? try Self.makeTemporaryDirectory() : nil
        let file = path ?? temporaryDirectory?.appending(path: "conversations.sqlite").path ?? ""
        do {
            database = try CoachDatabase.open(path: file)
        } catch {
            if let temporaryDirectory { try? FileManager.default.removeItem(at: temporaryDirectory) }
            throw CommandFailure(
                error.status,
                (path == nil ? "temporary database: " : "--database: ") + error.description
            )
        }
        sessions = SQLiteSessionStore(database)
        knowledge = SQLiteKnowledgeBase(database)
    }

    /// Closes it; a temporary one is removed.
    func close() {
        try? database.close()
        if let temporaryDirectory { try? FileManager.default.removeItem(at: temporaryDirectory) }
    }

    private static func makeTemporaryDirectory() throws(CommandFailure) -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "spankit-\(UUID().uuidString.lowercased())"
        )
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            return directory
        } catch {
            throw CommandFailure(
                .cannotCreate,
                "a temporary database cannot be created in \(FileManager.default.temporaryDirectory.path): set TMPDIR, or name a file with --database"
            )
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
