import Foundation
import SpanKitTestSupport
import Testing

@Suite("spankit doctor", .generousTimeLimit)
struct DoctorTests {
    private func doctor(
        _ environment: [String: String],
        timeout: Duration = .generous
    ) async throws -> SpanKitProcess.Outcome {
        try await withTemporaryDirectory { directory in
            let arguments = ["doctor", "--timeout", "\(timeout.components.seconds)"]
            return try await SpanKitProcess(arguments, in: directory, environment: environment).finish()
        }
    }

    @Test(
        "Each answer has an explanation",
        arguments: [
            (Answer.status(401), "the receiver requires credentials; set OTEL_EXPORTER_OTLP_HEADERS"),
            (.html404, "the server has no path /v1/traces; is it an OTLP receiver"),
            (.status(405), "it is probably not an OTLP receiver"),
            (.status(415), "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"),
            (.rpcStatus(400, message: "bad"), "status 400: bad"),
            (.unavailable(), "the receiver is temporarily unavailable"),
            (.status(502), "a proxy answers, but the receiver behind it does not"),
            (.status(500), "the receiver has an error; see its log"),
            (.status(301), "redirects are not followed"),
            (.http2Preface, "does not speak HTTP/1.1"),
            (.garbage, "does not speak HTTP/1.1"),
            (.neverAnswer, "the server accepted the connection, but did not answer"),
            (.storeThenClose, "the connection was closed without an answer"),
        ] as [(Answer, String)]
    )
    func answers(answer: Answer, explanation: String) async throws {
        let server = try FaultServer(answer)
        defer { server.stop() }
        // Only a silent receiver lets the time pass.
        let isSilent = if case .neverAnswer = answer { true } else { false }
        let timeout = isSilent ? .seconds(3) : Duration.generous
        let outcome = try await doctor(["OTEL_EXPORTER_OTLP_ENDPOINT": server.url], timeout: timeout)
        #expect(outcome.output.contains(explanation), "\(outcome.output)")
        #expect(outcome.status == 69)
    }

    @Test(
        "Each answer of gRPC has an explanation",
        arguments: [
            (Answer.ok, "✓ test span: accepted (gRPC status 0)"),
            (.grpc(16, "no token"), "the receiver requires credentials; set OTEL_EXPORTER_OTLP_HEADERS"),
            (.grpc(12), "the server speaks gRPC, but has no service for traces"),
            (.grpc(3, "bad"), "gRPC status 3 (INVALID_ARGUMENT): bad"),
            (.grpc(14), "the receiver is temporarily unavailable"),
            (.grpc(8), "the receiver is overloaded, or the request exceeds its limits"),
            (.status(404), "the server speaks HTTP/2, but not gRPC"),
            (.status(502), "a proxy answers, but the receiver behind it does not"),
        ] as [(Answer, String)]
    )
    func grpcAnswers(answer: Answer, explanation: String) async throws {
        let server = try FaultServer(.grpc, answer)
        defer { server.stop() }
        let outcome = try await doctor([
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        ])
        #expect(outcome.output.contains(explanation), "\(outcome.output)")
        if case .partialSuccess = answer { #expect(outcome.status == 0) } else { #expect(outcome.status == 69) }
    }

    @Test("A port of the other protocol is recognized", arguments: Transport.allCases)
    func otherPort(transport: Transport) async throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let outcome = try await doctor([
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": transport.isGRPC ? "http/protobuf" : "grpc",
        ])
        let explanation =
            transport.isGRPC
            ? "this port speaks gRPC, which SpanKit uses only after a request over HTTP has failed; set OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
            : "this port speaks HTTP/1.1; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        #expect(outcome.output.contains(explanation), "\(outcome.output)")
        #expect(outcome.status == 69)
    }

