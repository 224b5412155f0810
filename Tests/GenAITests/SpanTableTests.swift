import SpanKit
import Testing

@testable import SpanKitGenAI

/// The table "Other spans" of semantic-conventions v1.41.1 and of `semantic-conventions-genai` v0.1.0.
@Suite("Spans of agents, tools, retrievals, plans and memories are those of the conventions")
struct SpanTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let request: ModelRequest
        let old: Shape
        /// The shape by v0.1.0; nil if it is the same.
        var new: Shape?

        var testDescription: String { request.spanName() }
    }

    struct Shape: Sendable, Equatable {
        var name: String
        var kind: RecordedSpan.Kind
        var attributes: [String: AttributeValue]
    }

    private static let rows: [Row] = [
        Row(
            request: .embeddings("e-3", from: .openAI, dimensions: 256, encodingFormats: ["base64"]),
            old: Shape(
                name: "embeddings e-3",
                kind: .client,
                attributes: [
                    "gen_ai.operation.name": "embeddings", "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "e-3", "gen_ai.embeddings.dimension.count": 256,
                    "gen_ai.request.encoding_formats": ["base64"],
                ]
            )
        ),
        Row(
            request: .retrieval(from: "wiki", by: .openAI, topK: 5),
            old: Shape(
                name: "retrieval wiki",
                kind: .client,
                attributes: [
                    "gen_ai.operation.name": "retrieval", "gen_ai.provider.name": "openai",
                    "gen_ai.data_source.id": "wiki",
                    "gen_ai.request.top_k": 5.0,
                ]
            ),
            new: Shape(
                name: "retrieval",
                kind: .internal,
                attributes: [
                    "gen_ai.operation.name": "retrieval", "gen_ai.provider.name": "openai",
                    "gen_ai.data_source.id": "wiki",
                    "gen_ai.retrieval.top_k": 5,
                ]
            )
        ),
        Row(
            request: .tool(
                "search",
                callID: "c1",
                description: "finds",
                type: "function",
                skill: .init("maps", description: "of places", sourceURI: "file:/m", resourceName: "guide"),
                executable: "grep",
                from: .anthropic
            ),
            old: Shape(
                name: "execute_tool search",
                kind: .internal,
                attributes: tool
            ),
            new: Shape(
                name: "execute_tool search maps",
                kind: .internal,
                attributes: tool.merging([
                    "gen_ai.skill.name": "maps", "gen_ai.skill.description": "of places",
                    "gen_ai.skill.source.uri": "file:/m", "gen_ai.skill.resource.name": "guide",
                    "process.executable.name": "grep",
                ]) { $1 }
            )
        ),
        Row(
            request: agent(isInProcess: false),
            old: Shape(name: "invoke_agent planner", kind: .client, attributes: remoteAgent("invoke_agent"))
        ),
        Row(
            request: .creation(
                ofAgent: "planner",
                id: "a1",
                description: "plans",
                version: "2",
                model: "m",
                from: .openAI
            ),
            old: Shape(name: "create_agent planner", kind: .client, attributes: remoteAgent("create_agent"))
        ),
        Row(
            request: agent(isInProcess: true),
            old: Shape(name: "invoke_agent planner", kind: .internal, attributes: remoteAgent("invoke_agent")),
            new: Shape(
                name: "invoke_agent planner",
                kind: .internal,
                attributes: [
                    "gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "m",
                    "gen_ai.agent.name": "planner",
                    "gen_ai.agent.description": "plans",
                ]
            )
        ),
        Row(
            request: .workflow("triage", from: .openAI),
            old: Shape(
                name: "invoke_workflow triage",
                kind: .internal,
                attributes: [
                    "gen_ai.operation.name": "invoke_workflow", "gen_ai.provider.name": "openai",
                    "gen_ai.workflow.name": "triage",
                ]
            ),
            new: Shape(
                name: "invoke_workflow triage",
                kind: .internal,
                attributes: ["gen_ai.operation.name": "invoke_workflow", "gen_ai.agent.name": "triage"]
            )
        ),
        Row(
            request: .plan(forAgent: "planner"),
            old: Shape(
                name: "plan planner",
                kind: .internal,
                attributes: ["gen_ai.operation.name": "plan", "gen_ai.agent.name": "planner"]
            )
        ),
        Row(
            request: .plan(forAgent: nil),
            old: Shape(name: "plan", kind: .internal, attributes: ["gen_ai.operation.name": "plan"])
        ),
        Row(
            request: .fetch(responseID: "r", cursor: "7", from: .openAI),
            old: Shape(name: "fetch_response", kind: .client, attributes: fetched),
            new: Shape(
                name: "fetch_response",
                kind: .client,
                attributes: fetched.merging(["gen_ai.request.stream_cursor": "7"]) { $1 }
            )
        ),
        Row(
            request: .memory(
                .upsertMemory,
                store: "s",
                record: "m1",
                recordCount: 2,
                isInProcess: false,
                from: .openAI
            ),
            old: Shape(
                name: "upsert_memory",
                kind: .client,
                attributes: ["gen_ai.operation.name": "upsert_memory", "gen_ai.provider.name": "openai"]
            ),
            new: Shape(
                name: "upsert_memory",
                kind: .client,
                attributes: [
                    "gen_ai.operation.name": "upsert_memory", "gen_ai.provider.name": "openai",
                    "gen_ai.memory.store.id": "s", "gen_ai.memory.record.id": "m1", "gen_ai.memory.record.count": 2,
                ]
            )
        ),
    ]

    private static let tool: [String: AttributeValue] = [
        "gen_ai.operation.name": "execute_tool", "gen_ai.provider.name": "anthropic", "gen_ai.tool.name": "search",
        "gen_ai.tool.call.id": "c1", "gen_ai.tool.description": "finds", "gen_ai.tool.type": "function",
    ]

    private static let fetched: [String: AttributeValue] = [
        "gen_ai.operation.name": "fetch_response", "gen_ai.provider.name": "openai", "gen_ai.response.id": "r",
    ]

    private static func remoteAgent(_ operation: String) -> [String: AttributeValue] {
        [
            "gen_ai.operation.name": .string(operation), "gen_ai.provider.name": "openai", "gen_ai.request.model": "m",
            "gen_ai.agent.name": "planner", "gen_ai.agent.id": "a1", "gen_ai.agent.description": "plans",
            "gen_ai.agent.version": "2",
        ]
    }

    private static func agent(isInProcess: Bool) -> ModelRequest {
        .agent(
            "planner",
            id: "a1",
            description: "plans",
            version: "2",
            model: "m",
            isInProcess: isInProcess,
            from: .openAI
        )
    }

    @Test("names, kinds and attributes of both versions", arguments: rows)
    func shapes(row: Row) throws {
        for (conventions, shape) in [(Conventions.v1_41_1, row.old), (.v0_1_0, row.new ?? row.old)] {
            let models = ModelTelemetry.forTests(conventions)
            models.start(row.request).end()
            let span = try #require(models.profiler.recordedSpans().first)
            let attributes = Dictionary(span.attributes.map { ($0.key, $0.value) }) { $1 }
            #expect(Shape(name: span.name, kind: span.kind, attributes: attributes) == shape, "\(conventions)")
        }
    }

    @Test("a failed operation of each kind has its error type", arguments: rows)
    func errors(row: Row) throws {
        for conventions in Conventions.allCases {
            let models = ModelTelemetry.forTests(conventions)
            models.start(row.request).fail(errorType: "timeout")
            let span = try #require(models.profiler.recordedSpans().first)
            #expect(span.value("error.type") == "timeout" && span.status == .error(""))
        }
    }

    /// Content of an operation: its part, a value, and its attributes by both versions; nil if a version does not have it.
    struct Content: Sendable, CustomTestStringConvertible {
        let request: ModelRequest
        let part: ContentPart
        let value: String
        let old: String?
        let new: String?
        var testDescription: String { "\(request.spanName()) \(part)" }
    }

    private static let contents: [Content] = {
        let tool = ModelRequest.tool("search", from: .openAI)
        let retrieval = ModelRequest.retrieval(from: "wiki", by: .openAI)
        let memory = ModelRequest.memory(.searchMemory, isInProcess: true)
        func both(_ request: ModelRequest, _ part: ContentPart, _ value: String, _ name: String) -> Content {
            Content(request: request, part: part, value: value, old: name, new: name)
        }
        func added(_ request: ModelRequest, _ part: ContentPart, _ value: String, _ name: String) -> Content {
            Content(request: request, part: part, value: value, old: nil, new: name)
        }
        return [
            both(tool, .toolArguments, #"{"q":"x"}"#, "gen_ai.tool.call.arguments"),
            both(tool, .toolResult, "[1]", "gen_ai.tool.call.result"),
            both(retrieval, .retrievalQuery, "x", "gen_ai.retrieval.query.text"),
            both(retrieval, .retrievalDocuments, #"[{"id":"d","score":0.5}]"#, "gen_ai.retrieval.documents"),
            added(memory, .memoryQuery, "x", "gen_ai.memory.query.text"),
            added(memory, .memoryRecords, #"[{"content":"x","id":"m","score":1}]"#, "gen_ai.memory.records"),
            added(.chat("m", from: .openAI), .promptVariable("city"), "Bern", "gen_ai.prompt.variable.city"),
        ]
    }()

    @Test("the content of operations is recorded only if it is turned on", arguments: contents)
    func content(row: Content) throws {
        for (conventions, name) in [(Conventions.v1_41_1, row.old), (.v0_1_0, row.new)] {
            for capture in [ContentCapture(), nil] {
                let models = ModelTelemetry.forTests(conventions, content: capture)
                let call = models.start(row.request)
                call.setContent(row.part, row.value)
                call.end()
                let span = try #require(models.profiler.recordedSpans().first)
                let expected = capture == nil ? nil : name
                #expect(
                    span.attributes.filter { $0.value == .string(row.value) }.map(\.key)
                        == (expected.map { [$0] } ?? [])
                )
            }
        }
    }

    @Test("by v0.1.0, an agent of this process has no server, and a remote agent has", arguments: [true, false])
    func servers(isInProcess: Bool) throws {
        var request = Self.agent(isInProcess: isInProcess)
        request.serverAddress = "agents.test"
        request.serverPort = 443
        for conventions in Conventions.allCases {
            let names = request.attributes(conventions).elements.map(\.key).filter { $0.hasPrefix("server.") }
            let isLeftOut = isInProcess && conventions == .v0_1_0
            #expect(names == (isLeftOut ? [] : ["server.address", "server.port"]))
        }
    }

    @Test("the seven memory operations", arguments: ModelOperation.memoryOperations)
    func memories(operation: ModelOperation) {
        for isInProcess in [false, true] {
            let request = ModelRequest.memory(operation, isInProcess: isInProcess)
            #expect(request.spanName(.v0_1_0) == operation.rawValue && operation.rawValue.contains("memory"))
            #expect(request.spanKind(.v0_1_0) == (isInProcess ? .internal : .client))
        }
        #expect(ModelOperation.memoryOperations.count == 7)
    }

    /// Spans that v0.1.0 gives no token counts of some kind, because other spans have them.
    @Test(
        "token counts that v0.1.0 does not have are left out",
        arguments: [
            (ModelRequest.agent("a", isInProcess: true, from: .openAI), ["input_tokens", "output_tokens"]),
            (.workflow("w", from: .openAI), ["input_tokens", "output_tokens"]), (.plan(forAgent: "a"), []),
            (.fetch(responseID: "r", from: .openAI), []),
            (
                .agent("a", isInProcess: false, from: .openAI),
                [
                    "cache_read.input_tokens", "cache_write.input_tokens", "input_tokens", "output_tokens",
                    "text.input_tokens",
                ]
            ),
        ]
    )
    func tokens(request: ModelRequest, expected: [String]) throws {
        let models = ModelTelemetry.forTests(.v0_1_0, content: ContentCapture())
        let call = models.start(request)
        call.setInput(messages: [ModelMessage(.user, "Hi")])
        call.update {
            $0.usage = TokenUsage(
                input: 9,
                output: 5,
                cacheRead: 2,
                cacheWrite: 1,
                modalities: [.text: ModalityTokens(input: 9)]
            )
        }
        call.end()
        let span = try #require(models.profiler.recordedSpans().first)
        let usage = span.attributes.map(\.key).filter { $0.hasPrefix("gen_ai.usage.") }
        #expect(usage.map { String($0.dropFirst("gen_ai.usage.".count)) }.sorted() == expected)
        #expect((span.value("gen_ai.input.messages") == nil) == (request.operation == .plan))
    }

    @Test("the response of a fetch, a search for memories and a command")
    func responses() throws {
        let models = ModelTelemetry.forTests(.v0_1_0)
        let call = models.start(.fetch(responseID: "r", from: .openAI))
        call.update { response in
            response.status = "in_progress"
            response.recordCount = 3
            response.exitCode = 2
        }
        call.end()
        let span = try #require(models.profiler.recordedSpans().first)
        #expect(span.value("gen_ai.response.status") == "in_progress")
        #expect(span.value("gen_ai.memory.record.count") == 3 && span.value("process.exit.code") == 2)
    }

    @Test("a tool within an agent has the agent's name and its conversation")
    func toolOfAgent() async throws {
        let models = ModelTelemetry.forTests(.v0_1_0)
        await Conversation.with("c") {
            await models.call(.agent("planner", isInProcess: true, from: .openAI)) { _ in
                await models.call(.tool("search", from: .openAI)) { _ in }
            }
        }
        let tool = try #require(models.profiler.recordedSpans().first { $0.name == "execute_tool search" })
        #expect(tool.value("gen_ai.agent.name") == "planner" && tool.value("gen_ai.conversation.id") == "c")
    }
}
