import SpanKit
import SpanKitGenAI
import SpanKitPlatform
import Testing

@Suite("Spans of the client become children of the call")
struct CurrentSpanTests {
    private struct Refused: Error {}

    private let models = ModelTelemetry.forTests()

    /// A client whose HTTP requests have spans of their own.
    private func request(_ profiler: PerformanceProfiler) -> Int { profiler.profile("POST") { 1 } }

    private func parents() throws -> (call: SpanID, requests: [SpanID?]) {
        let spans = models.profiler.recordedSpans()
        let call = try #require(spans.first { $0.name == "chat m" })
        return (call.context.spanID, spans.filter { $0.name == "POST" }.map(\.parentSpanID))
    }

    @Test("a stream that sends its request when it is created")
    func eager() async throws {
        func client() -> AsyncStream<Int> {
            let number = request(models.profiler)
            return AsyncStream { source in
                source.yield(number)
                source.finish()
            }
        }
        for try await _ in models.start(.chat("m", from: .anthropic)).stream(client()) {}
        let (call, requests) = try parents()
        #expect(requests == [call])
    }

    @Test("a stream that sends its request with the first chunk, in a task or not")
    func lazy() async throws {
        let profiler = models.profiler
        let rounds = Locked(0)
        let stream = AsyncStream<Int> {
            let round = rounds.withLock { rounds in
                rounds += 1
                return rounds
            }
            switch round {
            case 1: return profiler.profile("POST") { 1 }
            case 2: return await Task { profiler.profile("POST") { 2 } }.value
            default: return nil
            }
        }
        for await _ in models.start(.chat("m", from: .anthropic)).stream(stream) {}
        let (call, requests) = try parents()
        #expect(requests == [call, call])
    }

    @Test("a client that has to be awaited, whose error becomes the call's")
    func awaited() async throws {
        let profiler = models.profiler
        let call = models.start(.chat("m", from: .anthropic))
        let stream = try await call.stream(
            from: { () async throws -> AsyncStream<Int> in
                await Task.yield()
                _ = request(profiler)
                return AsyncStream { $0.finish() }
            }
        )
        for await _ in stream {}
        let (span, requests) = try parents()
        #expect(requests == [span])
        let refused = models.start(.chat("m", from: .anthropic))
        await #expect(throws: Refused.self) {
            _ = try await refused.stream(from: { () async throws -> AsyncStream<Int> in throw Refused() })
        }
        #expect(refused.hasEnded)
        let errors = models.profiler.recordedSpans().compactMap { $0.value("error.type") }
        #expect(errors == [.string(String(reflecting: Refused.self))])
    }

    @Test("afterwards the previous span is the current one again")
    func restored() async throws {
        await models.profiler.withSpan("outer") { outer in
            for await _ in models.start(.chat("m", from: .anthropic)).stream(AsyncStream<Int> { $0.finish() }) {}
            #expect(SpanHandle.current.context == outer.context)
        }
    }

    @Test("retries and malformed chunks are events of the current span, if there is one")
    func incidents() async throws {
        ModelRetry(attempt: 1, errorType: "timeout", wait: .zero).record()
        MalformedChunk(type: nil, reason: "", bytes: 0).record(count: 1)
        await models.call(.chat("m", from: .anthropic)) { _ in
            ModelRetry(attempt: 2, errorType: "rate_limit_error", statusCode: 429, wait: .milliseconds(1_500)).record()
            MalformedChunk(type: "ping", reason: "its data is empty", bytes: 0).record(count: 3)
        }
        let span = try #require(models.profiler.recordedSpans().first)
        #expect(
            span.events.map(\.attributes) == [
                [
                    Attribute("spankit.gen_ai.retry.attempt", 2), Attribute("error.type", "rate_limit_error"),
                    Attribute("http.response.status_code", 429), Attribute("spankit.gen_ai.retry.wait", 1.5),
                ],
                [
                    Attribute("spankit.gen_ai.malformed_chunk.type", "ping"),
                    Attribute("spankit.gen_ai.malformed_chunk.reason", "its data is empty"),
                    Attribute("spankit.gen_ai.malformed_chunk.bytes", 0),
                ],
            ]
        )
        #expect(span.value("spankit.gen_ai.retry_count") == 2)
        #expect(span.value("spankit.gen_ai.response.malformed_chunk_count") == 3)
    }

    @Test("withSpan makes the span of a started call current, in both forms, and does not end the call")
    func withSpan() async throws {
        struct Busy: Error {}
        let profiler = models.profiler
        let call = models.start(.chat("m", from: .anthropic))
        let first = call.withSpan { request(profiler) }
        let second = await call.withSpan { () async in
            await Task.yield()
            return await Task { profiler.profile("POST") { 2 } }.value
        }
        #expect(first == 1 && second == 2 && !call.hasEnded)
        #expect(throws: Busy.self) { try call.withSpan { throw Busy() } }
        #expect(!call.hasEnded && SpanHandle.current.context != call.span.context)
        call.end()
        let (span, requests) = try parents()
        #expect(requests == [span, span])
    }

    @Test("a retry within the HTTP client's span is an event of the model's span")
    func retryInClientSpan() async throws {
        let profiler = models.profiler
        await models.call(.chat("m", from: .anthropic)) { _ in
            await profiler.withSpan("POST") { _ in
                ModelRetry(attempt: 1, errorType: "rate_limit_error", statusCode: 429, wait: .seconds(1)).record()
                MalformedChunk(type: "ping", reason: "its data is empty", bytes: 0).record(count: 1)
            }
        }
        let spans = profiler.recordedSpans()
        let chat = try #require(spans.first { $0.name == "chat m" })
        let post = try #require(spans.first { $0.name == "POST" })
        #expect(chat.events.map(\.name) == ["spankit.gen_ai.retry", "spankit.gen_ai.malformed_chunk"])
        #expect(post.events.isEmpty && post.parentSpanID == chat.context.spanID)
    }
}