    @Test("An endpoint without /v1/traces is explained")
    func missingPath() async throws {
        let server = try FaultServer(.status(404))
        defer { server.stop() }
        let outcome = try await doctor(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": server.url])
        #expect(outcome.output.contains("try \(server.url)/v1/traces"))
    }

    @Test("TLS with a plain receiver, and the reverse", .needs(.nginx, .openssl, .rotel))
    func wrongScheme() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let plain = try await Receiver.rotel()
        defer { plain.stop() }
        let tls = try await doctor(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:\(plain.port)"])
        #expect(tls.output.contains("use http:// instead of https://"), "\(tls.output)")
        let front = try await NginxFront(to: server.port)
        defer { front.stop() }
        let untrusted = try await doctor(["OTEL_EXPORTER_OTLP_ENDPOINT": front.url])
        #expect(untrusted.output.contains("OTEL_EXPORTER_OTLP_CERTIFICATE"), "\(untrusted.output)")
    }

    @Test(
        "A port with TLS is recognized by each protocol, whether its certificate is trusted or not",
        .needs(.nginx, .openssl),
        arguments: [Transport.json, .protobuf, .grpc],
        [true, false]
    )
    func plainToTLS(transport: Transport, isTrusted: Bool) async throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        var options = NginxFront.Options()
        if transport.isGRPC { options.grpcRequests = 100 }
        let front = try await NginxFront(to: server.port, options)
        defer { front.stop() }
        var environment = ["OTEL_EXPORTER_OTLP_PROTOCOL": transport.rawValue]
        if isTrusted { environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = front.certificates.certificate(.authority) }
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:\(front.port)"
        let outcome = try await doctor(environment)
        let advice = "the server expects TLS; use https:// instead of http://"
        #expect(outcome.output.contains(advice) && outcome.status == 69, "\(outcome.output)")
        guard transport.isGRPC else { return }
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://127.0.0.1:\(server.port)"
        let secure = try await doctor(environment)
        #expect(secure.output.contains("use http:// instead of https://"), "\(secure.output)")
    }

