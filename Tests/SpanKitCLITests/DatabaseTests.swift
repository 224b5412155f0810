import Foundation
import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("spankit profile --database")
struct DatabaseTests {
    @Test("A database file is created, kept and reused")
    func kept() async throws {
        try await withTemporaryDirectory { directory in
            for _ in 1...2 {
                let outcome = try await SpanKitProcess.run(
                    "profile",
                    "--latency-scale",
                    "0",
                    "--scenario",
                    "1",
                    "--database",
                    "coach.sqlite",
                    in: directory
                )
                #expect(outcome.status == 0, "\(outcome.error)")
            }
            let size =
                try FileManager.default.attributesOfItem(
                    atPath: directory.appending(path: "coach.sqlite").path
                )[.size] as? Int
            #expect(size ?? 0 > 0)
            let results = try ProfilingResults(contentsOf: try #require(try resultsFiles(in: directory).first).path)
            #expect(results.options.database == "file")
        }
    }

    @Test("A temporary database is removed after the run, even if it was interrupted")
    func temporary() async throws {
        try await withTemporaryDirectory { directory in
            let temporary = directory.appending(path: "tmp")
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: false)
            let environment = ["TMPDIR": temporary.path]
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--latency-scale",
                "0",
                "--scenario",
                "1",
                in: directory,
                environment: environment
            )
            #expect(outcome.status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])

            let run = try SpanKitProcess(
                ["profile", "--latency-scale", "0.5"],
                in: directory,
                environment: environment
            )
            try run.start()
            try await run.waitForError(containing: "scenario 1,")
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).count == 1)
            run.send(SIGTERM)
            #expect(try await run.end().status == 143)
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
        }
    }

    @Test(
        "A file that is not a database is rejected and not changed",
        arguments: [
            "this is a letter, not a database",
            "SQLite format 3\0 and then nonsense " + String(repeating: "x", count: 5_000),
        ]
    )
    func corrupt(content: String) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "letter.txt")
            try Data(content.utf8).write(to: file)
            let outcome = try await SpanKitProcess.run("profile", "--database", "letter.txt", in: directory)
            #expect(outcome.status == 65)
            #expect(
                outcome.error.hasPrefix("spankit: --database: letter.txt is not a usable SQLite database"),
                "\(outcome.error)"
            )
            #expect(outcome.error.count { $0 == "\n" } == 1)
            #expect(try Data(contentsOf: file) == Data(content.utf8))
            let visible = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter {
                !$0.hasPrefix(".")
            }
            #expect(visible == ["letter.txt"], "nothing was put beside it")
        }
    }

    @Test(
        "The errors for a directory and for a missing directory differ",
        arguments: [(".", 65), ("no/where.sqlite", 73)]
    )
    func impossible(path: String, status: Int) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("profile", "--database", path, in: directory)
            #expect(outcome.status == Int32(status))
            #expect(outcome.error.count { $0 == "\n" } == 1)
            #expect(outcome.error.hasPrefix("spankit: --database: "))
        }
    }

    @Test("The error for a missing temporary directory names it")
    func noTemporaryDirectory() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                in: directory,
                environment: ["TMPDIR": directory.path + "/missing"]
            )
            #expect(outcome.status == 73)
            #expect(outcome.error.contains("set TMPDIR, or name a file with --database"))
        }
    }
}
