import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("spankit live", .generousTimeLimit)
struct LiveTests {
    /// A process that records continuously, with one open span "outer" on each of two threads and no receiver.
    private func withProducer(_ body: (SpoolProducer) async throws -> Void) async throws {
        try await SpoolProducer.run("run", threads: 2) { producer in
            try await eventually("the producer records on both threads", producer.rounds) {
                $0.count == 2 && !$0.contains(0)
            }
            try await body(producer)
        }
    }

    /// What the threads of a process do, as Linux abbreviates it: T when they have been stopped.
    private func states(of process: Process) -> Set<Character> {
        let folder = "/proc/\(process.processIdentifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            threads.compactMap { thread in
                let status = FileManager.default.contents(atPath: "\(folder)/\(thread)/stat") ?? Data()
                // The name before it may hold spaces and parentheses.
                return String(decoding: status, as: UTF8.self).split(separator: ") ").last?.first
            }
        )
    }

    private struct Frame: Decodable {
        var timeUnixNs: Int64
        var processes: [Told]
        var rows: [Row]

        struct Row: Decodable {
            var depth: Int
            var name: String
            var ageNs: UInt64
            var attributes: Attributes

            struct Attributes: Decodable {
                var thread: Int?
            }
        }
    }

    private struct Told: Decodable {
        var processId: Int32
        var service: String
        var isRunning: Bool
        var logBytes: Int
        var destinations: [Destination]?

        struct Destination: Decodable {
            var name: String
            var isFailing: Bool
            var deliveredCount: UInt64
            var waitingCount: UInt64
            var inFlightCount: UInt64
            var droppedCount: UInt64
            var droppedByReason: [String: UInt64]
        }
    }

    /// The one process of the spool, for programs.
    private func frame(_ directory: URL) async throws -> Frame {
        let run = try await SpanKitProcess.run(
            "live",
            "--spool",
            "spool",
            "--once",
            "--format",
            "json",
            in: directory
        )
        return try Self.frame(run.output)
    }

    private static func frame(_ line: some StringProtocol) throws -> Frame {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Frame.self, from: Data(line.utf8))
    }

    @Test("A running process with its open spans, their ages and ended operations")
    func running() async throws {
        try await withProducer { producer in
            let (directory, process) = (producer.directory, producer.process)
            let frame = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            #expect(frame.status == 0, "\(frame.error)")
            #expect(frame.output.hasPrefix("producer (process \(process.processIdentifier))"))
            #expect(frame.output.contains("\ninner "), "\(frame.output)")
            #expect(!frame.output.contains("\u{1B}"), "no colours without a terminal")

            /// Of the span of each thread.
            func ages() async throws -> [UInt64] {
                let frame = try await self.frame(directory)
                let outer = frame.rows.filter { $0.name == "outer" }
                    .sorted { $0.attributes.thread ?? 0 < $1.attributes.thread ?? 0 }
                #expect(outer.map(\.attributes.thread) == [0, 1])
                let told = try #require(frame.processes.first)
                #expect(told.processId == process.processIdentifier)
                #expect(told.service == "producer" && told.isRunning)
                return outer.map(\.ageNs)
            }
            let first = try await ages()
            let second = try await ages()
            #expect(zip(first, second).allSatisfy { $0 < $1 }, "they grow older: \(first), \(second)")
            let before = producer.rounds
            try await eventually("the process goes on", producer.rounds) { $0 != before }
        }
    }

    @Test("Without --once, JSON is a line for each frame")
    func lines() async throws {
        try await withProducer { producer in
            let directory = producer.directory
            let arguments = ["live", "--spool", "spool", "--format", "json", "--interval", "0.1"]
            let run = try SpanKitProcess(arguments, in: directory)
            try run.start()
            try await run.waitForOutput("two frames are printed") { $0.count { $0 == "\n" } >= 2 }
            run.send(SIGINT)
            let lines = try await run.end().output.split(separator: "\n")
            let frames = try lines.map { try Self.frame($0) }
            #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.timeUnixNs < $1.timeUnixNs })
            #expect(frames.allSatisfy { $0.processes.count == 1 })
        }
    }

    @Test("The process reports waiting spans and an unavailable receiver")
    func export() async throws {
        try await withProducer { producer in
            let directory = producer.directory
            func frame() async throws -> String {
                try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory).output
            }
            let output = try await eventually("an unavailable receiver is reported", try await frame()) {
                $0.contains("receiver unavailable")
            }
            let lines = output.split(separator: "\n")
            let row = try #require(lines.first { $0.hasPrefix("traces → http://127.0.0.1:") }, "\(output)")
            #expect(row.split(separator: " ").map(String.init)[3] == "0", "nothing was sent: \(row)")
            let told = try #require(
                try await self.frame(directory).processes.first?.destinations?.first,
                "programs are told the same"
            )
            #expect(told.name.hasPrefix("traces → http://127.0.0.1:") && told.isFailing && told.deliveredCount == 0)
            #expect(told.waitingCount + told.inFlightCount + told.droppedCount > 0)
            #expect(told.droppedByReason.values.reduce(0, +) == told.droppedCount)
        }
    }

    @Test(
        "Watching does not change a process's files; an ended process is shown as ended"
    )
    func withoutEffect() async throws {
        try await withProducer { producer in
            let (directory, process) = (producer.directory, producer.process)
            kill(process.processIdentifier, SIGSTOP)
            func files() throws -> [String: Data] {
                let spool = directory.appending(path: "spool").path
                let names = try FileManager.default.subpathsOfDirectory(atPath: spool)
                return Dictionary(
                    uniqueKeysWithValues: names.map {
                        ($0, FileManager.default.contents(atPath: "\(spool)/\($0)") ?? Data())
                    }
                )
            }
            try await eventually("every thread has stopped", states(of: process)) { $0 == ["T"] }
            let before = try files()
            let look = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            #expect(look.output.contains("outer"))
            #expect(try files() == before)
            producer.kill()
            let after = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            #expect(after.output.contains("ended · "), "\(after.output)")
        }
    }

    @Test("Without a terminal, frames are printed until Ctrl-C, which gives status 0")
    func inTurn() async throws {
        try await withProducer { producer in
            let directory = producer.directory
            let live = try SpanKitProcess(
                ["live", "--interval", "0.1"],
                in: directory,
                environment: ["SPANKIT_SPOOL_DIR": "spool"]
            )
            try live.start()
            try await live.waitForOutput("frames follow one another") {
                $0.components(separatedBy: "producer (process").count > 3
            }
            live.send(SIGINT)
            let outcome = try await live.end()
            #expect(outcome.status == 0, "\(outcome.error)")
        }
    }

    @Test("On a terminal the view is updated in place, q ends it, and the terminal is restored")
    func onTerminal() async throws {
        try await withProducer { producer in
            let directory = producer.directory
            // What is typed comes through a pipe that stays open until the end.
            let live = try SpanKitProcess(
                shell: "declare -fx spankit; mkfifo keys; exec 3<> keys; SHELL=$(command -v bash) timeout 170 "
                    + "script -qec 'stty rows 30 cols 90; spankit live --spool spool --interval 0.2; echo status $?; stty -a' "
                    + "/dev/null < keys",
                in: directory,
                environment: ["TERM": "xterm"]
            )
            try live.start()
            try await live.waitForOutput("three frames are drawn") { $0.components(separatedBy: "\u{1B}[H").count > 3 }
            let keys = try FileHandle(forWritingTo: directory.appending(path: "keys"))
            try keys.write(contentsOf: Data("q".utf8))
            let run = try await live.end()
            #expect(run.output.contains("\u{1B}[?1049h"), "\(run.output) \(run.error)")
            #expect(run.output.components(separatedBy: "\u{1B}[H").count > 2, "more than one frame")
            let after = run.output.components(separatedBy: "\u{1B}[?1049l")
            #expect(after.count == 2)
            #expect(after.last?.contains("status 0") == true)
            #expect(after.last?.contains(" icanon") == true && after.last?.contains(" echo ") == true)
        }
    }

    @Test("A frame replaces the previous one line by line without clearing the screen")
    func drawing() {
        #expect(
            LiveScreen.sequence("a\nb\nc\n", height: 2)
                == "\u{1B}[?2026h\u{1B}[Ha\u{1B}[K\r\nb\u{1B}[K\u{1B}[J\u{1B}[?2026l"
        )
    }

    @Test("The spans of an ended process are counted, with the command that sends them")
    func leftBehind() async throws {
        try await withTemporaryDirectory { directory in
            let refused = try RefusedPort()
            let run = try await SpanKitProcess.run(
                "profile",
                "--scenario",
                "1",
                "--latency-scale",
                "0",
                "--quiet",
                "--spool",
                "sp",
                "--otlp-endpoint",
                refused.url,
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let frame = try await SpanKitProcess.run("live", "--spool", "sp", "--once", in: directory)
            #expect(frame.status == 0)
            #expect(
                frame.output.contains(
                    "42 spans wait in files of 1 process that ended. Send them with 'spankit ship --spool sp'."
                ),
                "\(frame.output)"
            )
            let server = try FaultServer(.ok)
            defer { server.stop() }
            _ = try await SpanKitProcess.run("ship", "--spool", "sp", "--otlp-endpoint", server.url, in: directory)
            let empty = try await SpanKitProcess.run("live", "--spool", "sp", "--once", in: directory)
            #expect(!empty.output.contains("ended"))
        }
    }

    @Test("The errors of spankit live are one line")
    func bad() async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(
                at: directory.appending(path: "spool/1-a"),
                withIntermediateDirectories: true
            )
            for (arguments, status, message) in [
                (
                    ["--spool", "nowhere", "--once"], Int32(65),
                    "nowhere: no such directory; "
                        + "give the directory of a spool"
                ),
                (["--once"], 64, "give --spool DIR or set SPANKIT_SPOOL_DIR"),
                (
                    ["--spool", "spool", "--pid", "1", "--once"], 65,
                    "spool: "
                        + "process 1 does not record into this spool; leave out --pid to list the processes"
                ),
                (["--spool", "spool", "--interval", "0"], 64, "--interval: 0.0 is not a number of seconds"),
                (["--spool", "spool", "--format", "csv"], 64, "--format csv needs --once"),
            ] {
                let run = try await SpanKitProcess(["live"] + arguments, in: directory).finish()
                #expect(run.status == status, "\(arguments)")
                #expect(run.error.contains(message), "\(run.error)")
                #expect(run.error.count { $0 == "\n" } == 1)
            }
            let empty = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            #expect(empty.status == 0)
            #expect(empty.output.hasPrefix("No process records into this directory."))
            try Data("not a region".utf8).write(to: directory.appending(path: "spool/1-a/region"))
            let damaged = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            #expect(
                damaged.error
                    == "spankit: spool/1-a/region: is not a SpanKit recording, or its first bytes are damaged\n"
            )
        }
    }
}
