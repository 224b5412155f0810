import SpanKit
import SpanKitGenAI
import SpanKitPlatform
import SpanKitTestSupport
import Synchronization
import Testing

@testable import OKRCoach

@Suite("Retries and malformed events are recorded", .generousTimeLimit)
struct AnthropicTraceTests {
    private typealias Stream = AnthropicStream
    /// A text of a person, which must not be recorded anywhere.
    private static let canary = "Rumpelstiltskin"

    private struct Run {
        var result: Result<ConversationResult, any Error>
        var span: RecordedSpan
        var lines: [String]
    }

    /// Processes one message with these answers of the server.
    private func run(_ answers: Answer..., timeout: Duration = .seconds(100)) async throws -> Run {
        let server = try FaultServer(answers: answers)
        defer { server.stop() }
        var configuration = AnthropicModel.Configuration()
        configuration.baseURL = server.url
        configuration.timeout = timeout
        let lines = Locked<[String]>([])
        let profiler = PerformanceProfiler(
            .on,
            log: ProfilerLog { level, line in lines.withLock { $0.append("\(level): \(line)") } }
        )
        // High thresholds, so that a busy machine causes no lines about slow messages.
        var patient = ConversationManager.Configuration()
        patient.modelWarnThreshold = .seconds(3_600)
        patient.slowMessageThreshold = .seconds(3_600)
        let store = MemoryStore()
        try await store.create(Session(id: "s", user: UserContext(), createdAtUnixNanoseconds: 1))
        let manager = ConversationManager(
            store: store,
            knowledge: FixedKnowledge(),
            model: try AnthropicModel(key: "sk-test", configuration: configuration) { _ in },
            profiler: profiler,
            configuration: patient
        )
        let result: Result<ConversationResult, any Error>
        do {
            result = .success(try await manager.processMessage(sessionId: "s", userMessage: "Hi"))
        } catch {
            result = .failure(error)
        }
        let span = try #require(profiler.recordedSpans().first { $0.name == "step_7_claude_api_call" })
        return Run(result: result, span: span, lines: lines.withLock { $0 })
    }

    private static let whole = Stream.start + Stream.text("What would change?") + Stream.stop

    // MARK: Retries

