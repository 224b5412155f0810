import SpanKit
import SpanKitPlatform
import Testing

@testable import SpanKitGenAI

/// An attribute of a span, with the value that a test sets. `nil`: the version does not have it.
struct AttributeRow: Sendable, CustomTestStringConvertible {
    var old: Attribute?
    var new: Attribute?

    /// The same in both versions.
    static func both(_ key: String, _ value: AttributeValue) -> AttributeRow {
        AttributeRow(old: Attribute(key, value), new: Attribute(key, value))
    }

    static func added(_ key: String, _ value: AttributeValue) -> AttributeRow {
        AttributeRow(old: nil, new: Attribute(key, value))
    }

    var testDescription: String { (new ?? old)?.key ?? "" }
}

/// The tables of attributes of semantic-conventions v1.41.1 and of `semantic-conventions-genai` v0.1.0.
@Suite("Attributes are exactly those of the conventions")
struct AttributeTableTests {
    /// The table "Inference span", with an answer in which everything is known.
    private static let inferenceRows: [AttributeRow] = [
        .both("gen_ai.operation.name", "chat"), .both("gen_ai.provider.name", "openai"),
        .both("gen_ai.request.model", "m"),
        .both("gen_ai.conversation.id", "c"), .both("gen_ai.output.type", "json"),
        .both("gen_ai.request.choice.count", 2),
        .both("gen_ai.request.seed", 42), .both("gen_ai.request.stream", true), .both("error.type", "overloaded"),
        .both("server.address", "api.openai.com"), .both("server.port", 443), .both("gen_ai.request.max_tokens", 1_024),
        .both("gen_ai.request.temperature", 0.5), .both("gen_ai.request.top_p", 0.9),
        .both("gen_ai.request.frequency_penalty", 0.1), .both("gen_ai.request.presence_penalty", 0.2),
        AttributeRow(old: Attribute("gen_ai.request.top_k", 40.0), new: Attribute("gen_ai.request.top_k", 40)),
        .both("gen_ai.request.stop_sequences", ["END"]), .both("gen_ai.response.id", "r"),
        .both("gen_ai.response.model", "m-2"), .both("gen_ai.response.finish_reasons", ["stop", "length"]),
        .both("gen_ai.response.time_to_first_chunk", 0.25), .both("gen_ai.usage.input_tokens", 100),
        .both("gen_ai.usage.output_tokens", 50), .both("gen_ai.usage.cache_read.input_tokens", 30),
        AttributeRow(
            old: Attribute("gen_ai.usage.cache_creation.input_tokens", 20),
            new: Attribute("gen_ai.usage.cache_write.input_tokens", 20)
        ), .both("gen_ai.usage.reasoning.output_tokens", 10),
        .both("gen_ai.system_instructions", #"[{"type":"text","content":"Be kind"}]"#),
        .both("gen_ai.input.messages", #"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#),
        AttributeRow(
            old: Attribute(
                "gen_ai.output.messages",
                #"[{"role":"assistant","parts":[{"type":"text","content":"Ho"}],"finish_reason":"stop"}]"#
            ),
            new: Attribute(
                "gen_ai.output.messages",
                #"[{"role":"assistant","parts":[{"type":"text","content":"Ho"}]}]"#
            )
        ), .both("gen_ai.tool.definitions", #"[{"type":"function","name":"f"}]"#),
        .added("gen_ai.prompt.name", "greeting"),
        .added("gen_ai.prompt.version", "3"), .added("gen_ai.prompt.variable.city", "Bern"),
        .added("gen_ai.conversation.compacted", true), .added("gen_ai.request.previous_response.id", "r-0"),
        .added("gen_ai.request.reasoning.level", "high"), .added("gen_ai.usage.text.input_tokens", 60),
        .added("gen_ai.usage.text.output_tokens", 40), .added("gen_ai.usage.text.cache_read.input_tokens", 25),
        .added("gen_ai.usage.image.input_tokens", 30), .added("gen_ai.usage.image.output_tokens", 7),
        .added("gen_ai.usage.image.cache_read.input_tokens", 4), .added("gen_ai.usage.audio.input_tokens", 10),
        .added("gen_ai.usage.audio.output_tokens", 3), .added("gen_ai.usage.audio.cache_read.input_tokens", 1),
    ]

    /// A call that uses every row of ``inferenceRows``.
    private static func fullCall(_ conventions: Conventions) throws -> RecordedSpan {
        let models = ModelTelemetry.forTests(conventions, content: ContentCapture())
        var request = ModelRequest.chat("m", from: .openAI)
        request.conversation = "c"
        request.outputType = "json"
        request.choiceCount = 2
        request.seed = 42
        request.isStreaming = true
        request.serverAddress = "api.openai.com"
        request.serverPort = 443
        request.maximumTokens = 1_024
        request.temperature = 0.5
        request.topP = 0.9
        request.topK = 40
        request.frequencyPenalty = 0.1
        request.presencePenalty = 0.2
        request.stopSequences = ["END"]
        request.promptName = "greeting"
        request.promptVersion = "3"
        request.previousResponseID = "r-0"
        request.reasoningLevel = "high"
        let call = models.start(request)
        call.chunkArrived(after: .milliseconds(250))
        call.update { response in
            response = ModelResponse(id: "r", model: "m-2", finishReasons: ["stop", "length"])
            response.isConversationCompacted = true
            response.usage = TokenUsage(
                input: 100,
                output: 50,
                cacheRead: 30,
                cacheWrite: 20,
                reasoning: 10,
                modalities: [
                    .text: ModalityTokens(input: 60, output: 40, cacheRead: 25),
                    .image: ModalityTokens(input: 30, output: 7, cacheRead: 4),
                    .audio: ModalityTokens(input: 10, output: 3, cacheRead: 1),
                ]
            )
        }
        call.setInput(system: [.text("Be kind")], messages: [ModelMessage(.user, "Hi")])
        call.setOutput([ModelMessage(.assistant, "Ho")])
        call.setContent(.toolDefinitions, #"[{"type":"function","name":"f"}]"#)
        call.setContent(.promptVariable("city"), "Bern")
        call.fail(errorType: "overloaded")
        return try #require(models.profiler.recordedSpans().first)
    }

    @Test("the inference span has each attribute with its type, by both versions", arguments: inferenceRows)
    func inference(row: AttributeRow) throws {
        for (conventions, expected) in [(Conventions.v1_41_1, row.old), (.v0_1_0, row.new)] {
            let span = try Self.fullCall(conventions)
            if let expected {
                #expect(span.attributes.contains(expected), "\(conventions)")
            } else if let key = row.new?.key {
                #expect(span.value(key) == nil, "\(conventions)")
            }
        }
    }

    @Test("the inference span has no attributes besides them", arguments: Conventions.allCases)
    func nothingElse(conventions: Conventions) throws {
        let expected = Self.inferenceRows.compactMap { conventions == .v1_41_1 ? $0.old : $0.new }.map(\.key)
        let own = ["spankit.gen_ai.response.chunk_count"]
        #expect(Set(try Self.fullCall(conventions).attributes.map(\.key)) == Set(expected + own))
    }

    @Test(
        "by v0.1.0, a choice whose reason did not arrive has the reason error",
        arguments: [
            (nil, [], true, ["error"]), (3, ["stop"], true, ["stop", "error", "error"]),
            (2, [], true, ["error", "error"]),
            (1, ["stop"], true, ["stop"]), (2, ["stop", "length"], true, ["stop", "length"]),
            (2, ["stop"], false, ["stop", "error"]), (nil, [], false, []), (2, [], false, []),
        ] as [(Int?, [String], Bool, [String])]
    )
    func missingReasons(choices: Int?, known: [String], hasChunk: Bool, expected: [String]) throws {
        func reasons(_ conventions: Conventions, _ end: (ModelCall) -> Void) throws -> AttributeValue? {
            let models = ModelTelemetry.forTests(conventions)
            var request = ModelRequest.chat("m", from: .openAI)
            request.choiceCount = choices
            let call = models.start(request)
            if hasChunk { call.chunkArrived() }
            call.update { $0.finishReasons = known }
            end(call)
            return try #require(models.profiler.recordedSpans().first).value("gen_ai.response.finish_reasons")
        }
        func list(_ texts: [String]) -> AttributeValue? { texts.isEmpty ? nil : texts.attributeValue }
        let failed = try reasons(.v0_1_0) { $0.fail(errorType: "timeout") }
        #expect(failed == list(expected))
        let cancelled = try reasons(.v0_1_0) { $0.fail(CancellationError()) }
        #expect(cancelled == list(expected))
        let complete = try reasons(.v0_1_0) { $0.end() }
        #expect(complete == list(known))
        let old = try reasons(.v1_41_1) { $0.fail(errorType: "timeout") }
        #expect(old == list(known))
    }

    @Test(
        "only calls of a model have finish reasons",
        arguments: [ModelRequest.plan(forAgent: "a"), .tool("t", from: .openAI)]
    )
    func noReasons(request: ModelRequest) throws {
        let models = ModelTelemetry.forTests(.v0_1_0)
        let call = models.start(request)
        call.update { $0.id = "r" }
        call.fail(errorType: "timeout")
        #expect(try #require(models.profiler.recordedSpans().first).value("gen_ai.response.finish_reasons") == nil)
    }

    @Test(
        "operations and the kinds of their spans",
        arguments: [
            (ModelOperation.chat, "chat", SpanType.inference), (.generateContent, "generate_content", .inference),
            (.textCompletion, "text_completion", .inference), (.embeddings, "embeddings", .embeddings),
            (.retrieval, "retrieval", .retrieval), (.executeTool, "execute_tool", .tool),
            (.createAgent, "create_agent", .remoteAgent), (.invokeAgent, "invoke_agent", .remoteAgent),
            (.invokeWorkflow, "invoke_workflow", .localAgent), (.plan, "plan", .plan),
            (.fetchResponse, "fetch_response", .fetchResponse), (.createMemoryStore, "create_memory_store", .memory),
            (.deleteMemoryStore, "delete_memory_store", .memory), (.createMemory, "create_memory", .memory),
            (.updateMemory, "update_memory", .memory), (.upsertMemory, "upsert_memory", .memory),
            (.searchMemory, "search_memory", .memory), (.deleteMemory, "delete_memory", .memory),
            (ModelOperation(rawValue: "translate"), "translate", .inference),
        ] as [(ModelOperation, String, SpanType)]
    )
    func operations(operation: ModelOperation, value: String, type: SpanType) {
        #expect(operation.rawValue == value && SpanType(operation, isInProcess: false) == type)
        let request = ModelRequest(operation, model: "m", from: .openAI)
        #expect(request.attributes(.v0_1_0).elements.first == Attribute("gen_ai.operation.name", .string(value)))
    }

    @Test("fractions of top_k are recorded as they are, and tokens of modalities never exceed their totals")
    func corners() {
        var request = ModelRequest.chat("m", from: .openAI)
        request.topK = 0.5
        #expect(request.attributes(.v0_1_0).elements.contains(Attribute("gen_ai.request.top_k", 0.5)))
        let usage = TokenUsage(
            input: 10,
            modalities: [
                .text: ModalityTokens(input: 8, output: 3, cacheRead: 9), .image: ModalityTokens(input: 5, output: -1),
                .audio: ModalityTokens(),
            ]
        )
        #expect(usage[.text] == ModalityTokens(input: 8, output: 3, cacheRead: 8))
        #expect(usage[.image] == ModalityTokens(input: 2))
        #expect(usage.modalities[.audio] == nil)
    }

    @Test("obsolete names are never used, and all names that are not OpenTelemetry's start with spankit.")
    func names() {
        let obsolete = [
            "gen_ai.system", "gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens", "gen_ai.prompt",
            "gen_ai.completion",
        ]
        let prefixes = [
            "gen_ai.", "mcp.", "spankit.gen_ai.", "server.", "client.", "jsonrpc.request.id",
            "rpc.response.status_code",
            "network.transport", "error.type", "process.executable.name", "process.exit.code",
        ]
        for conventions in Conventions.allCases {
            let names = GenAIAttribute.allCases.compactMap { $0.name(in: conventions) }
            #expect(names.allSatisfy { name in prefixes.contains { name.hasPrefix($0) } })
            #expect(names.allSatisfy { !obsolete.contains($0) && !$0.contains("cost") })
        }
    }

    @Test(
        "providers",
        arguments: [
            (Provider.anthropic, "anthropic"), (.openAI, "openai"), (.awsBedrock, "aws.bedrock"),
            (.gcpGemini, "gcp.gemini"),
            (.gcpVertexAI, "gcp.vertex_ai"), (.gcpGenAI, "gcp.gen_ai"), (.azureOpenAI, "azure.ai.openai"),
            (.azureInference, "azure.ai.inference"), (.cohere, "cohere"), (.deepSeek, "deepseek"), (.groq, "groq"),
            (.ibmWatsonx, "ibm.watsonx.ai"), (.mistral, "mistral_ai"), (.moonshot, "moonshot_ai"),
            (.perplexity, "perplexity"), (.xAI, "x_ai"),
        ]
    )
    func providers(provider: Provider, value: String) {
        #expect(provider.rawValue == value)
    }

    @Test(
        "parts of messages",
        arguments: [
            (ModelMessage.Part.text("a"), #"{"type":"text","content":"a"}"#),
            (.reasoning("a"), #"{"type":"reasoning","content":"a"}"#),
            (
                .toolCall(id: "1", name: "f", arguments: #"{"x":1}"#),
                #"{"type":"tool_call","id":"1","name":"f","arguments":{"x":1}}"#
            ), (.toolResponse(id: "1", response: "[2]"), #"{"type":"tool_call_response","id":"1","response":[2]}"#),
            (.file(modality: "image", id: "f1"), #"{"type":"file","modality":"image","file_id":"f1"}"#),
            (.uri(modality: "document", uri: "u:1"), #"{"type":"uri","modality":"document","uri":"u:1"}"#),
            (.compaction(id: "s", content: "short"), #"{"type":"compaction","id":"s","content":"short"}"#),
        ]
    )
    func parts(part: ModelMessage.Part, json: String) throws {
        let models = ModelTelemetry.forTests(.v0_1_0, content: ContentCapture())
        let call = models.start(.chat("m", from: .openAI))
        call.setInput(messages: [ModelMessage(.user, [part])])
        call.end()
        let span = try #require(models.profiler.recordedSpans().first)
        #expect(span.value("gen_ai.input.messages") == .string(#"[{"role":"user","parts":[\#(json)]}]"#))
    }

    @Test("content that is too long stays valid JSON where it is JSON")
    func cutContent() throws {
        var capture = ContentCapture()
        capture.maximumBytes = 400
        let models = ModelTelemetry.forTests(.v0_1_0, content: capture)
        let call = models.start(.tool("f", from: .openAI))
        call.setContent(.toolArguments, "{\"x\":\"" + String(repeating: "y", count: 1_000) + "\"}")
        call.setContent(.toolResult, "{}")
        call.end()
        let span = try #require(models.profiler.recordedSpans().first)
        guard case .string(let arguments) = span.value("gen_ai.tool.call.arguments") else {
            Issue.record("the arguments are missing")
            return
        }
        #expect(arguments.hasPrefix("\"{") && arguments.hasSuffix("\"") && arguments.contains("trimmed: 1008 bytes"))
        #expect(span.value("gen_ai.tool.call.result") == "{}")
        #expect(span.value("spankit.gen_ai.content.trimmed") == 1)
    }

    @Test(
        "the environment chooses the version",
        arguments: [
            (nil, Conventions.v1_41_1, 0), ("", .v1_41_1, 0), ("gen_ai_latest_experimental", .v0_1_0, 0),
            ("http, gen_ai_latest_experimental,database/dup", .v0_1_0, 0), ("http", .v1_41_1, 0),
            ("gen_ai", .v1_41_1, 1),
            ("gen_ai_latest_experimental/dup", .v1_41_1, 1),
        ] as [(String?, Conventions, Int)]
    )
    func optIn(value: String?, conventions: Conventions, warnings: Int) {
        let lines = Locked<[String]>([])
        let log = ProfilerLog { _, line in lines.withLock { $0.append(line) } }
        let variables = value.map { ["OTEL_SEMCONV_STABILITY_OPT_IN": $0] } ?? [:]
        #expect(Conventions.environment(variables, log: log) == conventions)
        let written = lines.withLock { $0 }
        #expect(written.count == warnings && written.allSatisfy { $0.contains("write gen_ai_latest_experimental") })
        #expect(ModelTelemetry.Configuration.environment(variables).conventions == conventions)
        #expect(Conventions.v1_41_1.schemaURL == "https://opentelemetry.io/schemas/1.41.1")
        #expect(Conventions.v0_1_0.schemaURL == "", "it is not known")
    }
}
