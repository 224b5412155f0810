import SpanKit
import SpanKitOTLP
import Testing

@testable import SpanKitGenAI

/// The tables "GenAI metrics" of semantic-conventions v1.41.1 and of `semantic-conventions-genai` v0.1.0.
@Suite("Metrics are exactly those of the conventions")
struct MetricTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let unit: String
        /// The bounds of the buckets; nil for a counter.
        let bounds: [Double]?
        var testDescription: String { name }
    }

    private static let seconds = [
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ]
    private static let agentSeconds = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6]
    private static let tokens: [Double] = [
        1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ]
    private static let calls: [Double] = [1, 2, 4, 8, 16, 32, 64, 128]

    private static let old: [Row] = [
        Row(name: "gen_ai.client.operation.duration", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.token.usage", unit: "{token}", bounds: tokens),
        Row(name: "gen_ai.client.operation.time_to_first_chunk", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.operation.time_per_output_chunk", unit: "s", bounds: seconds),
    ]

    private static let new: [Row] = [
        Row(name: "gen_ai.client.inference.duration", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.inference.time_to_first_chunk", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.inference.time_per_output_chunk", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.inference.usage.input_tokens", unit: "{token}", bounds: nil),
        Row(name: "gen_ai.client.inference.usage.output_tokens", unit: "{token}", bounds: nil),
        Row(name: "gen_ai.client.inference.usage.cache_read.input_tokens", unit: "{token}", bounds: nil),
        Row(name: "gen_ai.client.inference.usage.cache_write.input_tokens", unit: "{token}", bounds: nil),
        Row(name: "gen_ai.client.inference.usage.reasoning.output_tokens", unit: "{token}", bounds: nil),
        Row(name: "gen_ai.client.inference.operation.input_tokens", unit: "{token}", bounds: tokens),
        Row(name: "gen_ai.client.inference.operation.output_tokens", unit: "{token}", bounds: tokens),
        Row(name: "gen_ai.client.embeddings.duration", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.embeddings.operation.input_tokens", unit: "{token}", bounds: tokens),
        Row(name: "gen_ai.invoke_agent.duration", unit: "s", bounds: agentSeconds),
        Row(name: "gen_ai.invoke_agent.inference_calls", unit: "{inference_call}", bounds: calls),
        Row(name: "gen_ai.invoke_agent.tool_calls", unit: "{tool_call}", bounds: calls),
        Row(name: "gen_ai.execute_tool.duration", unit: "s", bounds: seconds),
        Row(name: "gen_ai.retrieval.duration", unit: "s", bounds: seconds),
        Row(name: "gen_ai.client.operation.duration", unit: "s", bounds: seconds),
    ]

    /// One call of each kind, by one version, in which everything is known.
    private static func metrics(_ conventions: Conventions) async -> [Metric] {
        let models = ModelTelemetry.forTests(conventions)
        let requests: [ModelRequest] = [
            .embeddings("e", from: .openAI), .retrieval(from: "wiki", by: .openAI), .plan(forAgent: "a"),
            .memory(.searchMemory, isInProcess: false, from: .openAI), .fetch(responseID: "r", from: .openAI),
            .creation(ofAgent: "a", from: .openAI), .agent("remote", isInProcess: false, from: .openAI),
        ]
        for request in requests { models.start(request).end() }
        await models.call(.agent("planner", isInProcess: true, from: .openAI)) { _ in
            await models.call(.tool("search", type: "function", from: .openAI)) { _ in }
            for _ in 0..<2 { chat(models) }
            await models.call(.agent("helper", isInProcess: true, from: .openAI)) { _ in chat(models) }
        }
        let failed = models.start(.chat("m", from: .openAI))
        failed.fail(errorType: "timeout")
        return models.metrics?.metrics(.classic) ?? []
    }

    private static func chat(_ models: ModelTelemetry) {
        let call = models.start(.chat("m", from: .openAI))
        for time in [100, 200, 400] { call.chunkArrived(after: .milliseconds(time)) }
        call.update {
            $0.usage = TokenUsage(
                input: 100,
                output: 10,
                cacheRead: 40,
                cacheWrite: 20,
                reasoning: 5,
                modalities: [.text: ModalityTokens(input: 70), .image: ModalityTokens(input: 20)]
            )
        }
        call.end()
    }

    @Test("names, units and buckets of v1.41.1", arguments: old)
    func release1_41_1(row: Row) async throws {
        try await check(row, .v1_41_1)
    }

    @Test("names, units and buckets of v0.1.0", arguments: new)
    func release0_1_0(row: Row) async throws {
        try await check(row, .v0_1_0)
    }

    private func check(_ row: Row, _ conventions: Conventions) async throws {
        let metric = try #require(await Self.metrics(conventions).first { $0.name == row.name })
        #expect(metric.unit == row.unit && !metric.description.isEmpty)
        for point in metric.points {
            switch point.value {
            case .histogram(let histogram): #expect(row.bounds.map { Self.isSame(histogram.bounds, $0) } == true)
            default: #expect(row.bounds == nil)
            }
        }
    }

    private static func isSame(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test("OTLP gets the same counts in exponential histograms", arguments: Conventions.allCases)
    func exponential(conventions: Conventions) async throws {
        let models = ModelTelemetry.forTests(conventions)
        Self.chat(models)
        let metrics = try #require(models.metrics)
        let (classic, exponential) = (metrics.metrics(.classic), metrics.metrics(.exponential))
        #expect(classic.map(\.name) == exponential.map(\.name))
        for (one, other) in zip(classic, exponential) {
            #expect(other.kind == (one.kind == .histogram ? .exponentialHistogram : one.kind))
            for (left, right) in zip(one.points, other.points) {
                #expect(left.attributes == right.attributes)
                switch (left.value, right.value) {
                case (.histogram(let bounded), .distribution(let distribution)):
                    #expect(bounded.count == distribution.count && bounded.sum == distribution.sum)
                    #expect(distribution.scale == 8)
                default: #expect(left.value == right.value)
                }
            }
        }
    }

    @Test("there are no other metrics, so that nothing is counted twice", arguments: Conventions.allCases)
    func nothingElse(conventions: Conventions) async {
        let expected = (conventions == .v1_41_1 ? Self.old : Self.new).map(\.name)
        #expect(Set(await Self.metrics(conventions).map(\.name)) == Set(expected))
    }

    /// The count or the sum of the series with exactly these attributes.
    private static func value(_ metrics: [Metric], _ name: String, _ attributes: [String: AttributeValue]) -> Double? {
        for point in metrics.first(where: { $0.name == name })?.points ?? [] {
            guard Dictionary(point.attributes.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }) == attributes else {
                continue
            }
            switch point.value {
            case .histogram(let histogram): return histogram.sum
            case .int(let value): return Double(value)
            case .double(let value): return value
            default: return nil
            }
        }
        return nil
    }

    private static let common: [String: AttributeValue] = [
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "m",
    ]

    @Test(
        "the series of v0.1.0 and their values",
        arguments: [
            ("usage.input_tokens", ["gen_ai.token.modality": "text"], 210),
            ("usage.input_tokens", ["gen_ai.token.modality": "image"], 60),
            ("usage.input_tokens", ["gen_ai.token.modality": "unknown"], 30),
            ("usage.output_tokens", ["gen_ai.token.modality": "unknown"], 30),
            ("usage.cache_read.input_tokens", ["gen_ai.token.modality": "unknown"], 120),
            ("usage.cache_write.input_tokens", ["gen_ai.token.modality": "unknown"], 60),
            ("usage.reasoning.output_tokens", ["gen_ai.token.modality": "unknown"], 15),
            ("operation.input_tokens", [:], 300), ("operation.input_tokens", ["error.type": "timeout"], 0),
            ("time_to_first_chunk", [:], 0.3), ("time_per_output_chunk", [:], 0.9),
        ] as [(String, [String: AttributeValue], Double)]
    )
    func series(name: String, more: [String: AttributeValue], expected: Double) async throws {
        let attributes = Self.common.merging(more) { $1 }
        let value = Self.value(await Self.metrics(.v0_1_0), "gen_ai.client.inference.\(name)", attributes)
        #expect(abs(try #require(value) - expected) < 1e-9)
    }

    private static let call = [
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model",
        "server.address", "server.port",
    ]
    private static let failedCall = call + ["error.type"]

    /// The attributes of the series of a failed streamed call, by metric.
    private static let attributeRows: [(Conventions, String, [String])] = [
        (.v1_41_1, "gen_ai.client.operation.duration", failedCall),
        (.v1_41_1, "gen_ai.client.token.usage", call + ["gen_ai.token.type"]),
        (.v1_41_1, "gen_ai.client.operation.time_to_first_chunk", call),
        (.v1_41_1, "gen_ai.client.operation.time_per_output_chunk", call),
        (.v0_1_0, "gen_ai.client.inference.duration", failedCall),
        (.v0_1_0, "gen_ai.client.inference.time_to_first_chunk", call),
        (.v0_1_0, "gen_ai.client.inference.time_per_output_chunk", call),
        (.v0_1_0, "gen_ai.client.inference.usage.input_tokens", call + ["gen_ai.token.modality"]),
        (.v0_1_0, "gen_ai.client.inference.usage.output_tokens", call + ["gen_ai.token.modality"]),
        (.v0_1_0, "gen_ai.client.inference.usage.cache_read.input_tokens", call + ["gen_ai.token.modality"]),
        (.v0_1_0, "gen_ai.client.inference.usage.cache_write.input_tokens", call + ["gen_ai.token.modality"]),
        (.v0_1_0, "gen_ai.client.inference.usage.reasoning.output_tokens", call + ["gen_ai.token.modality"]),
        (.v0_1_0, "gen_ai.client.inference.operation.input_tokens", failedCall),
        (.v0_1_0, "gen_ai.client.inference.operation.output_tokens", failedCall),
    ]

    @Test("a failed call has the attributes of each metric, and no others", arguments: attributeRows)
    func attributes(conventions: Conventions, name: String, expected: [String]) throws {
        let models = ModelTelemetry.forTests(conventions)
        var request = ModelRequest.chat("m", from: .openAI)
        (request.serverAddress, request.serverPort) = ("h", 443)
        let call = models.start(request)
        for time in [100, 200] { call.chunkArrived(after: .milliseconds(time)) }
        call.update { response in
            response.model = "m-2"
            response.usage = TokenUsage(input: 9, output: 5, cacheRead: 2, cacheWrite: 1, reasoning: 1)
        }
        call.fail(errorType: "timeout")
        let metrics = models.metrics?.metrics(.classic) ?? []
        let metric = try #require(metrics.first { $0.name == name })
        #expect(!metric.points.isEmpty)
        for point in metric.points { #expect(Set(point.attributes.map(\.key)) == Set(expected)) }
    }

    @Test(
        "metrics of other operations of v0.1.0 have their own attributes",
        arguments: [
            (ModelRequest.embeddings("e", from: .openAI), "gen_ai.client.embeddings.duration", otherCall),
            (.embeddings("e", from: .openAI), "gen_ai.client.embeddings.operation.input_tokens", otherCall),
            (
                .retrieval(from: "wiki", by: .openAI), "gen_ai.retrieval.duration",
                ["gen_ai.provider.name", "error.type"]
            ),
            (
                .tool("search", type: "function", from: .openAI), "gen_ai.execute_tool.duration",
                ["gen_ai.tool.name", "gen_ai.tool.type", "error.type"]
            ),
            (localAgent, "gen_ai.invoke_agent.duration", ["gen_ai.agent.name", "error.type"]),
            (localAgent, "gen_ai.invoke_agent.inference_calls", ["gen_ai.agent.name", "error.type"]),
            (localAgent, "gen_ai.invoke_agent.tool_calls", ["gen_ai.agent.name", "error.type"]),
            (.workflow("w", from: .openAI), "gen_ai.invoke_agent.duration", ["gen_ai.agent.name", "error.type"]),
            (.creation(ofAgent: "a", from: .openAI), "gen_ai.client.operation.duration", provided),
            (.agent("a", isInProcess: false, from: .openAI), "gen_ai.client.operation.duration", provided),
            (.fetch(responseID: "r", from: .openAI), "gen_ai.client.operation.duration", provided),
            (
                .memory(.searchMemory, isInProcess: false, from: .openAI), "gen_ai.client.operation.duration",
                provided
            ),
        ] as [(ModelRequest, String, [String])]
    )
    func otherAttributes(request: ModelRequest, name: String, expected: [String]) throws {
        let models = ModelTelemetry.forTests(.v0_1_0)
        models.start(request).fail(errorType: "timeout")
        let metrics = models.metrics?.metrics(.classic) ?? []
        let point = try #require(metrics.first { $0.name == name }?.points.first)
        #expect(Set(point.attributes.map(\.key)) == Set(expected))
    }

    private static let localAgent = ModelRequest.agent("planner", isInProcess: true, from: .openAI)
    private static let provided = ["gen_ai.operation.name", "gen_ai.provider.name", "error.type"]
    private static let otherCall = provided + ["gen_ai.request.model"]

    @Test("an agent counts its own calls, and a nested agent counts its own")
    func agents() async {
        let metrics = await Self.metrics(.v0_1_0)
        func value(_ name: String, _ agent: String) -> Double? {
            Self.value(metrics, "gen_ai.invoke_agent.\(name)", ["gen_ai.agent.name": .string(agent)])
        }
        #expect(value("inference_calls", "planner") == 2 && value("tool_calls", "planner") == 1)
        #expect(value("inference_calls", "helper") == 1 && value("tool_calls", "helper") == 0)
        let tool: [String: AttributeValue] = [
            "gen_ai.tool.name": "search", "gen_ai.tool.type": "function", "gen_ai.agent.name": "planner",
        ]
        #expect(Self.value(metrics, "gen_ai.execute_tool.duration", tool) != nil)
    }

    @Test("a long stream counts every gap, whenever it is counted")
    func gaps() throws {
        let models = ModelTelemetry.forTests(.v0_1_0)
        let call = models.start(.chat("m", from: .openAI))
        for number in 0...1_000 { call.chunkArrived(after: .milliseconds(number * 20)) }
        call.end()
        let metrics = models.metrics?.metrics(.classic) ?? []
        let metric = try #require(metrics.first { $0.name.hasSuffix("time_per_output_chunk") })
        guard case .histogram(let histogram) = try #require(metric.points.first).value else { return }
        #expect(histogram.count == 1_000 && abs((histogram.sum ?? 0) - 20) < 1e-6)
    }

    @Test("the server's address and port are attributes if they are known")
    func server() {
        let models = ModelTelemetry.forTests(.v0_1_0)
        var request = ModelRequest.chat("m", from: .openAI)
        request.serverAddress = "h"
        request.serverPort = 443
        models.start(request).end()
        let attributes = Self.common.merging(["server.address": "h", "server.port": 443]) { $1 }
        let metrics = models.metrics?.metrics(.classic) ?? []
        #expect(Self.value(metrics, "gen_ai.client.inference.duration", attributes) != nil)
    }
}
