import SpanKitInputs
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

/// Model calls as libraries and frameworks record them.
@Suite("Conventions of model calls")
struct ModelCallConventionTests {
    private static func span(
        _ id: UInt64,
        parent: UInt64 = 0,
        _ name: String,
        _ attributes: [String: AttributeValue]
    ) -> DecodedSpan {
        SampleTraces.span(
            id,
            parent: parent,
            name,
            Int64(id) * 10,
            10_000 - Int64(id) * 10,
            attributes: attributes.sorted { $0.key < $1.key }.map { Attribute($0.key, $0.value) }
        )
    }

    private static func totals(_ spans: [DecodedSpan]) -> ModelCallTotals {
        var totals = ModelCallTotals()
        for trace in SampleTraces.assemble(spans).0 { totals.add(trace) }
        return totals
    }

    private static func facts(_ attributes: [String: AttributeValue]) -> ModelCallFacts? {
        ModelCallFacts(span(1, "a", attributes).span)
    }

    /// The same call in the names of each convention.
    private static let calls: [(String, [String: AttributeValue])] = [
        (
            "OpenTelemetry 0.1.0",
            [
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "m-1",
                "gen_ai.conversation.id": "c", "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 12,
                "gen_ai.usage.cache_read.input_tokens": 60, "gen_ai.usage.cache_write.input_tokens": 20,
                "gen_ai.usage.reasoning.output_tokens": 5, "gen_ai.request.stream": true, "gen_ai.request.top_k": 40,
                "gen_ai.usage.text.input_tokens": 110, "gen_ai.usage.image.input_tokens": 10,
                "gen_ai.conversation.compacted": true, "gen_ai.prompt.name": "greeting",
            ]
        ),
        (
            "OpenTelemetry 1.41.1",
            [
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "m-1",
                "gen_ai.conversation.id": "c", "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 12,
                "gen_ai.usage.cache_read.input_tokens": 60, "gen_ai.usage.cache_creation.input_tokens": 20,
                "gen_ai.usage.reasoning.output_tokens": 5, "gen_ai.request.stream": true, "gen_ai.request.top_k": 40.0,
            ]
        ),
        (
            "OpenInference",
            [
                "openinference.span.kind": "LLM", "llm.provider": "openai", "llm.model_name": "m-1", "session.id": "c",
                "llm.token_count.prompt": 120, "llm.token_count.completion": 12, "llm.token_count.total": 132,
                "llm.token_count.prompt_details.cache_read": 60, "llm.token_count.prompt_details.cache_write": 20,
                "llm.token_count.completion_details.reasoning": 5, "gen_ai.server.time_to_first_token": 0.2,
            ]
        ),
        (
            "LangSmith",
            [
                "langsmith.span.kind": "llm", "gen_ai.operation.name": "chat", "gen_ai.system": "openai",
                "langsmith.metadata.ls_model_name": "m-1", "langsmith.metadata.session_id": "c",
                "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 12,
                "gen_ai.usage.input_token_details": #"{"cache_read": 60, "cache_creation": 20}"#,
                "gen_ai.usage.output_token_details": #"{"reasoning": 5}"#, "langsmith.request.streaming": true,
            ]
        ),
        (
            "OpenLIT",
            [
                "gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "m-1",
                "gen_ai.conversation.id": "c", "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 12,
                "gen_ai.usage.reasoning_tokens": 5, "gen_ai.request.is_stream": true,
                "gen_ai.server.time_to_first_token": 0.2, "gen_ai.usage.cache_read_input_tokens": 60,
                "gen_ai.usage.cache_creation_input_tokens": 20,
            ]
        ),
        (
            "OpenLLMetry 0.4",
            [
                "llm.request.type": "chat", "gen_ai.system": "OpenAI", "gen_ai.request.model": "m-1",
                "traceloop.association.properties.session_id": "c", "gen_ai.usage.prompt_tokens": 120,
                "gen_ai.usage.completion_tokens": 12, "llm.usage.total_tokens": 132, "llm.is_streaming": true,
                "gen_ai.usage.cache_read_input_tokens": 60, "gen_ai.usage.cache_creation_input_tokens": 20,
                "llm.usage.reasoning_tokens": 5,
            ]
        ),
        (
            "OpenLLMetry of 2023",
            [
                "llm.request.type": "completion", "llm.vendor": "OpenAI", "llm.request.model": "m-1", "session.id": "c",
                "llm.usage.prompt_tokens": "120", "llm.usage.completion_tokens": 12.0, "llm.is_streaming": "True",
                "llm.usage.cache_read_input_tokens": 60, "llm.usage.cache_creation_input_tokens": 20,
                "llm.usage.reasoning_tokens": 5,
            ]
        ),
    ]

    @Test("Each convention's names are understood", arguments: calls.map(\.0))
    func names(convention: String) throws {
        let attributes = try #require(Self.calls.first { $0.0 == convention }?.1)
        let call = try #require(Self.facts(attributes))
        #expect(call.model == "m-1" && call.provider?.lowercased() == "openai" && call.conversation == "c")
        #expect(call.inputTokens == 120 && call.outputTokens == 12)
        #expect(call.cacheReadTokens == 60 && call.cacheWriteTokens == 20 && call.reasoningTokens == 5)
        #expect(call.isStreaming)
    }

