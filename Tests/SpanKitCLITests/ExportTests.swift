import Foundation
import SpanKitShipping
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("A run's spans reach real receivers", .generousTimeLimit)
struct ExportTests {
    @Test("rotel receives every span of the run once, with its parent", .needs(.rotel))
    func rotel() async throws {
        let receiver = try await Receiver.rotel()
        defer { receiver.stop() }
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--export",
                "--latency-scale",
                "0",
                "--quiet",
                in: directory,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url]
            )
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.error.contains("546 of 546 spans delivered"))
            try Self.check(try await receiver.spans(atLeast: 546))
        }
    }

    @Test("The Datadog test agent receives them as protobuf", .needs(.ddapm))
    func testAgent() async throws {
        let receiver = try await Receiver.ddapm()
        defer { receiver.stop() }
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--export",
                "--latency-scale",
                "0",
                "--quiet",
                in: directory,
                environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                ]
            )
            #expect(outcome.status == 0, "\(outcome.error)")
            try Self.check(try await receiver.spans(atLeast: 546))
            let calls = try receiver.attributes(ofSpansNamed: "step_7_claude_api_call")
            #expect(calls.count == 39)
            #expect(Set(calls.compactMap { $0["gen_ai.conversation.id"] }).count == 8, "one for each scenario")
            for call in calls {
                #expect(call["gen_ai.operation.name"] == "chat" && call["gen_ai.request.model"]?.isEmpty == false)
                #expect(call["gen_ai.provider.name"]?.isEmpty == false && call["gen_ai.response.finish_reasons"] != nil)
                #expect(call["gen_ai.usage.input_tokens"].flatMap { Int($0) } ?? 0 > 0)
                #expect(call["gen_ai.usage.output_tokens"].flatMap { Int($0) } ?? 0 > 0)
                #expect(call["gen_ai.response.time_to_first_chunk"].flatMap { Double($0) } ?? -1 > 0)
            }
        }
    }

    /// 39 messages of fourteen spans each: thirteen steps below one whole.
    private static func check(_ spans: [ReceivedSpan]) throws {
        #expect(spans.count == 546)
        #expect(Set(spans.map(\.spanID)).count == 546, "none twice")
        let roots = spans.filter { $0.parentSpanID.isEmpty || $0.parentSpanID == "0000000000000000" }
        #expect(roots.count == 39)
        #expect(roots.allSatisfy { $0.name == "conversation_processing_total" })
        let byID = Dictionary(uniqueKeysWithValues: spans.map { ($0.spanID, $0) })
        for span in spans where !roots.contains(span) {
            let parent = try #require(byID[span.parentSpanID])
            #expect(parent.name == "conversation_processing_total")
            #expect(parent.traceID == span.traceID)
            #expect(span.startNanoseconds >= parent.startNanoseconds && span.endNanoseconds <= parent.endNanoseconds)
        }
    }

    @Test("Without a receiver the run is complete, and the spans stay in the spool for 'ship'")
    func noReceiver() async throws {
        let closed = try RefusedPort()
        let server = try FaultServer(.ok)
        defer { server.stop() }
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--export",
                "--latency-scale",
                "0",
                "--spool",
                "spool",
                in: directory,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": closed.url]
            )
            #expect(run.status == 0, "\(run.error)")
            #expect(run.output.contains("Bottlenecks"))
            #expect(run.error.components(separatedBy: "trying again").count == 2, "one line")
            #expect(run.error.contains("0 of 546 spans delivered, 546 wait in spool"))
            let ship = try await SpanKitProcess.run(
                "ship",
                "--spool",
                "spool",
                "--otlp-endpoint",
                server.url,
                in: directory
            )
            #expect(ship.status == 0, "\(ship.error)")
            #expect(ship.error.contains("546 of 546 spans delivered"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/spool").isEmpty)
            let nothing = try await SpanKitProcess.run(
                "ship",
                "--spool",
                "spool",
                "--otlp-endpoint",
                server.url,
                in: directory
            )
            #expect(nothing.status == 0)
            #expect(nothing.error.contains("there are no spans or log records to send"))
        }
    }

    @Test("A spool that cannot be opened keeps nothing, and the output does not claim it")
    func noSpool() async throws {
        let closed = try RefusedPort()
        try await withTemporaryDirectory { directory in
            try Data().write(to: directory.appending(path: "file"))
            let run = try await SpanKitProcess.run(
                "profile",
                "--export",
                "--scenario",
                "1",
                "--latency-scale",
                "0",
                "--quiet",
                "--export-timeout",
                "0.2",
                in: directory,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": closed.url, "SPANKIT_SPOOL_DIR": "file"]
            )
            #expect(run.error.contains("spool: file: not a directory; undelivered spans are kept in memory only"))
            #expect(run.error.contains("0 of 42 spans delivered, 42 not delivered: failed to connect"), "\(run.error)")
        }
    }

    @Test(
        "Without a receiver at the default endpoint, the end of the run does not wait",
        .enabled(
            if: !AddressCheck.checkAll(host: "localhost", port: 4_318).checks.contains { $0.problem == nil },
            "something listens on port 4318 of this machine"
        )
    )
    func defaultEndpointAbsent() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--export",
                "--scenario",
                "1",
                "--latency-scale",
                "0",
                "--quiet",
                "--export-timeout",
                "86400",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            #expect(run.error.contains("nothing listens at the default endpoint; start a collector or set"))
            #expect(run.error.contains("0 of 42 spans delivered, 42 not delivered"), "\(run.error)")
        }
    }

    @Test("'ship' gives up in time if the receiver hangs, asks for an hour, or is a web page")
    func shipDeadline() async throws {
        try await withTemporaryDirectory { directory in
            let line =
                #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","#
                + #""spanId":"0102030405060708","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}"#
            try Data(line.utf8).write(to: directory.appending(path: "t.jsonl"))
            let cases: [(answer: Answer, timeout: String, outcome: String)] = [
                (.neverAnswer, "3", "0 of 1 span delivered, 1 sent, not acknowledged (may have arrived)"),
                (
                    .unavailable(.seconds(3_600), status: 429), "3000",
                    "1 not delivered: status 429; the receiver asks to wait 1 h 0 m"
                ),
                (
                    .text(200, "<html>", type: "text/html"), "30",
                    "1 not delivered: status 200, a web page instead of an OTLP answer"
                ),
            ]
            for (answer, timeout, outcome) in cases {
                let server = try FaultServer(answer)
                defer { server.stop() }
                let ship = try await SpanKitProcess.run(
                    "ship",
                    "t.jsonl",
                    "--timeout",
                    timeout,
                    "--otlp-endpoint",
                    server.url,
                    in: directory
                )
                #expect(ship.status == 69)
                #expect(ship.error.contains(outcome), "\(ship.error)")
                if timeout == "3000" { #expect(server.requests.count == 1, "never before Retry-After") }
            }
            for bad in ["-1", "inf", "86401"] {
                let ship = try await SpanKitProcess.run("ship", "t.jsonl", "--timeout", bad, in: directory)
                #expect(ship.status == 64)
                #expect(ship.error.contains("is not a number of seconds from 0 to 86400"), "\(ship.error)")
            }
        }
    }

    @Test("A run's file can be sent later, plain, compressed or piped; cut lines are reported")
    func files() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--otlp-file",
                "t.jsonl",
                "--scenario",
                "1",
                "--latency-scale",
                "0",
                "--quiet",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let file = directory.appending(path: "t.jsonl")
            let bytes = [UInt8](try Data(contentsOf: file))
            try Data(Gzip.compress(bytes)).write(to: directory.appending(path: "t.jsonl.gz"))
            let ship = try await SpanKitProcess.run(
                "ship",
                "t.jsonl",
                "t.jsonl.gz",
                "--otlp-endpoint",
                server.url,
                in: directory
            )
            #expect(ship.status == 0, "\(ship.error)")
            #expect(ship.error.contains("84 of 84 spans delivered"))
            try Data(bytes + bytes.prefix(400)).write(to: file)
            let torn = try await SpanKitProcess.run("ship", "t.jsonl", "--otlp-endpoint", server.url, in: directory)
            #expect(torn.status == 65)
            #expect(torn.error.contains("t.jsonl: line 2, column"))
            #expect(torn.error.contains("42 of 42 spans delivered"))
            let missing = try await SpanKitProcess.run(
                "ship",
                "none.jsonl",
                "--otlp-endpoint",
                server.url,
                in: directory
            )
            #expect(missing.status == 65)
            #expect(missing.error.contains("none.jsonl: no such file or directory"))
        }
    }

    @Test(
        "Plain, TLS and client certificates, with and without a proxy",
        .needs(.nginx, .openssl),
        arguments: ["http", "https", "mTLS"],
        ["straight", "proxy", "no_proxy"]
    )
    func connections(transport: String, way: String) async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var options = NginxFront.Options()
        options.requiresClientCertificate = transport == "mTLS"
        let front = transport == "http" ? nil : try await NginxFront(to: server.port, options)
        defer { front?.stop() }
        let proxy = try ProxyServer()
        defer { proxy.stop() }
        var environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": front?.url ?? server.url]
        if let files = front?.certificates {
            environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = files.certificate(.authority)
            if transport == "mTLS" {
                environment["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"] = files.certificate(.client)
                environment["OTEL_EXPORTER_OTLP_CLIENT_KEY"] = files.key(.client)
            }
        }
        if way != "straight" {
            environment["http_proxy"] = proxy.url
            environment["https_proxy"] = proxy.url
        }
        if way == "no_proxy" { environment["no_proxy"] = "127.0.0.1" }
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("doctor", in: directory, environment: environment)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
            #expect(outcome.output.contains("✓ test span: accepted (200)"))
            #expect(server.requests.map(\.path).sorted() == ["/v1/logs", "/v1/traces", "/v1/traces"])
            #expect(proxy.requests.isEmpty == (way != "proxy"))
            if way == "proxy" { #expect(proxy.requests[0].method == (transport == "http" ? "POST" : "CONNECT")) }
        }
    }

    @Test(
        "gRPC goes through a proxy in a tunnel, with and without TLS",
        .needs(.nginx, .openssl),
        arguments: ["http", "https"],
        ["proxy", "no_proxy"]
    )
    func gRPCThroughProxy(scheme: String, way: String) async throws {
        let server = try FaultServer(.grpc, .ok)
        defer { server.stop() }
        var options = NginxFront.Options()
        options.grpcRequests = 100
        let front = scheme == "http" ? nil : try await NginxFront(to: server.port, options)
        defer { front?.stop() }
        let proxy = try ProxyServer()
        defer { proxy.stop() }
        var environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": front?.url ?? server.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "http_proxy": proxy.url, "https_proxy": proxy.url,
        ]
        environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = front?.certificates.certificate(.authority)
        if way == "no_proxy" { environment["no_proxy"] = "127.0.0.1" }
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("doctor", in: directory, environment: environment)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
            #expect(outcome.output.contains("✓ test span: accepted (gRPC status 0)"))
            let methods = Set(proxy.requests.map(\.method))
            #expect(methods == (way == "proxy" ? ["CONNECT"] : []))
        }
    }
}
