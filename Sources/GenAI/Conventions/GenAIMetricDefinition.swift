import SpanKitPrometheusText

/// A metric of the conventions: its name, unit, buckets and attributes. ``all(_:of:)`` lists the metrics of a kind of span.
struct GenAIMetricDefinition: Hashable, Sendable {
    /// What a metric measures.
    enum Measure: Hashable, Sendable {
        /// The duration of the call.
        case duration
        /// The time from the request to the first chunk.
        case timeToFirstChunk
        /// The time between consecutive chunks.
        case timePerOutputChunk
        /// Input and output tokens of one call, distinguished by `gen_ai.token.type` (v1.41.1).
        case tokens
        /// A counter of the tokens of all calls (v0.1.0).
        case usage(Tokens)
        /// A histogram of the tokens of each call (v0.1.0).
        case operationTokens(Tokens)
        /// The model calls of an agent.
        case inferenceCalls
        /// The tool calls of an agent.
        case toolCalls
    }

    /// The kinds of tokens.
    enum Tokens: Hashable, Sendable, CaseIterable {
        case input, output, cacheRead, cacheWrite, reasoning

        var suffix: String {
            switch self {
            case .input: "input_tokens"
            case .output: "output_tokens"
            case .cacheRead: "cache_read.input_tokens"
            case .cacheWrite: "cache_write.input_tokens"
            case .reasoning: "reasoning.output_tokens"
            }
        }

        var description: String {
            switch self {
            case .input: "Number of input tokens, including cached ones."
            case .output: "Number of output tokens, including reasoning."
            case .cacheRead: "Number of input tokens that were read from the provider's cache."
            case .cacheWrite: "Number of input tokens that were written to the provider's cache."
            case .reasoning: "Number of output tokens of the model's reasoning."
            }
        }
    }

    let name: String
    let description: String
    let unit: String
    let measure: Measure
    /// The bounds of the buckets of a histogram; nil for a counter.
    let bounds: [Double]?
    /// The attributes, in order. An attribute without a value is left out.
    let attributes: [GenAIAttribute]

    static let durationBounds = HistogramEdges.genAI.seconds
    /// The powers of four up to 67,108,864.
    static let tokenBounds = (0...13).map { Double(1 << (2 * $0)) }
    static let agentDurationBounds = (0...12).map { 0.1 * Double(1 << $0) }
    static let callCountBounds = (0...7).map { Double(1 << $0) }
    /// `ExplicitBucketBoundaries` in docs/gen-ai/mcp.md of open-telemetry/semantic-conventions-genai, commit 0393513.
    static let mcpDurationBounds: [Double] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]

    private static let common: [GenAIAttribute] = [
        .operation, .provider, .requestModel, .responseModel, .serverAddress, .serverPort,
    ]

    /// The metrics of a kind of span in a version of the conventions.
    static func all(_ conventions: Conventions, of type: SpanType) -> [GenAIMetricDefinition] {
        switch conventions {
        // v1.41.1 has the same metrics for all operations.
        case .v1_41_1: [duration("gen_ai.client.operation"), tokenUsage] + chunks("gen_ai.client.operation")
        case .v0_1_0: ofRelease0_1_0(type)
        }
    }

    /// All metrics of a version.
    static func all(_ conventions: Conventions) -> [GenAIMetricDefinition] {
        var names: Set<String> = []
        return SpanType.allCases.flatMap { all(conventions, of: $0) }.filter { names.insert($0.name).inserted }
    }

    private static func ofRelease0_1_0(_ type: SpanType) -> [GenAIMetricDefinition] {
        switch type {
        case .inference:
            [duration("gen_ai.client.inference")] + chunks("gen_ai.client.inference")
                + Tokens.allCases.map { tokens in
                    .init(
                        name: "gen_ai.client.inference.usage.\(tokens.suffix)",
                        description: tokens.description,
                        unit: "{token}",
                        measure: .usage(tokens),
                        bounds: nil,
                        attributes: common + [.tokenModality]
                    )
                }
                + [Tokens.input, .output].map { operationTokens("gen_ai.client.inference", $0) }
        case .embeddings: [duration("gen_ai.client.embeddings"), operationTokens("gen_ai.client.embeddings", .input)]
        case .retrieval: [duration("gen_ai.retrieval", [.provider, .errorType])]
        case .tool: [duration("gen_ai.execute_tool", [.toolName, .toolType, .agentName, .errorType])]
        case .localAgent:
            [
                duration("gen_ai.invoke_agent", [.agentName, .requestModel, .errorType], agentDurationBounds),
                calls("inference", .inferenceCalls, "Number of model calls of an agent."),
                calls("tool", .toolCalls, "Number of tool calls of an agent."),
            ]
        // The name of the duration of remote agents in v0.1.0 is not known. They keep the name of v1.41.1.
        case .remoteAgent, .fetchResponse, .memory: [duration("gen_ai.client.operation")]
        case .plan: []
        }
    }

    private static func duration(
        _ prefix: String,
        _ attributes: [GenAIAttribute] = common + [.errorType],
        _ bounds: [Double] = durationBounds
    ) -> GenAIMetricDefinition {
        .init(
            name: "\(prefix).duration",
            description: "GenAI operation duration.",
            unit: "s",
            measure: .duration,
            bounds: bounds,
            attributes: attributes
        )
    }

    private static func chunks(_ prefix: String) -> [GenAIMetricDefinition] {
        [
            .init(
                name: "\(prefix).time_to_first_chunk",
                description: "Time from the request to the first chunk of the answer.",
                unit: "s",
                measure: .timeToFirstChunk,
                bounds: durationBounds,
                attributes: common
            ),
            .init(
                name: "\(prefix).time_per_output_chunk",
                description: "Time from one chunk of the answer to the next.",
                unit: "s",
                measure: .timePerOutputChunk,
                bounds: durationBounds,
                attributes: common
            ),
        ]
    }

    private static let tokenUsage = GenAIMetricDefinition(
        name: "gen_ai.client.token.usage",
        description: "Number of input and output tokens used.",
        unit: "{token}",
        measure: .tokens,
        bounds: tokenBounds,
        attributes: common + [.tokenType]
    )

    private static func operationTokens(_ prefix: String, _ tokens: Tokens) -> GenAIMetricDefinition {
        .init(
            name: "\(prefix).operation.\(tokens.suffix)",
            description: "\(tokens.description.dropLast()), of one call.",
            unit: "{token}",
            measure: .operationTokens(tokens),
            bounds: tokenBounds,
            attributes: common + [.errorType]
        )
    }

    private static func calls(_ kind: String, _ measure: Measure, _ description: String) -> GenAIMetricDefinition {
        .init(
            name: "gen_ai.invoke_agent.\(kind)_calls",
            description: description,
            unit: "{\(kind)_call}",
            measure: measure,
            bounds: callCountBounds,
            attributes: [.agentName, .errorType]
        )
    }

    /// The durations of MCP operations, the same in both versions.
    static func mcp(isServer: Bool, _ kind: String) -> GenAIMetricDefinition {
        .init(
            name: "mcp.\(isServer ? "server" : "client").\(kind).duration",
            description: "Duration of an MCP \(kind).",
            unit: "s",
            measure: .duration,
            bounds: mcpDurationBounds,
            attributes: kind == "session"
                ? [.mcpProtocol, .networkTransport, .serverAddress, .serverPort, .errorType]
                : [
                    .mcpMethod, .toolName, .promptName, .operation, .mcpProtocol, .networkTransport, .serverAddress,
                    .serverPort,
                    .rpcStatus, .errorType,
                ]
        )
    }
}
