/// The attributes of a model call, each with its names in the conventions that are in use. The first name that a span
/// has is used.
///
/// | Source | Read at | Names |
/// |---|---|---|
/// | OpenTelemetry GenAI conventions 1.41.1 and 0.1.0 | 2026-11-28 | `gen_ai.*` |
/// | OpenTelemetry before 1.37, OpenLLMetry 0.1–0.4 | 2026-11-29 | `gen_ai.system`, `gen_ai.usage.prompt_tokens`, `gen_ai.usage.cache_read_input_tokens` |
/// | OpenLLMetry before `gen_ai.*`, `opentelemetry-semantic-conventions-ai` of 2023 | 2026-11-29 | `llm.request.model`, `llm.usage.*`, `llm.vendor`, `llm.request.type` |
/// | OpenLLMetry, `MIGRATION.md` of version 0.5 | 2026-11-29 | `traceloop.*`, `llm.is_streaming`, `llm.usage.reasoning_tokens` |
/// | OpenInference 0.1.46, `openinference.semconv.trace` | 2026-11-29 | `llm.model_name`, `llm.token_count.*`, `llm.provider`, `openinference.span.kind` |
/// | LangSmith, `langsmith/_internal/otel/_otel_exporter.py` | 2026-11-29 | `langsmith.*`, `gen_ai.usage.input_token_details` |
/// | OpenLIT, `openlit/semcov/__init__.py` | 2026-11-29 | `gen_ai.request.is_stream`, `gen_ai.server.time_to_first_token`, `gen_ai.usage.reasoning_tokens` |
enum ModelCallKey: CaseIterable {
    case operation, spanKind, provider, requestModel, responseModel, conversation
    case inputTokens, outputTokens, totalTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens
    case inputDetails, outputDetails, firstTokenSeconds, streaming

    /// The names in order of precedence.
    var names: [String] {
        switch self {
        case .operation: ["gen_ai.operation.name", "llm.request.type"]
        case .spanKind: ["openinference.span.kind", "traceloop.span.kind", "langsmith.span.kind"]
        case .provider: ["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "llm.vendor"]
        case .requestModel:
            [
                "gen_ai.request.model", "llm.request.model_name", "llm.request.model", "llm.model_name",
                "embedding.model_name", "langsmith.metadata.ls_model_name",
            ]
        case .responseModel: ["gen_ai.response.model", "llm.response.model_name", "llm.response.model"]
        case .conversation:
            [
                "gen_ai.conversation.id", "session.id", "langsmith.metadata.session_id", "langsmith.metadata.thread_id",
                "langsmith.metadata.conversation_id", "traceloop.association.properties.session_id",
            ]
        case .inputTokens:
            [
                "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
                "llm.usage.prompt_tokens",
            ]
        case .outputTokens:
            [
                "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
                "llm.usage.completion_tokens",
            ]
        case .totalTokens: ["gen_ai.usage.total_tokens", "llm.token_count.total", "llm.usage.total_tokens"]
        case .cacheReadTokens:
            [
                "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
                "llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_input",
                "llm.usage.cache_read_input_tokens",
            ]
        case .cacheWriteTokens:
            [
                "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens",
                "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.cache_write_input_tokens",
                "llm.token_count.prompt_details.cache_write", "llm.usage.cache_creation_input_tokens",
            ]
        case .reasoningTokens:
            [
                "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
                "llm.token_count.completion_details.reasoning", "llm.usage.reasoning_tokens",
            ]
        case .inputDetails: ["gen_ai.usage.input_token_details"]
        case .outputDetails: ["gen_ai.usage.output_token_details"]
        case .firstTokenSeconds: ["gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token"]
        case .streaming:
            [
                "gen_ai.request.stream", "gen_ai.request.is_stream", "gen_ai.is_streaming", "llm.is_streaming",
                "langsmith.request.streaming",
            ]
        }
    }

    /// The names that show that a span has to do with models. The id of a conversation is not among them, because every
    /// span in a conversation has it. `traceloop.*` and `langsmith.*` are not either, because frameworks add them to
    /// all of their spans.
    private static let telling: Set<String> = Set(
        allCases.filter { ![.conversation, .spanKind].contains($0) }.flatMap(\.names)
            .filter { !$0.hasPrefix("langsmith.") }
    )

    /// Whether an attribute marks its span as work with a model.
    static func tells(_ key: String) -> Bool {
        // Most attributes are told apart by their first letter.
        guard let first = key.utf8.first,
            first == UInt8(ascii: "g") || first == UInt8(ascii: "l") || first == UInt8(ascii: "e")
        else { return false }
        return ["gen_ai.request.", "gen_ai.usage.", "gen_ai.response."].contains { key.hasPrefix($0) }
            || telling.contains(key)
    }
}

/// The role of a span in model calls, from its operation and its kind in the conventions that are in use.
enum ModelCallRole {
    /// A call of a model.
    case call
    /// Work that contains calls, or any other work.
    case other
    /// The span does not name an operation or a kind that is known.
    case unknown

    private static let calls: Set<String> = [
        "chat", "generate_content", "text_completion", "embeddings", "completion", "embedding", "llm",
    ]
    private static let others: Set<String> = [
        // OpenTelemetry.
        "invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval", "plan", "fetch_response",
        "create_memory_store", "delete_memory_store", "create_memory", "update_memory", "upsert_memory",
        "search_memory",
        "delete_memory",
        // OpenInference, OpenLLMetry, LangSmith.
        "chain", "agent", "tool", "retriever", "reranker", "rerank", "guardrail", "evaluator", "prompt", "decision",
        "workflow",
        "task", "parser",
        // Spring AI, OpenLIT.
        "framework", "execute_task", "vectordb",
    ]

    /// - Parameters:
    ///   - operation: The operation's name, if the span has one.
    ///   - kind: The kind of span, if the span has one.
    init(operation: String?, kind: String?) {
        // Frameworks write the kind, and LangSmith calls the operation of a prompt template "chat". So the kind comes first.
        for name in [kind, operation].compactMap({ $0?.lowercased() }) {
            if Self.others.contains(name) {
                self = .other
                return
            }
        }
        let isCall = [operation, kind].contains { $0.map { Self.calls.contains($0.lowercased()) } ?? false }
        self = isCall ? .call : .unknown
    }
}
