import SpanKit
import SpanKitGenAI
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("A stream ends its call exactly once", .generousTimeLimit)
struct StreamTests {
    private struct ServerGone: TypedError { var errorType: String { "connection_lost" } }

    /// Pieces of text; the last one says that it is.
    private enum Chunk: Sendable {
        case text(String)
        case usage(TokenUsage)
        case done
    }

    private let models = ModelTelemetry.forTests()

    private func stream(
        _ base: AsyncThrowingStream<Chunk, any Error>
    ) -> (ModelStream<AsyncThrowingStream<Chunk, any Error>>, ModelCall) {
        var request = ModelRequest.chat("m", from: .anthropic)
        request.isStreaming = true
        let call = models.start(request)
        let stream = call.stream(base, endIsMarked: true) { chunk, progress in
            switch chunk {
            case .text: break
            case .usage(let usage):
                progress.response.usage = usage
                progress.isOutput = false
            case .done:
                progress.isComplete = true
                progress.isOutput = false
            }
        }
        return (stream, call)
    }

    private func ended() throws -> (span: RecordedSpan, error: AttributeValue?) {
        let spans = models.profiler.recordedSpans()
        #expect(spans.count == 1, "exactly one ended span")
        let span = try #require(spans.first)
        return (span, span.value("error.type"))
    }