    @Test("No name belongs to two attributes")
    func unique() {
        let names = ModelCallKey.allCases.flatMap(\.names)
        #expect(Set(names).count == names.count)
    }

    private static let usage: [String: AttributeValue] = [
        "gen_ai.request.model": "m-1", "gen_ai.usage.input_tokens": 1_200, "gen_ai.usage.output_tokens": 300,
    ]

    private static func chat(_ more: [String: AttributeValue] = [:]) -> [String: AttributeValue] {
        usage.merging(["gen_ai.operation.name": "chat"]) { $1 }.merging(more) { $1 }
    }

    /// Spans around and below one call, with the calls and input tokens that are right.
    private static let nestings: [(String, [DecodedSpan], calls: Int, input: Int)] = [
        (
            "Spring AI: the framework's span is around the call",
            [
                span(1, "client", ["gen_ai.operation.name": "framework", "gen_ai.system": "spring_ai"]),
                span(2, parent: 1, "chat m-1", chat()),
            ], 1, 1_200
        ),
        (
            "Strands: a cycle repeats the tokens of its call",
            [
                span(1, "invoke_agent", usage.merging(["gen_ai.operation.name": "invoke_agent"]) { $1 }),
                span(
                    2,
                    parent: 1,
                    "cycle",
                    usage.merging(["gen_ai.operation.name": "execute_event_loop_cycle"]) { $1 }
                ),
                span(3, parent: 2, "chat", chat()), span(4, parent: 1, "cycle", ["gen_ai.system": "strands"]),
                span(5, parent: 4, "chat", chat()),
            ], 2, 2_400
        ),
        (
            "A framework's span has the sum of its two calls",
            [
                span(1, "generate", chat(["gen_ai.usage.input_tokens": 2_400])), span(2, parent: 1, "chat", chat()),
                span(3, parent: 1, "chat", chat()),
            ], 2, 2_400
        ),
        (
            "OpenInference around OpenLLMetry: LangChain and the provider's library",
            [
                span(1, "RunnableSequence", ["openinference.span.kind": "CHAIN", "llm.model_name": "m-1"]),
                span(
                    2,
                    parent: 1,
                    "ChatOpenAI",
                    ["openinference.span.kind": "LLM", "llm.model_name": "m-1", "llm.token_count.prompt": 1_200]
                ), span(3, parent: 2, "openai.chat", chat()),
            ], 1, 1_200
        ),
        (
            "A span below the call knows the model but no tokens",
            [span(1, "chat", chat()), span(2, parent: 1, "POST", ["gen_ai.request.model": "m-1"])], 1, 1_200
        ),
        (
            "A tool within a call makes a call of its own",
            [
                span(1, "chat", chat()), span(2, parent: 1, "tool", ["gen_ai.operation.name": "execute_tool"]),
                span(3, parent: 2, "chat", chat()),
            ], 2, 2_400
        ),
        (
            "A prompt template is no call, although LangSmith calls it chat",
            [span(1, "prompt", chat(["langsmith.span.kind": "prompt"]))], 0, 0
        ),
        ("A call that failed before it knew its model", [span(1, "chat", ["gen_ai.operation.name": "chat"])], 1, 0),
        ("A provider alone is no call", [span(1, "client", ["gen_ai.system": "openai"])], 0, 0),
    ]

    @Test("A call counts once, wherever it is nested", arguments: nestings.map(\.0))
    func nesting(name: String) throws {
        let (_, spans, calls, input) = try #require(Self.nestings.first { $0.0 == name })
        for order in [spans, spans.reversed()] {
            let groups = Self.totals(order).groups(by: .model)
            #expect(groups.reduce(0) { $0 + $1.callCount } == calls)
            #expect(groups.reduce(0) { $0 + ($1.inputTokens ?? 0) } == input)
        }
    }

