import GenAI
import SpanKit
import Testing

@Suite("A stream ends its call exactly once, however it ends", .timeLimit(.minutes(2)))
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

    @Test("to the end: first chunk and gaps timed, chunks counted, the last usage kept, no error")
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
        #expect(metrics.distributions(.timeToFirstChunk).map(\.histogram.classic.count) == [1])
        #expect(metrics.distributions(.timePerOutputChunk).map(\.histogram.classic.count) == [2])
    }

    @Test("cancelled before the first chunk")
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

    @Test("cancelled in the middle: what is known of the usage is kept")
    func cancelledLate() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, call) = stream(base)
        let task = Task { for try await _ in stream {} }
        source.yield(.usage(TokenUsage(input: 25, output: 1)))
        source.yield(.text("a"))
        while call.chunks.count == 0 { await Task.yield() }
        task.cancel()
        _ = try? await task.value
        let (span, error) = try ended()
        #expect(error == "cancelled")
        #expect(span.value("gen_ai.usage.input_tokens") == 25)
        source.finish()
    }

    @Test("the server is gone in the middle: its error, and what is known of the usage")
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

    @Test("the stream ends before the provider said so")
    func incomplete() async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, _) = stream(base)
        source.yield(.text("a"))
        source.finish()
        for try await _ in stream {}
        #expect(try ended().error == "incomplete")
    }

    @Test("the iterator is dropped: abandoned before the end, complete behind it", arguments: [false, true])
    func dropped(isDone: Bool) async throws {
        let (base, source) = AsyncThrowingStream.makeStream(of: Chunk.self)
        let (stream, call) = stream(base)
        source.yield(.text("a"))
        if isDone { source.yield(.done) }
        for try await chunk in stream {
            if case .done = chunk { break }
            if !isDone { break }
        }
        #expect(call.hasEnded, "although somebody still holds the call")
        let (span, error) = try ended()
        #expect(error == (isDone ? nil : "abandoned"))
        #expect(span.value("spankit.gen_ai.response.chunk_count") == 1)
        source.finish()
    }

    @Test("a stream that nobody iterates ends its call when it goes away")
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
        #expect(call.chunks.gaps.classic.count == 999_999)
        #expect(call.chunks.gaps.exponential.bucketCounts.count < 20_000)
        #expect(try ended().error == nil)
    }

    @Test("100,000 streams, each dropped, cancelled or read to the end: as many ended spans, none open")
    func noLeak() async throws {
        for number in 0..<100_000 {
            let (stream, _) = stream(
                AsyncThrowingStream { source in
                    source.yield(.text("a"))
                    if number % 3 == 0 { source.yield(.done) }
                    if number % 3 != 1 { source.finish() }
                }
            )
            for try await _ in stream where number % 3 == 1 { break }
        }
        let account = models.profiler.account
        #expect(account.live == 0)
        #expect(account.started == 100_000)
        let counts = try #require(models.metrics).distributions(.duration).map(\.histogram.classic.count)
        #expect(counts.reduce(0, +) == 100_000)
    }
}

extension RecordedSpan {
    func value(_ key: String) -> AttributeValue? { attributes.first { $0.key == key }?.value }
}