    @Test("Settings are shown with their sources, secrets are not shown, and bad ones are reported")
    func settings() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let outcome = try await doctor([
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20secret",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "thrift",
        ])
        #expect(outcome.status == 64, "a setting is wrong, although spans arrive")
        #expect(outcome.output.contains("✓ test span: accepted (200)"))
        #expect(outcome.output.contains("OTEL_EXPORTER_OTLP_ENDPOINT"))
        #expect(outcome.output.contains("'thrift' is not one of grpc, http/json, http/protobuf; using http/json"))
        #expect(!outcome.output.contains("secret"))
        #expect(server.requests.allSatisfy { $0["authorization"] == "Bearer secret" })
    }

    @Test("A spool that cannot be written is reported; one that can is not changed")
    func spool() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        try await withTemporaryDirectory { directory in
            func doctor(_ spool: String) async throws -> SpanKitProcess.Outcome {
                try await SpanKitProcess.run(
                    "doctor",
                    in: directory,
                    environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "SPANKIT_SPOOL_DIR": spool]
                )
            }
            let good = try await doctor("var/spool")
            #expect(good.status == 0)
            #expect(
                good.output.contains("✓ spool: var/spool can be written; it contains no spans\n"),
                "\(good.output)"
            )
            #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "var").path))
            let folder = directory.appending(path: "waiting/4711-c0ffee42")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in ["000000000001-512.json.gz", "000000000002-1.pb", ".000000000003-9.json", "notes.json"] {
                try Data().write(to: folder.appending(path: name))
            }
            let waiting = try await doctor("waiting")
            #expect(
                waiting.output.contains("can be written; 513 spans wait in files of 1 process\n"),
                "\(waiting.output)"
            )
            try Data().write(to: directory.appending(path: "file"))
            for (spool, reason) in [("file", "file: not a directory"), ("/proc/x", "/proc/x: no such file")] {
                let bad = try await doctor(spool)
                #expect(bad.status == 64)
                #expect(bad.output.contains("✗ spool: \(reason)"), "\(bad.output)")
            }
        }
    }

    @Test(
        "The receiver of metrics is checked with an empty request",
        arguments: [
            (Answer.ok, "✓ empty request with metrics: accepted (200)", ""),
            (.status(404), "✗ empty request with metrics: status 404", "some receivers accept only traces"),
            (.status(415), "✗ empty request with metrics: status 415", "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"),
            (.http2Preface, "✗ empty request with metrics: ", "does not speak HTTP/1.1"),
        ] as [(Answer, String, String)]
    )
    func metrics(answer: Answer, finding: String, advice: String) async throws {
        let traces = try FaultServer(.ok)
        defer { traces.stop() }
        let metrics = try FaultServer(answer)
        defer { metrics.stop() }
        let outcome = try await doctor([
            "OTEL_EXPORTER_OTLP_ENDPOINT": traces.url, "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "\(metrics.url)/v1/metrics",
        ])
        #expect(outcome.output.contains("✓ test span: accepted (200)"), "\(outcome.output)")
        #expect(
            outcome.output.contains(finding) && (advice.isEmpty || outcome.output.contains(advice)),
            "\(outcome.output)"
        )
        #expect(outcome.status == (advice.isEmpty ? 0 : 69))
        guard advice.isEmpty else { return }
        #expect(metrics.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["{\"resourceMetrics\":[]}"])
    }

    @Test(
        "The receiver of log records is checked with an empty request",
        arguments: [
            (Answer.ok, "✓ empty request with log records: accepted (200)", ""),
            (.status(404), "✗ empty request with log records: status 404", "none (OTEL_LOGS_EXPORTER=none)"),
            (.status(503), "✗ empty request with log records: status 503", "log records are kept and sent again"),
        ] as [(Answer, String, String)]
    )
    func logs(answer: Answer, finding: String, advice: String) async throws {
        let server = try FaultServer { request, _ in request.path == "/v1/logs" ? answer : .ok }
        defer { server.stop() }
        let outcome = try await doctor(["OTEL_EXPORTER_OTLP_ENDPOINT": server.url])
        #expect(outcome.output.contains("✓ test span: accepted (200)"), "\(outcome.output)")
        #expect(
            outcome.output.contains(finding) && (advice.isEmpty || outcome.output.contains(advice)),
            "\(outcome.output)"
        )
        #expect(outcome.status == (advice.isEmpty ? 0 : 69))
        let logs = server.requests.filter { $0.path == "/v1/logs" }
        #expect(logs.map { String(decoding: $0.body, as: UTF8.self) } == ["{\"resourceLogs\":[]}"])
        let connected = outcome.output.components(separatedBy: "port \(server.port): connected")
        #expect(connected.count == 2, "the server of both signals is connected to once: \(outcome.output)")
        let off = try await doctor(["OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_LOGS_EXPORTER": "none"])
        #expect(off.status == 0 && !off.output.contains("log records"), "\(off.output)")
    }

    @Test("A server that cannot be reached is reported once, not for each signal")
    func unreachableOnce() async throws {
        let refused = try RefusedPort()
        let outcome = try await doctor(["OTEL_EXPORTER_OTLP_ENDPOINT": refused.url])
        #expect(outcome.status == 69)
        #expect(outcome.output.components(separatedBy: "✗ ").count == 2, "\(outcome.output)")
        #expect(outcome.output.contains("not checked: the same server cannot be reached"), "\(outcome.output)")
    }

    @Test("A metrics endpoint without /v1/metrics is explained")
    func missingMetricsPath() async throws {
        let traces = try FaultServer(.ok)
        defer { traces.stop() }
        let metrics = try FaultServer(.status(404))
        defer { metrics.stop() }
        let outcome = try await doctor([
            "OTEL_EXPORTER_OTLP_ENDPOINT": traces.url, "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": metrics.url,
        ])
        #expect(
            outcome.output.contains("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is used unchanged, without /v1/metrics"),
            "\(outcome.output)"
        )
        #expect(outcome.output.contains("try \(metrics.url)/v1/metrics"))
    }

    @Test("A web page with status 200 is not taken for a receiver")
    func webPage() async throws {
        let server = try FaultServer(.text(200, "<!doctype html><title>Sign in</title>", type: "text/html"))
        defer { server.stop() }
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "doctor",
                in: directory,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url]
            )
            #expect(outcome.status == 69)
            #expect(
                outcome.output.contains("✗ empty request: status 200, a web page instead of an OTLP answer"),
                "\(outcome.output)"
            )
            #expect(outcome.output.contains("not an OTLP answer; check the host, port and path of the endpoint"))
        }
    }

    @Test(
        "Settings of a configuration file are shown with their keys, and its errors are reported",
        arguments: ["yaml", "json"]
    )
    func configurationFile(ending: String) async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "otel.\(ending)").path
            let endpoint =
                #""endpoint": "\#(server.url)/v1/traces", "headers": [{"name": "api-key", "value": "${KEY}"}]"#
            let exporter = #"{"otlp_http": {\#(endpoint)}}"#
            func run(_ text: String) async throws -> SpanKitProcess.Outcome {
                try Data(text.utf8).write(to: URL(filePath: file))
                return try await SpanKitProcess.run(
                    "doctor",
                    "--timeout",
                    "170",
                    in: directory,
                    environment: ["OTEL_CONFIG_FILE": file, "KEY": "secret", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"]
                )
            }
            let good = try await run(
                #"{"file_format": "1.0", "tracer_provider": {"processors": [{"batch": {"exporter": \#(exporter)}}]}}"#
            )
            #expect(good.status == 0, "\(good.output)")
            #expect(good.output.contains("\(file): tracer_provider.processors[0].batch.exporter.otlp_http.endpoint"))
            #expect(good.output.contains("✓ test span: accepted (200)"))
            #expect(!good.output.contains("secret"))
            #expect(server.requests.last?["api-key"] == "secret")
            let bad = try await run(#"{"file_format": "1.0", "tracer_provider": {"processors": [{"batch": null}]}}"#)
            #expect(bad.status == 64)
            #expect(bad.output.contains("✗ \(file):1:"))
            #expect(
                bad.output.contains("tracer_provider.processors[0].batch has no exporter; add one, such as otlp_http")
            )
            #expect(bad.output.contains("not used because of the errors above"))
        }
    }

    @Test("All variables are listed with their values; secrets are not shown")
    func allSettings() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "doctor",
                "--settings",
                in: directory,
                environment: [
                    "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=k-4711", "SPANKIT_TAIL_SAMPLING": "errors",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:k-4711@collector:4318", "OTEL_CONFIG_FILE": "otel.yaml",
                    "ANTHROPIC_API_KEY": "k-4711",
                ]
            )
            #expect(outcome.status == 0)
            let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            let ignored = "(used only if the configuration file refers to it)"
            #expect(lines.contains("OTEL_CONFIG_FILE otel.yaml"))
            #expect(lines.contains("OTEL_EXPORTER_OTLP_HEADERS set, not shown \(ignored)"))
            #expect(lines.contains("SPANKIT_TAIL_SAMPLING errors"))
            let sampler = try #require(
                lines.firstIndex(of: "OTEL_TRACES_SAMPLER not set; default: parentbased_always_on")
            )
            #expect(lines[sampler + 1] == "always_on, always_off, traceidratio, parentbased_… (see docs/sampling.md)")
            #expect(lines.contains("OTEL_BSP_MAX_QUEUE_SIZE not set; default: as many as fit in 64 MiB"))
            #expect(lines.contains("ANTHROPIC_API_KEY set, not shown"))
            #expect(lines.contains("NO_COLOR not set"))
            #expect(!outcome.output.contains("4711"))
        }
    }

    @Test(
        "Redaction is tested with every canary in every part of a span",
        arguments: ["drop", "hash", "length"]
    )
    func redaction(mode: String) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "doctor",
                "--redaction",
                in: directory,
                environment: ["SPANKIT_REDACTION": mode]
            )
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(outcome.output.hasPrefix("Redaction: \(mode) (SPANKIT_REDACTION)\n"))
            #expect(outcome.output.contains("✓ e-mail address     canary@example.com → [redacted:email"))
            #expect(
                outcome.output.hasSuffix("✓ 8 canaries in 13 places each, http/json and http/protobuf: none remain\n")
            )
        }
    }

    @Test("If redaction is off, the report says how to turn it on")
    func redactionOff() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("doctor", "--redaction", in: directory)
            #expect(outcome.status == 64)
            #expect(outcome.output.contains("redaction is off"))
            #expect(outcome.output.contains("set SPANKIT_REDACTION=drop"))
        }
    }

    @Test("Wrong usage is reported on one line")
    func usage() async throws {
        try await withTemporaryDirectory { directory in
            let url = try await SpanKitProcess.run("doctor", "--otlp-endpoint", "localhost:4318", in: directory)
            #expect(url.status == 64)
            #expect(
                url.error == "spankit: --otlp-endpoint: 'localhost:4318' has no scheme; write http://localhost:4318\n"
            )
            let timeout = try await SpanKitProcess.run("doctor", "--timeout", "-1", in: directory)
            #expect(timeout.status == 64)
            let nothing = try await SpanKitProcess.run("ship", in: directory)
            #expect(nothing.status == 64)
            #expect(nothing.error.contains("give files or --spool DIR"))
        }
    }
}