    @Test("An agent's own time does not count as a call of another service")
    func category() {
        let agent = Self.span(1, "agent", ["gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "m-1"])
        let (traces, _) = SampleTraces.assemble([agent, Self.span(2, parent: 1, "chat", Self.chat())])
        #expect(traces.first?.spans.map(\.category) == [.computation, .api])
    }

    /// What version 0.1.0 added or renamed, and what contains calls but is none.
    @Test(
        "operations of both versions that are no calls",
        arguments: [
            "invoke_agent", "create_agent", "invoke_workflow", "execute_tool", "retrieval", "plan", "fetch_response",
            "create_memory_store", "delete_memory_store", "create_memory", "update_memory", "upsert_memory",
            "search_memory", "delete_memory",
        ]
    )
    func containers(operation: String) {
        let outer = Self.usage.merging(["gen_ai.operation.name": .string(operation)]) { $1 }
        let groups = Self.totals([Self.span(1, operation, outer), Self.span(2, parent: 1, "chat", Self.chat())])
            .groups(by: .model)
        #expect(groups.map(\.callCount) == [1])
    }

    @Test("a retrieval is the same kind of work in both versions, although its span's kind differs")
    func retrieval() {
        let attributes: [String: AttributeValue] = [
            "gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "wiki",
        ]
        let categories = [RecordedSpan.Kind.client, .internal].map { kind in
            var span = Self.span(1, "retrieval", attributes)
            span.span.kind = kind
            return WorkCategory(of: span.span, isModelCall: false)
        }
        #expect(categories == [.api, .api])
    }

    @Test(
        "exceptions of operations are failures, as plain ones are",
        arguments: [
            ("exception", true), ("gen_ai.client.operation.exception", true),
            ("gen_ai.client.inference.exception", true),
            ("gen_ai.execute_tool.exception", true), ("gen_ai.evaluation.result", false), ("no.exception", false),
        ]
    )
    func exceptions(name: String, isError: Bool) {
        var span = Self.span(1, "chat", Self.chat()).span
        span.events = [RecordedSpan.Event(name: name, unixNanoseconds: 0, attributes: [])]
        #expect(span.isError == isError)
    }

    private static func cached(_ more: [String: AttributeValue]) -> [String: AttributeValue] {
        [
            "gen_ai.operation.name": "chat", "gen_ai.system": "anthropic", "gen_ai.request.model": "claude",
            "gen_ai.usage.input_tokens": 5_000, "gen_ai.usage.output_tokens": 300,
            "gen_ai.usage.cache_read.input_tokens": 2_000, "gen_ai.usage.cache_creation.input_tokens": 500,
        ].merging(more) { $1 }
    }

    /// Calls with cached tokens: the input that is right, and how it was found.
    private static let cachings: [(String, [String: AttributeValue], input: Int, CacheCounting)] = [
        ("a part above its whole", cached(["gen_ai.usage.input_tokens": 12]), 2_512, .onTop),
        ("a total with the cached tokens", cached(["gen_ai.usage.total_tokens": 7_800]), 7_500, .onTop),
        ("Anthropic's numbers", cached([:]), 7_500, .assumedOnTop),
        ("Bedrock's numbers", cached(["gen_ai.system": "aws.bedrock"]), 7_500, .assumedOnTop),
        ("OpenAI's numbers", cached(["gen_ai.system": "openai"]), 5_000, .within),
        ("OpenTelemetry since 1.37", cached(["gen_ai.provider.name": "anthropic"]), 5_000, .within),
        ("OpenLLMetry", cached(["llm.usage.total_tokens": 5_300]), 5_000, .within),
        (
            "OpenInference",
            [
                "llm.system": "anthropic", "llm.model_name": "claude", "llm.token_count.prompt": 5_000,
                "llm.token_count.completion": 300, "llm.token_count.prompt_details.cache_read": 2_000,
            ], 5_000, .within
        ),
        ("no cached tokens", ["gen_ai.system": "anthropic", "gen_ai.usage.input_tokens": 5_000], 5_000, .within),
    ]

    @Test("Cached tokens inside the input and in addition to it are distinguished", arguments: cachings.map(\.0))
    func caching(name: String) throws {
        let (_, attributes, input, counting) = try #require(Self.cachings.first { $0.0 == name })
        let call = try #require(Self.facts(attributes))
        #expect(call.inputTokens == input)
        #expect("\(call.cacheCounting)" == "\(counting)")
    }

    @Test("The report says how cached tokens were counted, and costs follow")
    func report() {
        let prices = ModelPrices(currency: "USD", version: "1") { call in
            guard let input = call.inputTokens, let read = call.cacheReadTokens, let write = call.cacheWriteTokens
            else {
                return nil
            }
            return Double(input - read - write) * 3 + Double(read) * 0.3 + Double(write) * 3.75
        }
        var totals = ModelCallTotals(prices: prices)
        let spans = [
            Self.span(1, "a", Self.cached(["gen_ai.usage.input_tokens": 12])), Self.span(2, "b", Self.cached([:])),
        ]
        for trace in SampleTraces.assemble(spans).0 { totals.add(trace) }
        let report = ModelCallReport(totals, by: .model)
        #expect(
            report.assumptions == [
                "1 call reports cached tokens separately from the input; they were added to it.",
                "1 call does not tell whether the input contains the cached tokens; they were added to it, because the provider's "
                    + "API counts them separately.",
            ]
        )
        #expect(report.assumptions.allSatisfy(report.notes.contains))
        let cost = totals.groups(by: .model).first?.costs.first?.amount ?? 0
        #expect(abs(cost - (5_012 * 3 + 4_000 * 0.3 + 1_000 * 3.75)) < 1e-6)
        #expect(report.listing.csv.contains(",1,1,"))
        let plain = Self.totals([Self.span(1, "a", Self.cached(["gen_ai.system": "openai"]))])
        #expect(ModelCallReport(plain, by: .model).assumptions.isEmpty)
    }
}
