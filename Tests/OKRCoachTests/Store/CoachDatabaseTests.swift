import Foundation
import GRDB
import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("Files that cannot be opened are named and left unchanged")
struct CoachDatabaseTests {
    let folder = TemporaryFolder()

    private func refuses(
        _ path: String,
        _ expected: (CoachDatabaseError) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = FileManager.default.contents(atPath: path)
        let error = #expect(throws: CoachDatabaseError.self, sourceLocation: sourceLocation) {
            try CoachDatabase.open(path: path)
        }
        if let error { #expect(expected(error), "\(error)", sourceLocation: sourceLocation) }
        #expect(error?.description.contains(path) == true, sourceLocation: sourceLocation)
        #expect(
            FileManager.default.contents(atPath: path) == before,
            "the file was changed",
            sourceLocation: sourceLocation
        )
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"), sourceLocation: sourceLocation)
    }

    @Test("A text file")
    func text() throws {
        let path = folder.path("notes.txt")
        try Data("Dear diary, this is not a database at all.".utf8).write(to: URL(fileURLWithPath: path))
        try refuses(path) { if case .notADatabase = $0 { true } else { false } }
    }

    @Test("A damaged database", arguments: [0.3, 0.5, 0.7])
    func damaged(place: Double) async throws {
        let path = folder.path("damaged.sqlite")
        let database = try CoachDatabase.open(path: path)
        let store = SQLiteSessionStore(database)
        for number in 0..<50 {
            try await store.create(Session(id: "\(number)", user: UserContext(), createdAtUnixNanoseconds: 1))
        }
        try database.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let start = Int(Double(bytes.count) * place) / 4_096 * 4_096
        bytes.replaceSubrange(start..<start + 4_096, with: Data(repeating: 0xA5, count: 4_096))
        try bytes.write(to: URL(fileURLWithPath: path))
        try refuses(path) { if case .notADatabase = $0 { true } else { false } }
    }

    @Test("A truncated database")
    func truncated() throws {
        let path = folder.path("short.sqlite")
        try CoachDatabase.open(path: path).close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count / 3).write(to: URL(fileURLWithPath: path))
        try refuses(path) { if case .notADatabase = $0 { true } else { false } }
    }

    @Test("A database of another program")
    func foreign() throws {
        let path = folder.path("foreign.sqlite")
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        try queue.close()
        try refuses(path) { $0 == .foreign(path: path) }
    }

    @Test("A database of a newer version")
    func newer() throws {
        let path = folder.path("newer.sqlite")
        try CoachDatabase.open(path: path).close()
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA user_version = 99")
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()
        try refuses(path) { $0 == .newer(path: path, version: 99, supported: 1) }
    }

    @Test("A directory, and a path in a directory that does not exist")
    func directories() throws {
        #expect(throws: CoachDatabaseError.isDirectory(path: folder.path)) { try CoachDatabase.open(path: folder.path) }
        let missing = folder.path("missing/coach.sqlite")
        #expect(throws: CoachDatabaseError.directoryMissing(path: missing)) { try CoachDatabase.open(path: missing) }
    }

    @Test("An empty file and a new path become databases")
    func fresh() throws {
        let path = folder.path("new.sqlite")
        try Data().write(to: URL(fileURLWithPath: path))
        try CoachDatabase.open(path: path).close()
        try CoachDatabase.open(path: path).close()
        try CoachDatabase.open(path: folder.path("with space ? and # and %.sqlite")).close()
    }
}
