import Foundation
import Testing

/// What a model or its server says may hold anything, and ends up in many places.
@Suite("With redaction, nothing that a run prints or writes contains a canary")
struct RedactedProfileTests {
    private static let canary = "canary-7@example.com"
    private static let mark = "[redacted:email]"

    /// A streamed answer of a model whose name is the canary.
    private static let stream = MessagesServer.Answer.status(
        200,
        #"data: {"type":"message_start","message":{"id":"\#(canary)","model":"m \#(canary)","usage":{"input_tokens":2}}}"#
            + "\n\n" + #"data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Ask \#(canary)"}}"#
            + "\n\n"
            + #"data: {"type":"message_delta","delta":{"stop_reason":"\#(canary)"},"usage":{"output_tokens":7}}"#
            + "\n\n" + #"data: {"type":"message_stop"}"# + "\n\n",
        type: "text/event-stream"
    )
    private static let failure = MessagesServer.Answer.status(
        400,
        #"{"type":"error","error":{"type":"invalid_request_error","message":"no \#(canary) here"}}"#
    )

    private func environment(_ server: MessagesServer, _ more: [String: String] = [:]) -> [String: String] {
        let own = [
            "ANTHROPIC_API_KEY": "sk-ant-secret-0123456789", "ANTHROPIC_BASE_URL": server.address,
            "ANTHROPIC_MODEL": Self.canary, "SPANKIT_REDACTION": "drop",
            "OTEL_RESOURCE_ATTRIBUTES": "owner=\(Self.canary)", "OTEL_SERVICE_NAME": "of \(Self.canary)",
        ]
        return own.merging(more) { $1 }
    }

    private func expectClean(_ text: String, _ place: String) {
        #expect(!text.contains("canary"), "\(place): \(text.split(separator: "\n").filter { $0.contains("canary") })")
    }

    @Test("Tables, errors, results file, OTLP file, textfile and HTML page")
    func files() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([Self.stream, Self.stream, Self.failure])
            defer { server.stop() }
            let arguments = [
                "profile", "--model", "anthropic", "--scenario", "1", "--prom", "coach.prom", "--otlp-file",
                "spans.jsonl",
            ]
            let outcome = try await SpanKitProcess(arguments, in: directory, environment: environment(server)).finish()
            #expect(outcome.status == 69, "\(outcome.error)")
            expectClean(outcome.output, "standard output")
            expectClean(outcome.error, "standard error")
            #expect(
                outcome.error.contains("no \(Self.mark) here"),
                "the error is still reported: \(outcome.error)"
            )
            let results = try #require(try resultsFiles(in: directory).first).lastPathComponent
            let report = try await SpanKitProcess.run(
                "report",
                "spans.jsonl",
                "--before",
                results,
                "--out",
                "run.html",
                in: directory
            )
            #expect(report.status == 0, "\(report.error)")
            var names: [String] = []
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) where !name.hasPrefix(".") {
                guard let data = FileManager.default.contents(atPath: directory.appending(path: name).path) else {
                    continue
                }
                names.append(name)
                let text = String(decoding: data, as: UTF8.self)
                expectClean(text, name)
                #expect(text.contains("[redacted:email]"), "\(name) has been there")
            }
            #expect(
                Set(names).isSuperset(of: [results, "run.html", "spans.jsonl", "coach.prom"]),
                "\(names)"
            )
        }
    }

    @Test("Redaction also works without export; without redaction the canary is found everywhere")
    func resultsOnly() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([Self.stream])
            defer { server.stop() }
            for redaction in ["hash", "off"] {
                let folder = directory.appending(path: redaction)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
                let outcome = try await SpanKitProcess(
                    ["profile", "--model", "anthropic", "--scenario", "1", "--out", redaction],
                    in: directory,
                    environment: environment(server, ["SPANKIT_REDACTION": redaction])
                ).finish()
                #expect(outcome.status == 0, "\(outcome.error)")
                let file = try String(
                    contentsOf: try #require(try resultsFiles(in: folder).first),
                    encoding: .utf8
                )
                for text in [file, outcome.output] {
                    #expect(text.contains("canary") == (redaction == "off"))
                    #expect(text.contains("[redacted:email ") == (redaction == "hash"))
                }
            }
        }
    }

    @Test("Spans on the console")
    func console() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([Self.stream])
            defer { server.stop() }
            let outcome = try await SpanKitProcess(
                ["profile", "--model", "anthropic", "--scenario", "1", "--export", "--quiet"],
                in: directory,
                environment: environment(server, ["OTEL_TRACES_EXPORTER": "console"])
            ).finish()
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output.contains("gen_ai.request.model=\(Self.mark)"), "\(outcome.output)")
            expectClean(outcome.output + outcome.error, "console")
        }
    }
}