    @Test("a complete stream records the first chunk, gaps, chunk count and last usage, without an error")
    func complete() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, call) = stream(base)
        source.yield(.usage(TokenUsage(input: 25)))
        for _ in 0..<3 { source.yield(.text("a")) }
        source.yield(.usage(TokenUsage(input: 25, output: 15)))
        source.yield(.usage(TokenUsage(input: 25, output: 42)))
        source.yield(.done)
        source.finish()
        var count = 0
        for try await _ in stream { count += 1 }
        #expect(count == 7, "every element passes through")
        #expect(call.hasEnded)
        let (span, error) = try ended()
        #expect(error == nil && span.status == .unset)
        #expect(span.value("gen_ai.usage.output_tokens") == 42, "cumulative: 15 and 42 are not 57")
        #expect(span.value("spankit.gen_ai.response.chunk_count") == 3)
        #expect(span.value("gen_ai.response.time_to_first_chunk") != nil)
        #expect(span.events.isEmpty, "chunks are counted, not events")
        let metrics = try #require(models.metrics)
        #expect(metrics.points("operation.time_to_first_chunk").map(\.histogram?.count) == [1])
        #expect(metrics.points("operation.time_per_output_chunk").map(\.histogram?.count) == [2])
    }

    @Test("a stream that is cancelled before the first chunk")
    func cancelledEarly() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, _) = stream(base)
        let task = Task { for try await _ in stream {} }
        task.cancel()
        _ = try? await task.value
        let (span, error) = try ended()
        #expect(error == "cancelled" && span.status == .error(""))
        #expect(span.value("gen_ai.response.time_to_first_chunk") == nil)
        source.finish()
    }

    @Test("a stream that is cancelled in the middle keeps the known usage")
    func cancelledLate() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, call) = stream(base)
        let task = Task { for try await _ in stream {} }
        source.yield(.usage(TokenUsage(input: 25, output: 1)))
        source.yield(.text("a"))
        try await eventually("the first chunk has come", call.chunks.count) { $0 > 0 }
        task.cancel()
        _ = try? await task.value
        let (span, error) = try ended()
        #expect(error == "cancelled")
        #expect(span.value("gen_ai.usage.input_tokens") == 25)
        source.finish()
    }

    @Test("a stream that fails in the middle keeps its error and the known usage")
    func serverGone() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, _) = stream(base)
        source.yield(.usage(TokenUsage(input: 25, output: 1)))
        source.yield(.text("a"))
        source.finish(throwing: ServerGone())
        await #expect(throws: ServerGone.self) { for try await _ in stream {} }
        let (span, error) = try ended()
        #expect(error == "connection_lost" && span.status == .error(""))
        #expect(span.value("gen_ai.usage.input_tokens") == 25)
    }

    @Test("a stream that ends without the provider's mark is incomplete")
    func incomplete() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, _) = stream(base)
        source.yield(.text("a"))
        source.finish()
        for try await _ in stream {}
        #expect(try ended().error == "incomplete")
    }

    @Test(
        "releasing the iterator abandons the call before the end, and completes it after the end",
        arguments: [false, true]
    )
    func dropped(isDone: Bool) async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, call) = stream(base)
        source.yield(.text("a"))
        if isDone { source.yield(.done) }
        for try await chunk in stream {
            if case .done = chunk { break }
            if !isDone { break }
        }
        #expect(call.hasEnded, "although there is still a reference to the call")
        let (span, error) = try ended()
        #expect(error == (isDone ? nil : "abandoned"))
        #expect(span.value("spankit.gen_ai.response.chunk_count") == 1)
        source.finish()
    }

    @Test("a stream that is never iterated ends its call when it is released")
    func neverIterated() throws {
        do {
            let (base, _) = AsyncThrowingStream.makeStream(of: Chunk.self)
            _ = stream(base)
        }
        #expect(try ended().error == "abandoned")
    }

    @Test("a million chunks take no more memory than two, and every gap is counted")
    func manyChunks() async throws {
        let given = Locked(0)
        let (stream, call) = stream(
            // Made as they are read: buffered ones would be most of the memory.
            AsyncThrowingStream {
                let number = given.withLock { given in
                    given += 1
                    return given
                }
                return number <= 1_000_000 ? .text("") : number == 1_000_001 ? .done : nil
            }
        )
        for try await _ in stream {}
        #expect(call.chunks.count == 1_000_000)
        let gaps = try #require(models.metrics).points("operation.time_per_output_chunk")
        #expect(gaps.map(\.histogram?.count) == [999_999])
        #expect(try ended().error == nil)
    }

    @Test("a stream can end before the first chunk, with or without the provider's mark")
    func empty() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, _) = stream(base)
        source.finish()
        for try await _ in stream { Issue.record("nothing came") }
        let (span, error) = try ended()
        #expect(error == "incomplete" && span.status == .error(""))
        #expect(span.value("spankit.gen_ai.response.chunk_count") == nil)
    }

    /// How a stream may end, and what its span says then.
    private enum Ending: String, CaseIterable {
        case complete, incomplete, serverGone, cancelledEarly, cancelledLate, dropped, neverIterated

        var errorType: AttributeValue? {
            switch self {
            case .complete: nil
            case .incomplete: "incomplete"
            case .serverGone: "connection_lost"
            case .cancelledEarly, .cancelledLate: "cancelled"
            case .dropped, .neverIterated: "abandoned"
            }
        }
    }

    /// Lives as long as what holds it.
    private final class Token: Sendable {
        private let alive: Locked<Int>

        init(_ alive: Locked<Int>) {
            self.alive = alive
            alive.withLock { $0 += 1 }
        }

        deinit { alive.withLock { $0 -= 1 } }
    }

    private struct WeakCall {
        weak var call: ModelCall?
    }

    /// - Returns: the call, for a look whether it is still there.
    private func run(_ ending: Ending, _ token: Token) async -> WeakCall {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        var request = ModelRequest.chat("m", from: .anthropic)
        request.isStreaming = true
        let call = models.start(request)
        let stream = call.stream(base, endIsMarked: true) { [token] chunk, progress in
            _ = token
            switch chunk {
            case .text: break
            case .usage(let usage): progress.response.usage = usage
            case .done: progress.isComplete = true
            }
        }
        if ending != .cancelledEarly { source.yield(.usage(TokenUsage(input: 25, output: 1))) }
        switch ending {
        case .complete:
            source.yield(.done)
            source.finish()
        case .incomplete: source.finish()
        case .serverGone: source.finish(throwing: ServerGone())
        case .cancelledEarly, .cancelledLate, .dropped, .neverIterated: break
        }
        let task = Task {
            if ending == .neverIterated { return }
            if ending == .cancelledEarly { withUnsafeCurrentTask { $0?.cancel() } }
            for try await _ in stream {
                if ending == .dropped { break }
                if ending == .cancelledLate { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        _ = try? await task.value
        return WeakCall(call: call)
    }

    /// 10,000 unless `SPANKIT_FUZZ` says how many.
    @Test(
        "many streams that are cancelled, released or failing end every span and leak nothing"
    )
    func noLeak() async throws {
        let rounds = FuzzRounds.isUsual ? 10_000 : FuzzRounds.count
        let alive = Locked(0)
        var calls: [WeakCall] = []
        var seen: Set<SpanID> = []
        for number in 0..<rounds {
            let ending = Ending.allCases[number % Ending.allCases.count]
            calls.append(await run(ending, Token(alive)))
            guard number < Ending.allCases.count else { continue }
            let spans = models.profiler.recordedSpans()
            // Not the last one: each thread has a part of the log.
            let span = try #require(spans.first { !seen.contains($0.context.spanID) })
            seen.insert(span.context.spanID)
            #expect(spans.count == number + 1, "\(ending): exactly one ended span")
            #expect(span.value("error.type") == ending.errorType, "\(ending)")
            #expect(span.status == (ending == .complete ? .unset : .error("")), "\(ending)")
            let hasRead = ending != .neverIterated && ending != .cancelledEarly
            #expect((span.value("gen_ai.usage.input_tokens") == 25) == hasRead, "\(ending): what is known is kept")
        }
        #expect(calls.allSatisfy { $0.call == nil }, "no call is held")
        #expect(alive.withLock { $0 } == 0, "nor what its stream held")
        let account = models.profiler.account
        #expect(account.open == 0, "nor a slot")
        #expect(account.started == UInt64(rounds))
        let counts = try #require(models.metrics).points("operation.duration").compactMap(\.histogram?.count)
        #expect(counts.reduce(0, +) == UInt64(rounds), "each is counted once")
    }
}

extension RecordedSpan {
    func value(_ key: String) -> AttributeValue? { attributes.first { $0.key == key }?.value }
}
