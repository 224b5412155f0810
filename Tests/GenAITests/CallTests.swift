import SpanKit
import SpanKitGenAI
import Testing

@Suite("Model calls become spans and metrics as the conventions define them")
struct CallTests {
    private struct Overloaded: TypedError { var errorType: String { "overloaded_error" } }
    private struct Broken: Error {}

    @Test("a span has the request's attributes from its start, with the names of v1.41.1")
    func requestAttributes() throws {
        let models = ModelTelemetry.forTests()
        var request = ModelRequest.chat("claude-sonnet-4-5", from: .anthropic)
        request.conversation = "session-7"
        request.isStreaming = true
        request.choiceCount = 1
        request.seed = 42
        request.maximumTokens = 1_024
        request.temperature = 0.5
        request.topK = 40
        request.stopSequences = ["END"]
        request.serverAddress = "api.anthropic.com"
        request.serverPort = 443
        models.start(request).end()
        let span = try #require(models.profiler.recordedSpans().first)
        #expect(span.name == "chat claude-sonnet-4-5")
        #expect(span.kind == .client)
        #expect(span.status == .unset)
        #expect(
            span.attributes == [
                Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.provider.name", "anthropic"),
                Attribute("gen_ai.request.model", "claude-sonnet-4-5"),
                Attribute("gen_ai.conversation.id", "session-7"), Attribute("gen_ai.request.seed", 42),
                Attribute("gen_ai.request.stream", true), Attribute("gen_ai.request.max_tokens", 1_024),
                Attribute("gen_ai.request.temperature", 0.5), Attribute("gen_ai.request.top_k", 40.0),
                Attribute("gen_ai.request.stop_sequences", ["END"]),
                Attribute("server.address", "api.anthropic.com"), Attribute("server.port", 443),
            ]
        )
    }

    @Test("known values of the response are on the span, and unknown ones are left out")
    func response() throws {
        let models = ModelTelemetry.forTests()
        let call = models.start(.chat("claude", from: .anthropic))
        call.update { $0 = ModelResponse(id: "msg_1", model: "claude-2", finishReasons: ["end_turn"]) }
        call.update { $0.usage = TokenUsage(input: 3_210, output: 0, cacheRead: 3_000, cacheWrite: 200) }
        call.end()
        call.update { $0.usage = TokenUsage(output: 99) }
        call.fail(Broken())
        let span = try #require(models.profiler.recordedSpans().first)
        #expect(models.profiler.recordedSpans().count == 1)
        #expect(span.status == .unset)
        #expect(
            span.attributes.dropFirst(3) == [
                Attribute("gen_ai.response.id", "msg_1"), Attribute("gen_ai.response.model", "claude-2"),
                Attribute("gen_ai.response.finish_reasons", ["end_turn"]),
                Attribute("gen_ai.usage.input_tokens", 3_210), Attribute("gen_ai.usage.output_tokens", 0),
                Attribute("gen_ai.usage.cache_read.input_tokens", 3_000),
                Attribute("gen_ai.usage.cache_creation.input_tokens", 200),
            ]
        )
        #expect(!span.attributes.contains { $0.key.contains("cost") })
    }

    @Test("error.type is the provider's code, the error's type, cancelled or abandoned")
    func errors() async throws {
        let models = ModelTelemetry.forTests()
        let request = ModelRequest.chat("m", from: .anthropic)
        for error in [Overloaded(), Broken(), CancellationError()] as [any Error] {
            await #expect(throws: (any Error).self) { try await models.call(request) { _ in throw error } }
        }
        _ = models.start(request)
        let spans = models.profiler.recordedSpans()
        let types = spans.map { span in span.attributes.first { $0.key == "error.type" }?.value }
        let broken = String(reflecting: Broken.self)
        #expect(types == ["overloaded_error", .string(broken), "cancelled", "abandoned"])
        #expect(spans.allSatisfy { $0.status == .error("") })
        #expect(spans.map(\.events.count) == [1, 1, 0, 0], "a cancellation is no exception")
        let labels = try #require(models.metrics).points("operation.duration").map { point in
            point.attributes.first { $0.key == "error.type" }?.value
        }
        #expect(
            Set(labels) == ["overloaded_error", .string(broken), "cancelled", "abandoned"],
            "the same on the metric"
        )
    }

    @Test("a call's span is the current span in its closure")
    func nesting() async throws {
        let models = ModelTelemetry.forTests()
        await models.call(.chat("m", from: .openAI)) { _ in models.profiler.profile("inside") {} }
        let spans = models.profiler.recordedSpans()
        #expect(spans.map(\.name) == ["inside", "chat m"])
        #expect(spans[0].parentSpanID == spans[1].context.spanID)
    }

    @Test("tokens and durations are counted once, and unknown token counts are left out")
    func metrics() throws {
        let models = ModelTelemetry.forTests()
        let call = models.start(.chat("m", from: .openAI))
        call.update { $0.usage = TokenUsage(input: 100) }
        call.end()
        call.end()
        let metrics = try #require(models.metrics)
        let tokens = metrics.points("token.usage")
        #expect(tokens.count == 1)
        #expect(tokens.first?.attributes.contains(Attribute("gen_ai.token.type", "input")) == true)
        #expect(tokens.first?.histogram?.sum == 100)
        #expect(metrics.points("operation.duration").map(\.histogram?.count) == [1])
        #expect(metrics.points("operation.time_to_first_chunk").isEmpty)
    }

    @Test("with profiling off, no spans or operations are recorded, but metrics of calls are")
    func off() async throws {
        let profiler = PerformanceProfiler(.off, log: .silent)
        let metrics = GenAIMetrics()
        let models = ModelTelemetry(profiler, metrics: metrics)
        let result = await models.call(.chat("m", from: .openAI)) { call in
            call.chunkArrived()
            call.update { $0.usage = TokenUsage(input: 9, output: 4) }
            return 7
        }
        #expect(result == 7)
        models.start(.chat("m", from: .openAI)).fail(Broken())
        #expect(profiler.recordedSpans().isEmpty)
        #expect(profiler.statistics().isEmpty)
        #expect(metrics.points("operation.duration").map(\.histogram?.count) == [1, 1], "one succeeded, one failed")
        #expect(metrics.points("token.usage").count == 2, "input and output")
    }
}

extension GenAIMetrics {
    /// The points of a metric of v1.41.1, with the bounds of the conventions.
    func points(_ name: String) -> [Metric.Point] {
        collect().filter { $0.name == "gen_ai.client.\(name)" }.flatMap(\.points)
    }
}

extension Metric.Point {
    var histogram: ExplicitHistogram? {
        if case .histogram(let histogram) = value { histogram } else { nil }
    }
}

extension ModelTelemetry {
    static func forTests(
        _ conventions: Conventions = .v1_41_1,
        content: ContentCapture? = nil
    ) -> ModelTelemetry {
        var configuration = Configuration()
        configuration.conventions = conventions
        configuration.content = content
        return ModelTelemetry(
            PerformanceProfiler(.on, log: .silent),
            metrics: GenAIMetrics(),
            configuration: configuration
        )
    }
}
