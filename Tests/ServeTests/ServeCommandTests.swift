import Foundation
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("The command spankit serve", .generousTimeLimit)
struct ServeCommandTests {
    private static func spans(_ numbers: Range<Int>, trace: Int) -> [UInt8] {
        let spans = numbers.map { number in
            """
            {"traceId":"\(String(format: "%032x", trace))","spanId":"\(String(format: "%016x", number + 1))","name":"work",\
            "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000"}
            """
        }
        return Array("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[\(spans.joined(separator: ","))]}]}]}".utf8)
    }

    private static let json = ["Content-Type: application/json"]

    @Test("says three lines, ends with 0 after SIGTERM, and removes a temporary store")
    func startsAndEnds() async throws {
        let serve = try await ServeProcess([])
        let lines = serve.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(
            lines[0] == "export OTEL_EXPORTER_OTLP_ENDPOINT=\(serve.url) OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        )
        #expect(lines[1] == "open \(serve.url)/")
        #expect(lines[2].hasPrefix("stores in ") && lines[2].contains("at most 2 GB and 7 days"))
        let sent = try await serve.exchange("POST", "/v1/traces", headers: Self.json, body: Self.spans(0..<3, trace: 1))
        #expect(sent.status == 200)
        #expect(!serve.storeNames.isEmpty)
        serve.send(SIGTERM)
        #expect(try await serve.status() == 0)
        #expect(serve.storeNames.isEmpty)
    }

    @Test(
        "the folder of a temporary store is printed without double slashes",
        arguments: [
            (["XDG_RUNTIME_DIR": "/run/user/7/", "TMPDIR": "/var/tmp"], "/run/user/7/spankit"),
            (["XDG_RUNTIME_DIR": "", "TMPDIR": "/var/tmp//"], "/var/tmp/spankit-\(getuid())"),
            (["TMPDIR": "/"], "/spankit-\(getuid())"), ([:], "/tmp/spankit-\(getuid())"),
        ]
    )
    func placesStore(environment: [String: String], folder: String) {
        #expect(StorePlace.folder(environment) == folder)
    }

    @Test("a port in use is said in one line")
    func reportsPort() async throws {
        let first = try await ServeProcess([])
        let second = try await Command.run(
            program: BuiltProducts.url("spankit").path,
            ["serve", "--port", "\(first.port)"]
        )
        #expect(second.status == 69)
        #expect(second.error.contains("port \(first.port) is in use"))
        #expect(second.error.split(separator: "\n").count == 1)
        #expect(second.output.isEmpty)
    }

    @Test(
        "wrong usage is refused before anything is created",
        arguments: [
            ["--listen", "0.0.0.0"], ["--token", "short"], ["--port", "70000"], ["--max-size", "1"],
            ["--listen", "0.0.0.0", "--token", "with space in it; x"],
        ]
    )
    func refusesUsage(arguments: [String]) async throws {
        let run = try await Command.run(program: BuiltProducts.url("spankit").path, ["serve"] + arguments)
        #expect(run.status == 64)
        #expect(run.error.split(separator: "\n").count == 1)
    }

    @Test("a program gets the endpoint, keeps its standard output, and gives its status")
    func runsProgram() async throws {
        let folder = TemporaryFolder("program")
        let script = "echo \"$OTEL_EXPORTER_OTLP_ENDPOINT $OTEL_EXPORTER_OTLP_PROTOCOL\"; exit 7"
        let run = try await Command.run(
            program: BuiltProducts.url("spankit").path,
            ["serve", "--port", "0", "--", "sh", "-c", script],
            environment: ["XDG_RUNTIME_DIR": folder.path]
        )
        #expect(run.status == 7)
        #expect(run.output.hasPrefix("http://127.0.0.1:") && run.output.hasSuffix(" http/protobuf\n"))
        #expect(run.output.split(separator: "\n").count == 1)
        let missing = try await Command.run(
            program: BuiltProducts.url("spankit").path,
            ["serve", "--port", "0", "--", "/nowhere/program"],
            environment: ["XDG_RUNTIME_DIR": folder.path]
        )
        #expect(missing.status == 64)
        #expect(missing.error.contains("/nowhere/program: cannot be started"))
    }

    @Test("a program gets the token of a server that needs one")
    func givesToken() async throws {
        let folder = TemporaryFolder("program")
        let token = "0123456789abcdef0123"
        // curl reads the header from the variable as an SDK does.
        let script = """
            curl -s -o /dev/null -w '%{http_code}' -H "$(echo "$OTEL_EXPORTER_OTLP_HEADERS" | sed 's/=/: /; s/%20/ /')" \
            "$OTEL_EXPORTER_OTLP_ENDPOINT/api/status"
            """
        let run = try await Command.run(
            program: BuiltProducts.url("spankit").path,
            ["serve", "--port", "0", "--token", token, "--", "sh", "-c", script],
            environment: ["XDG_RUNTIME_DIR": folder.path]
        )
        #expect(run.status == 0 && run.output == "200")
        #expect(run.error.contains("OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20\(token)"))
    }

    @Test("a signal is passed on to the program, and its status is that of the program")
    func forwardsSignal() async throws {
        let serve = try await ServeProcess([
            "--", "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done",
        ])
        try await eventually("the program runs", serve.output) { $0.contains("ready") }
        serve.send(SIGTERM)
        #expect(try await serve.status() == 9)
    }

    @Test("files are loaded: spans, log records and metrics")
    func loadsFiles() async throws {
        let folder = TemporaryFolder("files")
        let log = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"hello\"}}]}]}]}\n"
        try folder.put("all.jsonl", Self.spans(0..<5, trace: 3) + Array("\n\(log)".utf8))
        let serve = try await ServeProcess([folder.path("all.jsonl")])
        try await eventually("all is loaded", try await serve.exchange("GET", "/api/status").text) {
            $0.contains(#""kept":{"traces":1,"spans":5,"logs":1,"points":0,"#)
        }
    }

    @Test("killed 20 times while it receives, it has every acknowledged span after the restart")
    func survivesKills() async throws {
        let folder = TemporaryFolder("kills")
        let file = folder.path("store.sqlite")
        let acknowledged = Locked<Set<Int>>([])
        for round in 0..<20 {
            let serve = try await ServeProcess(["--store", file])
            // Four senders, until the process is gone.
            let count = Locked(0)
            await withTaskGroup(of: Void.self) { senders in
                for sender in 0..<4 {
                    senders.addTask {
                        for number in 0..<10_000 {
                            let trace = (round * 4 + sender) * 10_000 + number + 1
                            let answer = try? await serve.exchange(
                                "POST",
                                "/v1/traces",
                                headers: Self.json,
                                body: Self.spans(0..<20, trace: trace)
                            )
                            guard let answer, answer.status == 200 else { return }
                            _ = acknowledged.withLock { $0.insert(trace) }
                            let total = count.withLock { count in
                                count += 1
                                return count
                            }
                            if total == 12 + round { serve.send(SIGKILL) }
                        }
                    }
                }
            }
            #expect(try await serve.status() == 128 + SIGKILL)
        }
        let store = try Store(path: file)
        let expected = acknowledged.withLock { $0 }
        #expect(expected.count >= 20 * 12)
        for trace in expected {
            let id = (0..<16).reversed().map { $0 < 8 ? UInt8(truncatingIfNeeded: trace >> ($0 * 8)) : 0 }
            let data = try await store.traceData(id)
            #expect(try OTLPRequest(.traces, data ?? []).acceptedCount == 20, "trace \(trace)")
        }
        // Counts and histograms are those of the rows.
        let counts = store.counts
        #expect(counts.spans == counts.receivedSpans)
        #expect(counts.spans == counts.traces * 20)
        store.close()
    }
}
