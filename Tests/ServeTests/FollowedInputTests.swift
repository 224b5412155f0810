import Foundation
import GRDB
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("Files and spools of spankit serve", .generousTimeLimit)
struct FollowedInputTests {
    private static func line(_ span: Int) -> String {
        """
        {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"\(PageSample.hex(7, 32))","spanId":"\(PageSample.hex(span, 16))",\
        "name":"work","startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000"}]}]}]}

        """
    }

    private static let log =
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"hello\"}}]}]}]}\n"

    private func spans(_ serve: ServeProcess) async throws -> Int {
        let status = try parsed(try await serve.exchange("GET", "/api/status").text)
        return (status["kept"] as? [String: Any])?["spans"] as? Int ?? -1
    }

    @Test(
        "a file is followed: what is appended is shown, also a line that is written in parts, and what replaces the file"
    )
    func followsFile() async throws {
        let folder = TemporaryFolder("followed")
        let path = folder.path("spans.jsonl")
        let third = Self.line(3)
        try folder.put("spans.jsonl", Array((Self.line(1) + Self.line(2) + third.prefix(40)).utf8))
        let serve = try await ServeProcess([path])
        try await eventually("both whole lines are loaded", try await spans(serve)) { $0 == 2 }
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data((third.dropFirst(40) + Self.log + Self.line(4)).utf8))
        try await eventually("the appended lines are loaded", try await spans(serve)) { $0 == 4 }
        try await eventually("the log record is loaded", try await serve.exchange("GET", "/api/status").text) {
            $0.contains(#""logs":1"#)
        }
        try folder.put("spans.jsonl", Array(Self.line(5).utf8))
        try await eventually("the new file is loaded", try await spans(serve)) { $0 == 5 }
        #expect(serve.error.contains("spans.jsonl: 2 spans"))
        #expect(serve.error.contains("the file was replaced; reading it from its start"))
    }

    @Test("of a file that ends within an object and does not change, the whole spans are shown, with the problem")
    func readsDamagedFile() async throws {
        let folder = TemporaryFolder("damaged")
        try folder.put("spans.jsonl", Array((Self.line(1) + Self.line(2).dropLast(5)).utf8))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3_600)],
            ofItemAtPath: folder.path("spans.jsonl")
        )
        let serve = try await ServeProcess([folder.path("spans.jsonl")])
        try await eventually("both spans are loaded", try await spans(serve)) { $0 == 2 }
        try await eventually("the problem is said", serve.error) { $0.contains("spans.jsonl: line 2, column ") }
    }

    @Test("a file that cannot be read is said in one line, before the server starts")
    func reportsMissingFile() async throws {
        let run = try await Command.run(program: BuiltProducts.url("spankit").path, ["serve", "/nowhere/spans.jsonl"])
        #expect(run.status == 65 && run.output.isEmpty)
        #expect(run.error == "spankit: /nowhere/spans.jsonl: no such file or directory\n")
    }

    @Test("the open spans of a running process are shown with its ended ones, and all of them after kill -9")
    func followsSpool() async throws {
        try await SpoolProducer.run("run", threads: 2) { producer in
            try await eventually("the producer records on both threads", producer.rounds) {
                $0.count == 2 && !$0.contains(0)
            }
            // It waits, so that there is not more to read than a debug build can read while other tests run.
            producer.send(SIGSTOP)
            let serve = try await ServeProcess(["--spool", producer.directory.appending(path: "spool").path])
            let before = producer.rounds.reduce(0, +)
            try await eventually("the ended spans are loaded", try await spans(serve)) { $0 >= before }
            let open = try parsed(try await serve.exchange("GET", "/api/open").text)
            #expect(open["schema"] as? String == "spankit.live/1")
            #expect(open.rows.filter { $0["name"] as? String == "outer" }.count == 2)
            let process = (open["processes"] as? [[String: Any]])?.first
            #expect(process?["service"] as? String == "producer" && process?["is_running"] as? Bool == true)

            producer.send(SIGCONT)
            try await eventually("the producer goes on", producer.rounds.reduce(0, +)) { $0 > before }
            producer.kill()
            let ended = producer.rounds.reduce(0, +)
            try await eventually("all ended spans are loaded", try await spans(serve)) { $0 >= ended }
            // A thread that was killed between the end of a span and its count has one more.
            let all = try await spans(serve)
            #expect(all <= ended + 2)
            // What it was doing when it was killed.
            let last = try parsed(try await serve.exchange("GET", "/api/open").text)
            #expect((last["processes"] as? [[String: Any]])?.first?["is_running"] as? Bool == false)
            #expect(last.rows.filter { $0["name"] as? String == "outer" }.count == 2)
        }
    }

    @Test("spans that a program sends and has in its spool are stored once")
    func storesSentSpansOnce() async throws {
        let folder = TemporaryFolder("sent")
        let spool = folder.path("spool")
        try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: true)
        let producer = BuiltProducts.url("span-producer").path
        // The program has SPANKIT_SPOOL_DIR and the endpoint from the command.
        let serve = try await ServeProcess(
            [
                "--store", folder.path("store.sqlite"), "--spool", spool, "--", producer, "run", folder.path("counter"),
                "1",
            ]
        )
        try await eventually("spans are received", try await spans(serve)) { $0 > 0 }
        try await eventually("the open span is shown", try await serve.exchange("GET", "/api/open").text) {
            $0.contains("\"outer\"")
        }
        serve.send(SIGTERM)
        #expect(try await serve.status() == 128 + SIGTERM)
        let store = try Store(path: folder.path("store.sqlite"))
        let (all, distinct) = try await store.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM span"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM (SELECT DISTINCT trace, span FROM span)")
            )
        }
        #expect(all == distinct)
        store.close()
    }
}
