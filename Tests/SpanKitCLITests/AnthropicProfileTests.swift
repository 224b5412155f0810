import Foundation
import SpanKitReports
import SpanKitTestSupport
import Testing

@testable import SpanKitCoachProfiling

@Suite("spankit profile --model anthropic")
struct AnthropicProfileTests {
    private static let key = "sk-ant-secret-0123456789"

    private func run(
        _ answers: [MessagesServer.Answer],
        scenarios: [String] = ["1"],
        in directory: URL
    ) async throws -> (SpanKitProcess.Outcome, ProfilingResults) {
        let server = try MessagesServer(answers)
        defer { server.stop() }
        let arguments = ["profile", "--model", "anthropic"] + scenarios.flatMap { ["--scenario", $0] }
        let outcome = try await SpanKitProcess(arguments, in: directory, environment: environment(server)).finish()
        let file = try #require(try resultsFiles(in: directory).first, "\(outcome.error)")
        #expect(!outcome.output.contains(Self.key) && !outcome.error.contains(Self.key))
        #expect(!String(decoding: try Data(contentsOf: file), as: UTF8.self).contains(Self.key))
        return (outcome, try ProfilingResults(contentsOf: file.path))
    }

    private func environment(_ server: MessagesServer) -> [String: String] {
        ["ANTHROPIC_API_KEY": Self.key, "ANTHROPIC_BASE_URL": server.address, "ANTHROPIC_MODEL": "claude-test"]
    }

    @Test("Messages are sent to the API, tokens are counted, and nothing is projected")
    func answers() async throws {
        try await withTemporaryDirectory { directory in
            let (outcome, results) = try await run([.text], in: directory)
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(results.outcome == .completed)
            #expect(results.options.model == "claude-test")
            #expect(results.options.latencyScale == nil && results.options.seed == nil)
            let messages = results.scenarios[0].messages
            #expect(messages.map(\.inputTokens) == [12, 12, 12])
            #expect(messages.map(\.outputTokens) == [7, 7, 7])
            #expect(messages.allSatisfy { $0.projectedDurationNanoseconds == $0.durationNanoseconds })
            #expect(!outcome.output.contains("Projected"))
        }
    }

