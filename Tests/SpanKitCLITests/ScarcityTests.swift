import Foundation
import SpanKitTestSupport
import Testing

@Suite("Lack of resources delays spans and loses none", .generousTimeLimit)
struct ScarcityTests {
    @Test("Files of the spool that cannot be opened for lack of descriptors are sent later")
    func noDescriptors() async throws {
        try await withTemporaryDirectory { directory in
            let closed = try RefusedPort()
            let server = try FaultServer(.ok)
            defer { server.stop() }
            let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": closed.url]
            let run = try await SpanKitProcess.run(
                "profile",
                "--export",
                "--spool",
                "spool",
                "--scenario",
                "refinement",
                "--latency-scale",
                "0",
                in: directory,
                environment: environment
            )
            #expect(run.status == 0, "\(run.error)")
            // From too few to start with up to enough for everything.
            for limit in 6...16 {
                let shell = "ulimit -n \(limit); spankit ship --spool spool --timeout 1 --otlp-endpoint \(server.url)"
                let starved = try await SpanKitProcess(shell: shell, in: directory).finish()
                #expect(!starved.error.contains("dropped"), "\(limit): \(starved.error)")
                #expect(
                    !starved.error.contains("there are no spans or log records to send") || !server.requests.isEmpty,
                    "\(limit)"
                )
            }
            let later = try await SpanKitProcess.run(
                "ship",
                "--spool",
                "spool",
                "--otlp-endpoint",
                server.url,
                in: directory
            )
            #expect(later.status == 0, "\(later.error)")
            // Each once, however often a starved process was ended while a body was under way.
            let arrived = server.requests.flatMap { request in
                request.text.matches(of: #/"spanId":"([0-9a-f]{16})"/#).map { String($0.1) }
            }
            #expect(Set(arrived).count == 98)
        }
    }

    @Test("A folder of the spool that cannot be read is reported and gives an error status")
    func refusedFolder() async throws {
        try await withTemporaryDirectory { directory in
            let folder = directory.appending(path: "spool/4711-abc")
            // Also root cannot open a directory for writing.
            try FileManager.default.createDirectory(
                at: folder.appending(path: "lock"),
                withIntermediateDirectories: true
            )
            let ship = try await SpanKitProcess.run(
                "ship",
                "--spool",
                "spool",
                "--otlp-endpoint",
                "http://127.0.0.1:9",
                in: directory
            )
            #expect(ship.status == 73, "\(ship.error)")
            #expect(ship.error.contains("4711-abc/lock: is a directory; the spans there are not sent yet"))
            #expect(!ship.error.contains("there are no spans or log records to send"))
        }
    }

    @Test("A failing receiver gets few requests, whatever wait it asks for")
    func notHammered() async throws {
        for answer in [Answer.unavailable(.seconds(0)), .unavailable(.seconds(1)), .status(503)] {
            try await withTemporaryDirectory { directory in
                let server = try FaultServer(answer)
                defer { server.stop() }
                let profile = try await SpanKitProcess.run(
                    "profile",
                    "--scenario",
                    "refinement",
                    "--latency-scale",
                    "0",
                    "--otlp-file",
                    "t.jsonl",
                    in: directory
                )
                #expect(profile.status == 0, "\(profile.error)")
                let ship = try await SpanKitProcess.run(
                    "ship",
                    "t.jsonl",
                    "--timeout",
                    "2",
                    "--otlp-endpoint",
                    server.url,
                    in: directory
                )
                #expect(ship.status == 69)
                // Waits of at most half a second grow up to that: some ten attempts, more where the dice are short, fewer
                // where the machine is busy.
                #expect((1...60).contains(server.requests.count))
            }
        }
    }

    @Test("A full disk leaves only complete lines")
    func fullDisk() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "t.jsonl")
            let before = String(repeating: "{}\n", count: (16 * 1_024 - 4) * 1_024 / 3)
            try Data(before.utf8).write(to: file)
            let shell = "trap '' XFSZ; ulimit -f \(16 * 1_024); spankit profile --latency-scale 0 --otlp-file t.jsonl"
            let run = try await SpanKitProcess(shell: shell, in: directory).finish()
            #expect(run.error.contains("file too large"), "\(run.error)")
            let after = try String(contentsOf: file, encoding: .utf8)
            #expect(after.hasPrefix(before) && after.hasSuffix("\n"), "\(after.suffix(40))")
        }
    }
}
