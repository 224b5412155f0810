/// The kinds of spans that the conventions define for operations. Each has its own name, attributes and metrics.
enum SpanType: String, CaseIterable, Sendable {
    /// A call of a model: `chat`, `generate_content`, `text_completion` and operations that the conventions do not know.
    case inference
    case embeddings
    case retrieval
    case tool
    /// An agent that another service runs, or its creation.
    case remoteAgent
    /// An agent or a workflow of this process.
    case localAgent
    case plan
    /// The retrieval of a response that a provider computes in the background.
    case fetchResponse
    case memory

    /// - Parameter isInProcess: whether an agent runs in this process.
    init(_ operation: ModelOperation, isInProcess: Bool) {
        switch operation {
        case .embeddings: self = .embeddings
        case .retrieval: self = .retrieval
        case .executeTool: self = .tool
        case .createAgent: self = .remoteAgent
        case .invokeAgent: self = isInProcess ? .localAgent : .remoteAgent
        case .invokeWorkflow: self = .localAgent
        case .plan: self = .plan
        case .fetchResponse: self = .fetchResponse
        case _ where ModelOperation.memoryOperations.contains(operation): self = .memory
        default: self = .inference
        }
    }

    /// The name of an attribute; nil if the version does not define the attribute for this kind of span.
    func name(of attribute: GenAIAttribute, in conventions: Conventions) -> String? {
        excluded(from: conventions).contains(attribute) ? nil : attribute.name(in: conventions)
    }

    /// The attributes that a version defines only for other kinds of spans.
    private func excluded(from conventions: Conventions) -> Set<GenAIAttribute> {
        // v1.41.1 has the name of a prompt only for MCP.
        guard conventions == .v0_1_0 else { return [.promptName] }
        return switch self {
        // The calls in an agent have these attributes.
        case .localAgent: Self.ofLocalAgents
        case .plan: Self.usage.union(Self.messages)
        case .fetchResponse: Self.usage
        case .inference, .embeddings, .retrieval, .tool, .remoteAgent, .memory: []
        }
    }

    private static let ofModalities: Set<GenAIAttribute> = [
        .textInputTokens, .textOutputTokens, .textCacheReadTokens, .imageInputTokens, .imageOutputTokens,
        .imageCacheReadTokens,
        .audioInputTokens, .audioOutputTokens, .audioCacheReadTokens,
    ]
    private static let usage = ofModalities.union([
        .inputTokens, .outputTokens, .cacheReadTokens, .cacheWriteTokens, .reasoningTokens,
    ])
    private static let messages: Set<GenAIAttribute> = [.systemInstructions, .inputMessages, .outputMessages]
    private static let ofLocalAgents = ofModalities.union([
        .agentID, .agentVersion, .provider, .serverAddress, .serverPort, .cacheReadTokens, .cacheWriteTokens,
    ])
}