    @Test("The tokens of a streamed answer and the time to the first one are in results, spans and metrics")
    func streams() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([.stream])
            defer { server.stop() }
            let arguments = [
                "profile", "--model", "anthropic", "--scenario", "1", "--prom", "coach.prom", "--otlp-file",
                "spans.jsonl",
                "--prices", "prices.json",
            ]
            let prices =
                #"{"version":"v7","currency":"EUR","models":{"claude-test":{"input":3,"output":15,"cache_read":0.3}}}"#
            try Data(prices.utf8).write(to: directory.appending(path: "prices.json"))
            let outcome = try await SpanKitProcess(arguments, in: directory, environment: environment(server)).finish()
            #expect(outcome.status == 0, "\(outcome.error)")
            let results = try ProfilingResults(contentsOf: try #require(try resultsFiles(in: directory).first).path)
            #expect(results.scenarios[0].messages.map(\.inputTokens) == [12, 12, 12], "cached tokens were read, too")
            let use = try #require(results.aggregate.models?.first)
            #expect(use.model == "claude-test" && use.callCount == 3 && use.callsWithUnknownTokens == 0)
            #expect(use.inputTokens == 36 && use.cacheReadTokens == 30 && use.outputTokens == 21)
            #expect(try abs(#require(use.cacheShare) - 30.0 / 36) < 1e-9)
            #expect(try #require(use.firstToken).maximumNanoseconds > 0)
            let cost = try #require(use.costs?.first)
            #expect(abs(cost.amount - (6 * 3 + 30 * 0.3 + 21 * 15) / 1e6) < 1e-12 && cost.priceTableVersion == "v7")
            #expect(outcome.output.contains("Language models") && outcome.output.contains("Cost EUR"))
            #expect(outcome.output.contains("Costs are from the price table v7."))
            let spans = try String(contentsOf: directory.appending(path: "spans.jsonl"), encoding: .utf8)
            #expect(!spans.contains("cost"), "OpenTelemetry has no name for it")
            for key in ["usage.input_tokens", "usage.cache_read.input_tokens", "response.time_to_first_chunk"] {
                #expect(spans.contains("gen_ai.\(key)"))
            }
            #expect(spans.contains("https://opentelemetry.io/schemas/1.41.1"))
            let metrics = try String(contentsOf: directory.appending(path: "coach.prom"), encoding: .utf8)
            for family in [
                "gen_ai_client_operation_duration_seconds", "gen_ai_client_token_usage",
                "gen_ai_client_operation_time_to_first_chunk_seconds",
            ] {
                #expect(metrics.contains("# TYPE \(family) histogram"))
            }
            let input =
                #"gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_provider_name="anthropic","#
                + #"gen_ai_request_model="claude-test",gen_ai_response_model="claude-test",gen_ai_token_type="input",process="coach","#
                + #"server_address="127.0.0.1",server_port=""#
            let line = metrics.split(separator: "\n").first { $0.hasPrefix(input) }
            #expect(line?.hasSuffix("} 36") == true, "\(metrics)")
        }
    }

    @Test("Prices that cannot be used are reported before the run starts")
    func badPrices() async throws {
        try await withTemporaryDirectory { directory in
            try Data("[]".utf8).write(to: directory.appending(path: "p.json"))
            let outcome = try await SpanKitProcess.run("profile", "--prices", "p.json", in: directory)
            #expect(outcome.status == 65)
            #expect(outcome.error.hasPrefix("spankit: --prices: p.json: is not a price table; write {"))
            #expect(try resultsFiles(in: directory).isEmpty)
        }
    }

    @Test("Without a key nothing starts, and the error says what to do", arguments: [[:], ["ANTHROPIC_API_KEY": ""]])
    func missingKey(environment: [String: String]) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--model",
                "anthropic",
                in: directory,
                environment: environment
            )
            #expect(outcome.status == 64)
            #expect(
                outcome.error
                    == "spankit: --model anthropic: ANTHROPIC_API_KEY is not set; export it, or use --model offline\n"
            )
            #expect(try resultsFiles(in: directory).isEmpty)
        }
    }

    @Test(
        "An API error ends the scenario with one line; earlier answers are kept",
        arguments: [
            (.failure(401, "authentication_error"), "the API does not accept the key"),
            (.failure(429, "rate_limit_error"), "the API's rate limit is reached"),
            (.failure(529, "overloaded_error"), "the API is overloaded"),
            (.failure(400, "invalid_request_error"), "the API refused the request (HTTP 400)"),
            (.status(200, "<html>welcome to the hotel's network</html>"), "the API's answer cannot be used"),
            (.status(200, "\u{0}\u{1B}[2J"), "the API's answer cannot be used"),
        ] as [(MessagesServer.Answer, String)]
    )
    func failure(answer: MessagesServer.Answer, message: String) async throws {
        try await withTemporaryDirectory { directory in
            let (outcome, results) = try await run([.text, .text, answer], in: directory)
            #expect(outcome.status == 69, "\(outcome.error)")
            #expect(outcome.complaints.count == 1, "\(outcome.complaints)")
            #expect(
                outcome.complaints[0].hasPrefix("spankit: discovery-simple, message 3: \(message)"),
                "\(outcome.complaints)"
            )
            #expect(!outcome.error.contains("\u{1B}"))
            #expect(results.outcome == .failed)
            #expect(results.scenarios[0].outcome == .failed)
            #expect(results.scenarios[0].messages.count == 2)
            #expect(results.failure?.contains(message) == true)
            #expect(outcome.output.contains("Time per message"))
        }
    }

    @Test("--model-timeout sets the time limit of an answer, and its error names the option")
    func modelTimeout() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([.silence])
            defer { server.stop() }
            let outcome = try await SpanKitProcess(
                ["profile", "--model", "anthropic", "--scenario", "1", "--model-timeout", "0.5"],
                in: directory,
                environment: environment(server)
            ).finish()
            #expect(outcome.status == 69)
            #expect(
                outcome.complaints == [
                    "spankit: discovery-simple, message 1: the API did not answer within 0.5 s, all attempts included; "
                        + "try again, or raise the limit (--model-timeout, AnthropicModel.Configuration.timeout)"
                ]
            )
        }
    }

    @Test("A retry is recorded in the spans; a malformed event is also reported on standard error")
    func incidents() async throws {
        try await withTemporaryDirectory { directory in
            guard case .status(let status, let body, let type) = MessagesServer.Answer.stream else { return }
            let malformed = MessagesServer.Answer.status(status, "data: {\"secret\n\n" + body, type: type)
            let server = try MessagesServer([.failure(429, "rate_limit_error"), malformed, .stream])
            defer { server.stop() }
            let outcome = try await SpanKitProcess(
                ["profile", "--model", "anthropic", "--scenario", "1", "--otlp-file", "spans.jsonl"],
                in: directory,
                environment: environment(server)
            ).finish()
            #expect(outcome.status == 0, "\(outcome.error)")
            let line =
                "1 event of the model's answer was malformed and left out: an event without a type (8 bytes): "
                + "its data is not JSON"
            #expect(outcome.complaints.count { $0.hasSuffix(line) } == 1, "\(outcome.complaints)")
            let spans = try String(contentsOf: directory.appending(path: "spans.jsonl"), encoding: .utf8)
            #expect(spans.contains(#""name":"spankit.gen_ai.retry""#) && spans.contains("spankit.gen_ai.retry.wait"))
            #expect(spans.contains(#""name":"spankit.gen_ai.malformed_chunk""#) && !spans.contains("secret"))
        }
    }

    @Test("After an error of one scenario the next one runs; after an error that concerns all, none does")
    func goingOn() async throws {
        try await withTemporaryDirectory { directory in
            let (outcome, results) = try await run(
                [.failure(400, "invalid_request_error"), .text],
                scenarios: ["1", "2"],
                in: directory
            )
            #expect(outcome.status == 69)
            #expect(results.scenarios.map(\.outcome) == [.failed, .completed])
        }
        try await withTemporaryDirectory { directory in
            let (outcome, results) = try await run(
                [.failure(401, "authentication_error"), .text],
                scenarios: ["1", "2"],
                in: directory
            )
            #expect(outcome.status == 69)
            #expect(results.scenarios.map(\.outcome) == [.failed])
            #expect(results.aggregate.messageCount == 0)
            #expect(results.aggregate.assessment == nil)
        }
    }

    @Test("The error for an unreachable API contains its address")
    func unreachable() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([.text])
            server.stop()
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--model",
                "anthropic",
                in: directory,
                environment: environment(server)
            )
            #expect(outcome.status == 69)
            #expect(outcome.complaints.count == 1)
            #expect(outcome.complaints[0].contains("\(server.address) cannot be reached"), "\(outcome.complaints)")
        }
    }

    @Test("Ctrl-C ends a call that waits for an answer")
    func interruptedCall() async throws {
        try await withTemporaryDirectory { directory in
            let server = try MessagesServer([.text, .silence])
            defer { server.stop() }
            let run = try SpanKitProcess(
                ["profile", "--model", "anthropic"],
                in: directory,
                environment: environment(server)
            )
            try run.start()
            try await eventually("the second message is asked for", server.requests) { $0 == 2 }
            run.send(SIGINT)
            let outcome = try await run.end()
            #expect(outcome.status == 130, "\(outcome.error)")
            let results = try ProfilingResults(contentsOf: try #require(try resultsFiles(in: directory).first).path)
            #expect(results.outcome == .interrupted)
            #expect(results.aggregate.messageCount == 1)
        }
    }
}
