/// The names of all attributes of GenAI spans in one version of the conventions.
///
/// OpenTelemetry defines no attribute for costs (see ``PriceTable``).
public struct AttributeNames: Sendable {
    // The request.
    let operation: StaticString = "gen_ai.operation.name"
    let provider: StaticString = "gen_ai.provider.name"
    let requestModel: StaticString = "gen_ai.request.model"
    let conversation: StaticString = "gen_ai.conversation.id"
    let outputType: StaticString = "gen_ai.output.type"
    let choiceCount: StaticString = "gen_ai.request.choice.count"
    let seed: StaticString = "gen_ai.request.seed"
    let stream: StaticString = "gen_ai.request.stream"
    let maximumTokens: StaticString = "gen_ai.request.max_tokens"
    let temperature: StaticString = "gen_ai.request.temperature"
    let topP: StaticString = "gen_ai.request.top_p"
    let topK: StaticString = "gen_ai.request.top_k"
    let frequencyPenalty: StaticString = "gen_ai.request.frequency_penalty"
    let presencePenalty: StaticString = "gen_ai.request.presence_penalty"
    let stopSequences: StaticString = "gen_ai.request.stop_sequences"
    let encodingFormats: StaticString = "gen_ai.request.encoding_formats"
    let embeddingDimensions: StaticString = "gen_ai.embeddings.dimension.count"
    let serverAddress: StaticString = "server.address"
    let serverPort: StaticString = "server.port"
    // Tools, agents, data sources.
    let toolName: StaticString = "gen_ai.tool.name"
    let toolCall: StaticString = "gen_ai.tool.call.id"
    let toolDescription: StaticString = "gen_ai.tool.description"
    let toolType: StaticString = "gen_ai.tool.type"
    let agentName: StaticString = "gen_ai.agent.name"
    let agentID: StaticString = "gen_ai.agent.id"
    let workflowName: StaticString = "gen_ai.workflow.name"
    let dataSource: StaticString = "gen_ai.data_source.id"
    // The response.
    let responseID: StaticString = "gen_ai.response.id"
    let responseModel: StaticString = "gen_ai.response.model"
    let finishReasons: StaticString = "gen_ai.response.finish_reasons"
    let timeToFirstChunk: StaticString = "gen_ai.response.time_to_first_chunk"
    let inputTokens: StaticString = "gen_ai.usage.input_tokens"
    let outputTokens: StaticString = "gen_ai.usage.output_tokens"
    let cacheReadTokens: StaticString = "gen_ai.usage.cache_read.input_tokens"
    let cacheWriteTokens: StaticString
    let reasoningTokens: StaticString = "gen_ai.usage.reasoning.output_tokens"
    let errorType: StaticString = "error.type"
    // Content.
    let systemInstructions: StaticString = "gen_ai.system_instructions"
    let inputMessages: StaticString = "gen_ai.input.messages"
    let outputMessages: StaticString = "gen_ai.output.messages"
    let toolDefinitions: StaticString = "gen_ai.tool.definitions"
    // Attributes that the conventions do not define.
    let chunkCount: StaticString = "spankit.gen_ai.response.chunk_count"
    let longestChunkGap: StaticString = "spankit.gen_ai.response.longest_chunk_gap"
    let trimmedContent: StaticString = "spankit.gen_ai.content.trimmed"
    let retry: StaticString = "spankit.gen_ai.retry"
    let retryCount: StaticString = "spankit.gen_ai.retry_count"
    let retryAttempt: StaticString = "spankit.gen_ai.retry.attempt"
    let retryWait: StaticString = "spankit.gen_ai.retry.wait"
    let malformedChunk: StaticString = "spankit.gen_ai.malformed_chunk"
    let malformedChunkCount: StaticString = "spankit.gen_ai.response.malformed_chunk_count"
    let malformedChunkType: StaticString = "spankit.gen_ai.malformed_chunk.type"
    let malformedChunkReason: StaticString = "spankit.gen_ai.malformed_chunk.reason"
    let malformedChunkBytes: StaticString = "spankit.gen_ai.malformed_chunk.bytes"

    /// Whether `top_k` is an integer instead of a double.
    let hasWholeTopK: Bool
    /// Whether output messages have a finish reason, in addition to ``finishReasons``.
    let hasFinishReasonInMessages: Bool

    init(_ conventions: Conventions) {
        switch conventions {
        case .v1_41_1:
            cacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens"
            hasWholeTopK = false
            hasFinishReasonInMessages = true
        case .development:
            cacheWriteTokens = "gen_ai.usage.cache_write.input_tokens"
            hasWholeTopK = true
            hasFinishReasonInMessages = false
        }
    }
}
