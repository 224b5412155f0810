import SpanKit

/// All attributes of GenAI and MCP spans and metrics. The raw value is the name in semantic-conventions v1.41.1. If that version does
/// not have the attribute, it is the name in v0.1.0.
///
/// OpenTelemetry defines no attribute for costs (see ``PriceTable``).
enum GenAIAttribute: String, CaseIterable, Sendable {
    // The request.
    case operation = "gen_ai.operation.name"
    case provider = "gen_ai.provider.name"
    case requestModel = "gen_ai.request.model"
    case conversation = "gen_ai.conversation.id"
    case outputType = "gen_ai.output.type"
    case choiceCount = "gen_ai.request.choice.count"
    case seed = "gen_ai.request.seed"
    case stream = "gen_ai.request.stream"
    case maximumTokens = "gen_ai.request.max_tokens"
    case temperature = "gen_ai.request.temperature"
    case topP = "gen_ai.request.top_p"
    case topK = "gen_ai.request.top_k"
    case frequencyPenalty = "gen_ai.request.frequency_penalty"
    case presencePenalty = "gen_ai.request.presence_penalty"
    case stopSequences = "gen_ai.request.stop_sequences"
    case encodingFormats = "gen_ai.request.encoding_formats"
    case reasoningLevel = "gen_ai.request.reasoning.level"
    case previousResponse = "gen_ai.request.previous_response.id"
    case streamCursor = "gen_ai.request.stream_cursor"
    case embeddingDimensions = "gen_ai.embeddings.dimension.count"
    case promptName = "gen_ai.prompt.name"
    case promptVersion = "gen_ai.prompt.version"
    case serverAddress = "server.address"
    case serverPort = "server.port"

    // Tools, agents, data sources and memories.
    case toolName = "gen_ai.tool.name"
    case toolCall = "gen_ai.tool.call.id"
    case toolDescription = "gen_ai.tool.description"
    case toolType = "gen_ai.tool.type"
    case skillName = "gen_ai.skill.name"
    case skillDescription = "gen_ai.skill.description"
    case skillSource = "gen_ai.skill.source.uri"
    case skillResource = "gen_ai.skill.resource.name"
    case processExecutable = "process.executable.name"
    case processExitCode = "process.exit.code"
    case agentName = "gen_ai.agent.name"
    case agentID = "gen_ai.agent.id"
    case agentDescription = "gen_ai.agent.description"
    case agentVersion = "gen_ai.agent.version"
    case workflowName = "gen_ai.workflow.name"
    case dataSource = "gen_ai.data_source.id"
    case retrievalTopK = "gen_ai.retrieval.top_k"
    case memoryStore = "gen_ai.memory.store.id"
    case memoryRecord = "gen_ai.memory.record.id"
    case memoryRecordCount = "gen_ai.memory.record.count"

    // The response.
    case responseID = "gen_ai.response.id"
    case responseModel = "gen_ai.response.model"
    case responseStatus = "gen_ai.response.status"
    case finishReasons = "gen_ai.response.finish_reasons"
    case timeToFirstChunk = "gen_ai.response.time_to_first_chunk"
    case isCompacted = "gen_ai.conversation.compacted"
    case inputTokens = "gen_ai.usage.input_tokens"
    case outputTokens = "gen_ai.usage.output_tokens"
    case cacheReadTokens = "gen_ai.usage.cache_read.input_tokens"
    case cacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens"
    case reasoningTokens = "gen_ai.usage.reasoning.output_tokens"
    case textInputTokens = "gen_ai.usage.text.input_tokens"
    case textOutputTokens = "gen_ai.usage.text.output_tokens"
    case textCacheReadTokens = "gen_ai.usage.text.cache_read.input_tokens"
    case imageInputTokens = "gen_ai.usage.image.input_tokens"
    case imageOutputTokens = "gen_ai.usage.image.output_tokens"
    case imageCacheReadTokens = "gen_ai.usage.image.cache_read.input_tokens"
    case audioInputTokens = "gen_ai.usage.audio.input_tokens"
    case audioOutputTokens = "gen_ai.usage.audio.output_tokens"
    case audioCacheReadTokens = "gen_ai.usage.audio.cache_read.input_tokens"
    case errorType = "error.type"

    // Content.
    case systemInstructions = "gen_ai.system_instructions"
    case inputMessages = "gen_ai.input.messages"
    case outputMessages = "gen_ai.output.messages"
    case toolDefinitions = "gen_ai.tool.definitions"
    case toolArguments = "gen_ai.tool.call.arguments"
    case toolResult = "gen_ai.tool.call.result"
    case retrievalQuery = "gen_ai.retrieval.query.text"
    case retrievalDocuments = "gen_ai.retrieval.documents"
    case memoryQuery = "gen_ai.memory.query.text"
    case memoryRecords = "gen_ai.memory.records"

    // MCP.
    case mcpMethod = "mcp.method.name"
    case mcpResource = "mcp.resource.uri"
    case mcpSession = "mcp.session.id"
    case mcpProtocol = "mcp.protocol.version"
    case jsonRPCRequest = "jsonrpc.request.id"
    case rpcStatus = "rpc.response.status_code"
    case networkTransport = "network.transport"
    case clientAddress = "client.address"
    case clientPort = "client.port"

    // Only metrics.
    case tokenType = "gen_ai.token.type"
    case tokenModality = "gen_ai.token.modality"

    // Attributes and events that the conventions do not define.
    case chunkCount = "spankit.gen_ai.response.chunk_count"
    case longestChunkGap = "spankit.gen_ai.response.longest_chunk_gap"
    case trimmedContent = "spankit.gen_ai.content.trimmed"
    case retry = "spankit.gen_ai.retry"
    case retryCount = "spankit.gen_ai.retry_count"
    case retryAttempt = "spankit.gen_ai.retry.attempt"
    case retryWait = "spankit.gen_ai.retry.wait"
    case malformedChunk = "spankit.gen_ai.malformed_chunk"
    case malformedChunkCount = "spankit.gen_ai.response.malformed_chunk_count"
    case malformedChunkType = "spankit.gen_ai.malformed_chunk.type"
    case malformedChunkReason = "spankit.gen_ai.malformed_chunk.reason"
    case malformedChunkBytes = "spankit.gen_ai.malformed_chunk.bytes"

    /// The name in a version of the conventions; nil if that version does not have the attribute.
    func name(in conventions: Conventions) -> String? {
        switch (self, conventions) {
        case (.cacheWriteTokens, .v0_1_0): "gen_ai.usage.cache_write.input_tokens"
        case (.workflowName, .v0_1_0): Self.agentName.rawValue
        case (.tokenType, .v0_1_0): nil
        // v1.41.1 has one attribute for both meanings of top-k.
        case (.retrievalTopK, .v1_41_1): Self.topK.rawValue
        case (_, .v1_41_1) where Self.addedIn0_1_0.contains(self): nil
        default: rawValue
        }
    }

    private static let addedIn0_1_0: Set<GenAIAttribute> = [
        .reasoningLevel, .previousResponse, .streamCursor, .skillName, .skillDescription, .skillSource, .skillResource,
        .promptVersion, .processExecutable, .processExitCode, .memoryStore, .memoryRecord, .memoryRecordCount,
        .responseStatus, .isCompacted,
        .textInputTokens, .textOutputTokens, .textCacheReadTokens, .imageInputTokens, .imageOutputTokens,
        .imageCacheReadTokens,
        .audioInputTokens, .audioOutputTokens, .audioCacheReadTokens, .memoryQuery, .memoryRecords, .tokenModality,
    ]
}
