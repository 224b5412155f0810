import Foundation
import SpanKit
import SpanKitGenAI
import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("Streams of the Anthropic client against a server", .generousTimeLimit)
struct AnthropicModelStreamTests {
    private typealias Stream = AnthropicStream
    private let prompt = Prompt(system: "", messages: [.init(role: .user, text: "Hi")], phase: .discovery)

    private func model(_ server: FaultServer, timeout: Duration = .generous) throws -> AnthropicModel {
        var configuration = AnthropicModel.Configuration()
        configuration.baseURL = server.url
        configuration.timeout = timeout
        return try AnthropicModel(key: "sk-test", configuration: configuration) { _ in }
    }

    private func read(
        _ answers: [Answer],
        timeout: Duration = .generous
    ) async throws -> (events: [ModelEvent], error: (any Error)?, requests: [ReceivedRequest]) {
        let server = try FaultServer(answers: answers)
        defer { server.stop() }
        var events: [ModelEvent] = []
        do {
            for try await event in try model(server, timeout: timeout).stream(prompt) { events.append(event) }
            return (events, nil, server.requests)
        } catch {
            return (events, error, server.requests)
        }
    }

    @Test("Events are in order, token counts are cumulative, and pings are left out")
    func events() async throws {
        let (events, error, requests) = try await read([
            Stream.answer(
                Stream.start,
                Stream.ping,
                "data: no JSON at all\n\n: comment\n\n",
                Stream.text("Héllo "),
                Stream.event("content_block_delta", #""delta":{"type":"thinking_delta","thinking":"hm"}"#),
                Stream.event("brand_new_event", #""a":1"#),
                Stream.text("🎯"),
                Stream.delta(nil, tokens: 15),
                Stream.delta("end_turn", tokens: 42),
                Stream.stop
            )
        ])
        #expect(error == nil)
        func usage(_ output: Int) -> TokenUsage {
            TokenUsage(input: 3_225, output: output, cacheRead: 3_000, cacheWrite: 200)
        }
        #expect(
            events == [
                .start(id: "msg_1", model: "claude-test", usage: usage(1)),
                .malformed(MalformedChunk(type: nil, reason: "its data is not JSON", bytes: 14)), .text("Héllo "),
                .otherOutput, .text("🎯"),
                .progress(usage: usage(15), stopReason: nil), .progress(usage: usage(42), stopReason: "end_turn"),
                .end(unscaledLatency: nil),
            ]
        )
        let request = try #require(requests.first)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
        #expect(body["stream"] as? Bool == true)
    }

    @Test("An answer of a server that does not stream is one piece")
    func notStreaming() async throws {
        let json = #"{"content":[{"type":"text","text":"x"}],"model":"m","usage":{"input_tokens":1,"output_tokens":2}}"#
        let (events, error, _) = try await read([.text(200, json, type: "application/json")])
        #expect(error == nil)
        #expect(events.contains(.text("x")))
        #expect(events.contains(.progress(usage: TokenUsage(input: 1, output: 2), stopReason: "")))
        #expect(events.last == .end(unscaledLatency: nil))
    }

    @Test("A temporary error after HTTP 200 and before the answer is retried")
    func errorBeforeOutput() async throws {
        let retried = try await read([
            Stream.answer(Stream.start, Stream.error("overloaded_error")), Stream.answer(Stream.error("api_error")),
            Stream.answer(Stream.start, Stream.text("x"), Stream.stop),
        ])
        #expect(retried.error == nil && retried.requests.count == 3)
        let final = try await read([Stream.answer(Stream.start, Stream.error("invalid_request_error"))])
        #expect(final.error as? LanguageModelError == .rejected(status: 400, message: "because"))
        #expect(final.requests.count == 1)
    }

    @Test("An error in the middle of the answer is not retried")
    func errorAfterOutput() async throws {
        let (events, error, requests) = try await read([
            Stream.answer(Stream.start, Stream.text("Hello"), Stream.error("overloaded_error")),
            Stream.answer(Stream.stop),
        ])
        #expect(error as? LanguageModelError == .overloaded(message: "because"))
        #expect(events.last == .text("Hello"))
        #expect(requests.count == 1)
    }

    @Test("A connection that ends before the answer is an error")
    func brokenOff() async throws {
        let ended = try await read([Stream.answer(Stream.start, Stream.text("Hello"))])
        #expect((ended.error as? LanguageModelError)?.errorType == "incomplete")
        let promised = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99999\r\n\r\n"
        let broken = try await read([.raw(Array((promised + Stream.start + Stream.text("Hello")).utf8))])
        #expect((broken.error as? LanguageModelError)?.description.hasPrefix("the API's answer broke off: ") == true)
        #expect(broken.requests.count == 1)
        let empty = try await read([Stream.answer(Stream.start, Stream.stop)])
        #expect(empty.error as? LanguageModelError == .invalidResponse(reason: "it holds no text"))
    }

    @Test("A refusal is an answer; a tool call without text is an error that keeps its tokens")
    func otherEnds() async throws {
        let refusal = try await read([
            Stream.answer(Stream.start, Stream.text("I cannot"), Stream.delta("refusal", tokens: 3), Stream.stop)
        ])
        #expect(refusal.error == nil)
        let usage = TokenUsage(input: 3_225, output: 3, cacheRead: 3_000, cacheWrite: 200)
        #expect(refusal.events.contains(.progress(usage: usage, stopReason: "refusal")))
        let json = Stream.event("content_block_delta", #""delta":{"type":"input_json_delta","partial_json":"{"}"#)
        let tool = try await read([Stream.answer(Stream.start, json, Stream.delta("tool_use", tokens: 3), Stream.stop)])
        #expect(tool.events.contains(.otherOutput))
        #expect(tool.events.last == .progress(usage: usage, stopReason: "tool_use"))
        #expect((tool.error as? LanguageModelError)?.errorType == "invalid_response")
    }

    @Test("A connection that ends within a character gives no partial piece")
    func cutCharacter() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        let bytes = Array((head + Stream.start + Stream.text("Hello") + Stream.text("ab🎯")).utf8)
        let character = bytes.count - Array("🎯\"}}\n\n".utf8).count
        for cut in 1...3 {
            let (events, error, requests) = try await read([.raw(Array(bytes[..<(character + cut)]))])
            #expect((error as? LanguageModelError)?.errorType == "incomplete")
            #expect(events.last == .text("Hello"))
            #expect(requests.count == 1)
        }
        let nothing = try await read([.raw(Array(head.utf8))])
        #expect(nothing.error != nil && nothing.events.isEmpty)
    }

    @Test("Dropped, cancelled and broken streams close their connections")
    func noDescriptorIsLeft() async throws {
        let body = Stream.start + Stream.text("x") + String(repeating: Stream.text("more"), count: 200)
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        let server = try FaultServer(answers: [.raw(Array((head + "content-length: 999999\r\n\r\n" + body).utf8))])
        defer { server.stop() }
        let model = try model(server)
        func run(_ number: Int) async {
            let task = Task {
                for try await event in model.stream(prompt) where event == .text("x") {
                    if number % 3 == 0 { break }
                    if number % 3 == 1 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            _ = try? await task.value
        }
        func connections() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))?.hasPrefix(
                    "socket:"
                )
                    == true
            }
        }
        for number in 0..<3 { await run(number) }
        let before = try connections()
        for number in 0..<300 { await run(number) }
        // The thread of the transfers closes the connections a little later.
        try await eventually(
            "there are about as many sockets after 300 streams as before, \(before)",
            try connections()
        ) {
            $0 <= before + 10
        }
    }

    @Test("The stream ends with the last event, not with the connection")
    func keptOpen() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        let body = Stream.start + Stream.text("x") + Stream.stop
        let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n"
        // A client that waits for the end of the connection times out before the server closes it.
        let (events, error, _) = try await read(
            [.closeKeepAliveAfterAnswer(idle: .generous, .raw(Array((head + chunk).utf8)))],
            timeout: .generous / 2
        )
        #expect(error == nil && events.last == .end(unscaledLatency: nil))
    }

    @Test("Dropping the stream closes the connection")
    func dropped() async throws {
        let events = Stream.start + Stream.text("x") + String(repeating: Stream.text("more"), count: 20_000)
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        // The answer is so slow that the server does not reach its end.
        let server = try FaultServer(.slow(bytesPerSecond: 4_000, .raw(Array((head + events).utf8))))
        defer { server.stop() }
        for try await event in try model(server).stream(prompt) where event == .text("x") { break }
        #expect(server.requests.count == 1)
        try await eventually("the connection is closed", server.openConnectionCount, within: .generous / 2) { $0 == 0 }
    }

    @Test("The model's span has kind client, tokens, the time to the first token and the API's error")
    func span() async throws {
        let server = try FaultServer(
            Stream.answer(
                Stream.start,
                Stream.text("What would "),
                Stream.text("change?"),
                Stream.delta("end_turn", tokens: 42),
                Stream.stop
            ),
            Stream.answer(Stream.start, Stream.text("What"), Stream.error("overloaded_error"))
        )
        defer { server.stop() }
        let profiler = PerformanceProfiler(.on, log: .silent)
        let metrics = GenAIMetrics()
        let store = MemoryStore()
        try await store.create(Session(id: "s", user: UserContext(), createdAtUnixNanoseconds: 1))
        let manager = ConversationManager(
            store: store,
            knowledge: FixedKnowledge(),
            model: try model(server),
            profiler: profiler,
            metrics: metrics
        )
        let result = try await manager.processMessage(sessionId: "s", userMessage: "It is slow")
        #expect(result.usage == TokenUsage(input: 3_225, output: 42, cacheRead: 3_000, cacheWrite: 200))
        #expect(try #require(result.timeToFirstChunk) <= result.modelLatency)
        let span = try #require(profiler.recordedSpans().first { $0.name == "step_7_claude_api_call" })
        #expect(span.kind == .client)
        #expect(span["gen_ai.operation.name"] == "chat")
        #expect(span["gen_ai.provider.name"] == "anthropic")
        #expect(span["gen_ai.request.model"] == .string(AnthropicModel.defaultModel))
        #expect(span["gen_ai.response.model"] == "claude-test")
        #expect(span["gen_ai.conversation.id"] == "s")
        #expect(span["gen_ai.usage.input_tokens"] == 3_225)
        #expect(span["gen_ai.usage.output_tokens"] == 42)
        #expect(span["gen_ai.response.finish_reasons"] == ["end_turn"])
        #expect(span["gen_ai.response.time_to_first_chunk"] != nil)
        #expect(span["spankit.gen_ai.response.chunk_count"] == 2)
        #expect(span["server.address"] == "127.0.0.1")
        await #expect(throws: LanguageModelError.overloaded(message: "because")) {
            try await manager.processMessage(sessionId: "s", userMessage: "And now?")
        }
        let failed = try #require(
            profiler.recordedSpans().first { $0["error.type"] == "overloaded_error" && $0.kind == .client }
        )
        #expect(failed["gen_ai.usage.input_tokens"] == 3_225, "the usage so far is kept")
        let tokens = metrics.collect().filter { $0.name == "gen_ai.client.token.usage" }.flatMap(\.points)
        let counts = tokens.map { point -> UInt64 in
            if case .histogram(let histogram) = point.value { histogram.count } else { 0 }
        }
        #expect(counts.reduce(0, +) == 4)
    }
}