    @Test("Each retry is an event of the model's span with attempt, status, reason and wait")
    func retries() async throws {
        let limited = #"{"type":"error","error":{"type":"rate_limit_error","message":"because"}}"#
        let run = try await run(
            .text(429, limited, headers: [("Retry-After", "3")]),
            Stream.answer(Stream.error("overloaded_error")),
            .storeThenClose,
            Stream.answer(Self.whole)
        )
        #expect(throws: Never.self) { try run.result.get() }
        let retries = run.span.events.filter { $0.name == "spankit.gen_ai.retry" }
        #expect(retries.map { $0.value("spankit.gen_ai.retry.attempt") } == [1, 2, 3])
        #expect(retries.map { $0.value("error.type") } == ["rate_limit_error", "overloaded_error", "connection_error"])
        #expect(
            retries.map { $0.value("http.response.status_code") } == [429, nil, nil],
            "an error in a stream follows HTTP 200"
        )
        #expect(retries.first?.value("spankit.gen_ai.retry.wait") == 3.0, "the value of Retry-After")
        for retry in retries.dropFirst() {
            guard case .double(let wait)? = retry.value("spankit.gen_ai.retry.wait") else {
                Issue.record("no wait")
                continue
            }
            #expect((0...2).contains(wait))
        }
        #expect(run.span["spankit.gen_ai.retry_count"] == 3)
        #expect(run.span["error.type"] == nil && run.span.status == .unset)
    }

    @Test("A call without retries has no such event")
    func noRetries() async throws {
        let good = try await run(Stream.answer(Self.whole))
        #expect(good.span.events.isEmpty && good.span["spankit.gen_ai.retry_count"] == nil)
        let bad = try await run(.text(401, "{}"))
        #expect(bad.span["spankit.gen_ai.retry_count"] == nil)
        #expect(!bad.span.events.contains { $0.name == "spankit.gen_ai.retry" })
    }

    @Test("Retries outside a conversation are recorded on the current span")
    func retriesOfComplete() async throws {
        let server = try FaultServer(answers: [
            .text(529, "{}"), .text(200, #"{"content":[{"type":"text","text":"x"}]}"#),
        ])
        defer { server.stop() }
        var configuration = AnthropicModel.Configuration()
        configuration.baseURL = server.url
        configuration.timeout = .generous
        let model = try AnthropicModel(key: "sk-test", configuration: configuration) { _ in }
        let profiler = PerformanceProfiler(.on, log: .silent)
        _ = try await profiler.withSpan("outer") { _ in
            try await model.complete(Prompt(system: "", messages: [.init(role: .user, text: "Hi")], phase: .discovery))
        }
        let span = try #require(profiler.recordedSpans().first)
        #expect(span.events.map(\.name) == ["spankit.gen_ai.retry"])
        #expect(span.events.first?.value("http.response.status_code") == 529)
    }

    @Test("The timeout error names the time limit and how to raise it")
    func timeout() async throws {
        let run = try await run(.neverAnswer, timeout: .milliseconds(300))
        let error = #expect(throws: LanguageModelError.self) { try run.result.get() }
        #expect(
            error?.description
                == "the API did not answer within 0.3 s, all attempts included; try again, or raise the limit "
                + "(--model-timeout, AnthropicModel.Configuration.timeout)"
        )
        #expect(run.span["error.type"] == "timeout")
    }

    // MARK: Malformed events

    @Test(
        "A malformed event is described, counted and left out, and the answer continues",
        arguments: [
            (
                "event: content_block_delta\ndata: {\"type\":\"content_bl \(canary)\n\n", "content_block_delta",
                "its data is not JSON"
            ),
            ("data: \(canary)\n\n", nil, "its data is not JSON"),
            ("event: ping\ndata:\n\n", "ping", "its data is empty"),
            ("data: [\"\(canary)\"]\n\n", nil, "its data is not a JSON object"),
            ("data: \"\(canary)\"\n\n", nil, "its data is not a JSON object"),
            ("data: {\"text\":\"\(canary)\"}\n\n", nil, "type is missing"),
            ("data: {\"type\":7,\"a\":\"\(canary)\"}\n\n", nil, "type is not text"),
            ("data: {\"type\":null}\n\n", nil, "type is null"),
            (Stream.event("message_start", #""a":"\#(canary)""#), "message_start", "message is missing"),
            (Stream.event("message_start", #""message":"\#(canary)""#), "message_start", "message has the wrong type"),
            (Stream.event("content_block_delta", #""index":0"#), "content_block_delta", "delta is missing"),
            (
                Stream.event("content_block_delta", #""delta":{"text":"\#(canary)"}"#), "content_block_delta",
                "delta.type is missing"
            ),
            (
                Stream.event("content_block_delta", #""delta":{"type":"text_delta"}"#), "content_block_delta",
                "delta.text is missing"
            ),
            (
                Stream.event("content_block_delta", #""delta":{"type":"text_delta","text":["\#(canary)"]}"#),
                "content_block_delta", "delta.text has the wrong type"
            ),
            (Stream.event("message_delta", #""a":1"#), "message_delta", "delta is missing"),
            ("event: \(canary) said\ndata: x\n\n", "an event with an unreadable type", "its data is not JSON"),
        ] as [(String, String?, String)]
    )
    func malformed(bytes: String, type: String?, reason: String) async throws {
        let run = try await run(
            Stream.answer(Stream.start, Stream.text("What "), bytes, Stream.text("now?"), Stream.stop)
        )
        let result = try run.result.get()
        #expect(result.reply == "What now?")
        #expect(result.malformedChunkCount == 1)
        #expect(run.span["spankit.gen_ai.response.malformed_chunk_count"] == 1)
        #expect(run.span["spankit.gen_ai.response.chunk_count"] == 2, "a malformed event is not a chunk")
        let events = run.span.events
        #expect(events.map(\.name) == ["spankit.gen_ai.malformed_chunk"])
        #expect(events.first?.value("spankit.gen_ai.malformed_chunk.type") == type.map { .string($0) })
        #expect(events.first?.value("spankit.gen_ai.malformed_chunk.reason") == .string(reason))
        let name = type ?? "an event without a type"
        #expect(run.lines.count == 1)
        let line = try #require(run.lines.first)
        #expect(line.hasPrefix("warning: 1 event of the model's answer was malformed and left out: \(name) ("))
        #expect(line.hasSuffix("): \(reason)"))
        #expect(!"\(run.span) \(run.lines)".contains(Self.canary), "no text is recorded")
    }

    @Test("An event of an unknown type is not malformed")
    func unknownTypes() async throws {
        let run = try await run(
            Stream.answer(
                Stream.start,
                Stream.ping,
                Stream.event("brand_new", #""delta":7,"message":[],"usage":"x""#),
                Stream.text("x"),
                Stream.stop
            )
        )
        #expect(try run.result.get().malformedChunkCount == 0)
        #expect(run.span.events.isEmpty && run.lines.isEmpty)
    }

    @Test("Of many malformed events, all are counted, ten are recorded, and one line is logged")
    func many() async throws {
        let run = try await run(
            Stream.answer(Stream.start, String(repeating: "data: x\n\n", count: 500), Stream.text("x"), Stream.stop)
        )
        #expect(try run.result.get().malformedChunkCount == 500)
        #expect(run.span["spankit.gen_ai.response.malformed_chunk_count"] == 500)
        #expect(run.span.events.count == MalformedChunk.maximumEvents)
        #expect(
            run.lines == [
                "warning: 500 events of the model's answer were malformed and left out, the first one: "
                    + "an event without a type (1 byte): its data is not JSON"
            ]
        )
    }

    @Test("The error for a stream without message_stop names malformed events")
    func noStop() async throws {
        func reason(_ answer: Answer) async throws -> String {
            let run = try await run(answer)
            #expect(run.span["error.type"] == "incomplete")
            return (#expect(throws: LanguageModelError.self) { try run.result.get() })?.description ?? ""
        }
        #expect(
            try await reason(Stream.answer(Stream.start, Stream.text("Hello")))
                == "the API's answer broke off: the stream ended without message_stop after 2 events; try again"
        )
        #expect(
            try await reason(Stream.answer(Stream.start, Stream.text("Hello"), "data: {\"type\":\"message_st\n\n"))
                == "the API's answer broke off: the stream ended without message_stop after 3 events, of which 1 was "
                + "malformed: an event without a type (19 bytes): its data is not JSON; try again"
        )
        let promised = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99999\r\n\r\n"
        let broken = try await reason(.raw(Array((promised + Stream.start + Stream.text("Hello")).utf8)))
        #expect(broken.contains("; the stream ended without message_stop after 2 events; try again"), "\(broken)")
    }

    @Test("The error for an answer of malformed events only names the first one")
    func nothingElse() async throws {
        let run = try await run(Stream.answer(Stream.start, "data: x\n\n", "data: y\n\n", Stream.stop))
        #expect(
            throws: LanguageModelError.invalidResponse(
                reason: "it holds no text in 4 events, of which 2 were malformed, the first one: "
                    + "an event without a type (1 byte): its data is not JSON"
            )
        ) { try run.result.get() }
    }
}

extension RecordedSpan.Event {
    fileprivate func value(_ key: String) -> AttributeValue? { attributes.first { $0.key == key }?.value }
}
